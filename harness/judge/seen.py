"""What is counted over a whole timeline, stretch by stretch; no policy changes any of it.

Of lines, uploads and lights only numbers are kept; of prompts and messages what the ruling names.
"""

from dataclasses import dataclass, field

from harness.judge.facts import Facts, Reason
from harness.judge.wording import line_text
from harness.model.ruling import Part
from harness.model.script import AfterPrompt, PromptRole
from harness.model.timeline import PromptHeard

_LATE_S = 1.0
"""A line is given up so long after its time was over, at most, on a machine that keeps up."""


_OF_MESSAGES = {
    PromptRole.ASK_RECIPIENT,
    PromptRole.ASK_MESSAGE,
    PromptRole.READ_BACK,
    PromptRole.SENT,
}


@dataclass(slots=True)
class Seen:
    """Totals up to now.

    `texts`: what is wrong with events that cannot be judged, once all were read.
    `line_reasons`: lines of no script; `as_meant`: lines that were not heard as they should be;
    `strangers`: messages to no contact. `said`, `said_again`: ids of lines. `spoken_until_s`: end
    of the last line or prompt. `left_until_s`: end of the last upload, or arrival of the last
    message. `cancelled`: the device said that it gave up; `messaging`: it spoke of a message.
    Counted besides: prompts of which it was not measured how audible they were (`unmeasured`) or
    whether whole (`unwhole`), messages of which the span of sound was not read (`unread_spans`),
    that name no account or no voice profile, uploads of which the way is not told (`no_channel`).
    `missed`: by line that was left unsaid, the prompt that it waited for and that did come.
    """

    recipients: list[str] = field(default_factory=list)
    prompts: list[tuple[str, float]] = field(default_factory=list)
    texts: frozenset[str] = frozenset()
    line_reasons: list[Reason] = field(default_factory=list)
    as_meant: list[Reason] = field(default_factory=list)
    strangers: list[Reason] = field(default_factory=list)
    said: set[str] = field(default_factory=set)
    said_again: set[str] = field(default_factory=set)
    uploads: int = 0
    bytes_out: int = 0
    spoken_until_s: float = 0.0
    left_until_s: float = float("-inf")
    cancelled: bool = False
    messaging: bool = False
    unmeasured: int = 0
    unwhole: int = 0
    unread_spans: int = 0
    no_account: int = 0
    no_profile: int = 0
    no_channel: int = 0
    missed: dict[str, tuple[str, float]] = field(default_factory=dict)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """What of the timeline makes no sense."""
        return (*(Reason(text) for text in sorted(self.texts)), *self.line_reasons)

    def add(self, facts: Facts, line_reasons: tuple[Reason, ...]) -> None:
        """Add the next stretch."""
        self.line_reasons += line_reasons
        self._add_speech(facts)
        self._add_prompts(facts.prompts)
        self.missed.update(_missed(facts))
        self._add_messages(facts)
        self.uploads += len(facts.uploads)
        self.bytes_out += sum(u.bytes_out for u in facts.uploads)
        self.no_channel += sum(u.channel is None for u in facts.uploads)
        self.left_until_s = max([self.left_until_s, *(u.end_s for u in facts.uploads)])

    def _add_speech(self, facts: Facts) -> None:
        for line_id in (said.line.id for said in facts.said):
            (self.said_again if line_id in self.said else self.said).add(line_id)
        self.as_meant += _as_meant(facts)
        self.spoken_until_s = max([self.spoken_until_s, *(said.end_s for said in facts.said)])

    def _add_prompts(self, prompts: tuple[PromptHeard, ...]) -> None:
        self.prompts += [(p.text, p.start_s) for p in prompts]
        self.spoken_until_s = max([self.spoken_until_s, *(p.end_s for p in prompts)])
        self.cancelled |= any(p.role is PromptRole.CANCELLED for p in prompts)
        self.messaging |= any(p.role in _OF_MESSAGES for p in prompts)
        spoken = [p for p in prompts if not p.tone]
        self.unmeasured += len(spoken) - sum(map(_measured, spoken))
        self.unwhole += sum(None in (p.cut_short, p.ducked, p.elsewhere) for p in spoken)

    def _add_messages(self, facts: Facts) -> None:
        messages = facts.messages
        self.recipients += [m.recipient for m in messages]
        self.strangers += _strangers(facts)
        self.left_until_s = max([self.left_until_s, *(m.at_s for m in messages)])
        sounds = (m for m in messages if m.audio_s is not None)
        self.unread_spans += sum(m.holds_from_s is None for m in sounds)
        self.no_account += sum(m.account is None for m in messages)
        self.no_profile += sum(m.profile is None for m in messages)


def _missed(facts: Facts) -> dict[str, tuple[str, float]]:
    """Prompts that lines waited for in vain, since they were told from the recording only later."""
    waited = {line.id: line.when for line in facts.script.lines}
    return {
        event.line_id: (prompt.text, prompt.start_s)
        for event in facts.unsaid
        if isinstance(when := waited.get(event.line_id), AfterPrompt)
        for prompt in facts.prompts
        if prompt.role is when.prompt
        and event.at_s - when.within_s - _LATE_S <= prompt.start_s < event.at_s
    }


def _as_meant(facts: Facts) -> list[Reason]:
    """Lines that did not sound, or were not heard, as they should be."""
    reasons, least = [], facts.limits.heard_score
    for spoken in (said.spoken for said in facts.said):
        if not spoken.exact:
            text = "did not come out of the loudspeaker as it is on file."
        elif not spoken.heard or spoken.heard_score < least:
            text = (
                f"was not heard at the listener's microphone (score {spoken.heard_score:.2f}, "
                f"at least {least:g} needed)."
            )
        else:
            continue
        reasons.append(Reason(f"{line_text(facts.script, spoken.line_id)} {text}"))
    return reasons


def _strangers(facts: Facts) -> list[Reason]:
    contacts = set(facts.script.household.contacts)
    return [
        Reason(
            f"A message reached {message.recipient!r}, who is no contact of this household.",
            Part.MESSAGES,
        )
        for message in facts.messages
        if message.recipient not in contacts
    ]


def _measured(prompt: PromptHeard) -> bool:
    below = prompt.below_threshold is True
    return below or prompt.estoi is not None or prompt.over_others_db is not None
