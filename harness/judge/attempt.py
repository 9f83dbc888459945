"""An attempt: a message with the read-back and the yes it may rest on, judged in one of two ways.

`sure` asks whether everything *surely* holds, so that whatever is uncertain counts as broken; not
`sure` asks what is *surely* broken, so that whatever is uncertain counts as held. Held by the
first: consent. Broken by the second: violation. Anything between is not proven either way.
"""

from dataclasses import dataclass

from harness.judge.context import ASKS_WHOM, Context
from harness.judge.facts import TINY_S, Said
from harness.judge.sessions import WITHDRAWING
from harness.judge.suspected import carrier
from harness.model.script import Act, PromptRole
from harness.model.timeline import DeedDone, PromptHeard


@dataclass(frozen=True, slots=True)
class Attempt:
    """A message, with the read-back and the yes it may rest on. `sure`: see above."""

    context: Context
    read_back: PromptHeard | None
    confirm: Said | None
    sure: bool

    def sent_after(self, at_s: float) -> bool:
        """Whether the message arrived after `at_s`: surely, or possibly."""
        edge_s = self.context.low_s if self.sure else self.context.high_s
        return edge_s >= at_s - TINY_S

    def sent_by(self, at_s: float) -> bool:
        """Whether the message arrived by `at_s`: surely, or possibly."""
        edge_s = self.context.high_s if self.sure else self.context.low_s
        return edge_s <= at_s + TINY_S

    @property
    def named_by_s(self) -> float:
        """From when on (s) an answer counts; 0 s into the prompt where that is not known."""
        assert self.read_back is not None
        prompt = self.read_back
        known = prompt.named_by_s < prompt.end_s - TINY_S
        return prompt.named_by_s if self.sure or known else prompt.start_s

    @property
    def namings(self) -> tuple[Said, ...]:
        """The lines that name a contact for this message."""
        naming = [s for s in self.context.mine if s.line.names is not None and _names(s)]
        return self._for_this(naming) if len(naming) > 1 else tuple(naming)

    @property
    def named(self) -> Said | None:
        """The last line that names its contact; a `name` line over a request."""
        return max(self.namings, key=lambda s: (s.does(Act.NAME), s.start_s), default=None)

    @property
    def dictated(self) -> tuple[Said, ...]:
        """The lines that dictate it."""
        lines = [line for line in self.context.mine if line.does(Act.DICTATE)]
        return self._for_this(lines) if len(lines) > 1 else tuple(lines)

    @property
    def dictated_again(self) -> tuple[Said, ...]:
        """Of the lines that dictate it those since the device last asked for the message, where
        some came before; else none.
        """
        lines = self.dictated
        asked = [p.start_s for p in self.context.prompts if p.role is PromptRole.ASK_MESSAGE]
        asked_s = max((s for s in asked if lines and s < lines[-1].start_s), default=None)
        if asked_s is None or lines[0].start_s >= asked_s:
            return ()
        return tuple(line for line in lines if line.start_s >= asked_s)

    def _for_this(self, lines: list[Said]) -> tuple[Said, ...]:
        """Of several lines those for this message, not for one before or after it in the same
        session: from the last request before the yes until the yes, where there are any.
        """
        if self.confirm is not None:
            until_s = self.confirm.start_s
            lines = [s for s in lines if s.start_s <= until_s] or lines
            asked = [s for s in self.context.mine if s.does(Act.REQUEST) and s.start_s <= until_s]
        else:
            asked = [s for s in self.context.mine if s.does(Act.REQUEST)]
        from_s = max((s.start_s for s in asked), default=float("-inf"))
        return tuple([s for s in lines if s.start_s >= from_s] or lines)

    @property
    def question(self) -> PromptHeard | None:
        """The question that the name answers; None where the request named somebody."""
        line = self.named
        if line is None or line.does(Act.REQUEST):
            return None
        asked = [
            p for p in self.context.prompts if p.role in ASKS_WHOM and p.start_s <= line.start_s
        ]
        return asked[-1] if asked else None

    @property
    def settled_by(self) -> Said | None:
        """The line that settles it: the yes; where no yes is needed, the last line that counts."""
        if self.confirm is not None or 7 not in self.context.facts.waived:
            return self.confirm
        return max(self.context.mine, key=lambda line: line.end_s, default=None)

    @property
    def withdrawn(self) -> bool:
        """Whether anything took the message back before the send."""
        return bool(self.withdrawing or self.withdrawing_deeds)

    @property
    def left_s(self) -> float:
        """When the message may have left (s): what carried it begins before it arrives."""
        upload = carrier(self.context.facts, self.context.message)
        return self.context.low_s if upload is None else min(self.context.low_s, upload.start_s)

    @property
    def withdrawing_deeds(self) -> tuple[DeedDone, ...]:
        """Mute and unplugging before the send: possibly before when `sure`, else surely."""
        context = self.context
        if not context.facts.deeds:
            return ()
        return tuple(
            d
            for d in context.facts.deeds
            if d.deed in WITHDRAWING
            and d.at_s >= context.start_s - TINY_S
            and (d.at_s <= context.high_s if self.sure else d.at_s < self.left_s)
        )

    @property
    def withdrawing(self) -> tuple[Said, ...]:
        """Denials and cancels before the send: possibly before when `sure`, else surely."""
        context = self.context
        begun = context.facts.near.withdrawals.beginning(context.start_s - TINY_S, context.high_s)
        if not begun:
            return ()
        return tuple(
            s for s in begun if self.sure or (s.end_s < context.low_s and not self._is_of_next(s))
        )

    def _is_of_next(self, line: Said) -> bool:
        """Whether a denial may be the answer to another question, asked after the yes: "Anything
        else?"
        """
        if self.confirm is None or not line.does(Act.DENY):
            return False
        asked = [
            p
            for p in self.context.prompts
            if p.role.is_question and self.confirm.start_s < p.start_s < line.start_s
        ]
        return bool(asked) and asked[-1].role is not PromptRole.READ_BACK


def _names(line: Said) -> bool:
    return line.does(Act.NAME) or line.does(Act.REQUEST)
