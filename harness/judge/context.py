"""What a message hangs on: the session or the accidental activation in which it left."""

from dataclasses import dataclass

from harness.judge.facts import Facts, Said
from harness.judge.sessions import Session
from harness.judge.uploads import Activation, waking_line
from harness.model.script import Act, PromptRole
from harness.model.timeline import MessageReceived, PromptHeard

ASKS_WHOM = (PromptRole.ASK_RECIPIENT, PromptRole.ASK_WHICH)
"""Questions that a contact's name answers."""
_NEVER_READ_BACK = (
    PromptRole.SENT,
    PromptRole.CANCELLED,
    PromptRole.ASK_MESSAGE,
    PromptRole.ASK_RECIPIENT,
    PromptRole.ASK_WHICH,
    PromptRole.ASK_REQUEST,
)


@dataclass(frozen=True, slots=True)
class Context:
    """One message, and everything said and heard between what began it and its arrival.

    `start_s`: when the session or activation began. `began_s`: when the device began to listen.
    `addressed`: lines to the device, in time, whoever said them; `talk`: everything else.
    `waker`: the line that woke the device, None where nobody spoke. `mine`: lines that count.
    `read_backs`: prompts that could be the read-back.
    """

    facts: Facts
    message: MessageReceived
    session: Session | None
    waker: Said | None
    start_s: float
    began_s: float
    prompts: tuple[PromptHeard, ...]
    addressed: tuple[Said, ...]
    talk: tuple[Said, ...]
    mine: tuple[Said, ...]
    read_backs: tuple[PromptHeard, ...]

    @property
    def low_s(self) -> float:
        """The earliest moment at which the message can have arrived."""
        return self.message.at_s - self.message.uncertainty_s

    @property
    def high_s(self) -> float:
        """The latest moment at which the message can have arrived."""
        return self.message.at_s + self.message.uncertainty_s

    @property
    def confirms(self) -> tuple[Said, ...]:
        """Lines to the device that are meant as a yes, whoever said them."""
        return tuple(line for line in self.addressed if Act.CONFIRM in line.line.acts)

    def talk_between(self, from_s: float, until_s: float) -> tuple[Said, ...]:
        """Conversation and media that sounded in a span (s)."""
        return tuple(s for s in self.talk if s.start_s < until_s and s.end_s > from_s)


def of_session(facts: Facts, message: MessageReceived, session: Session, until_s: float) -> Context:
    """The message as one of a session; `until_s`: when the next session begins (s)."""
    first = next(facts.near.uploads.from_on(session.start_s), None)
    end_s = min(message.at_s + message.uncertainty_s, until_s)
    began = first is not None and first.start_s < end_s
    began_s = first.start_s if first is not None and began else session.wake.end_s
    return _context(facts, message, session, session.wake, session.start_s, began_s, until_s)


def of_activation(facts: Facts, message: MessageReceived, activation: Activation) -> Context:
    """The message as one of an accidental activation."""
    start_s = activation.start_s
    return _context(facts, message, None, activation.waker, start_s, start_s, float("inf"))


def bare(facts: Facts, message: MessageReceived, after_s: float) -> Context:
    """The message where no upload tells what began it: the device's own questions may.

    Only what was heard after `after_s` is looked at: what came before belongs to a session.
    """
    start_s = message.at_s - message.uncertainty_s
    reach_s = facts.limits.answer_window_s + facts.limits.wake_reach_s
    for prompt in reversed(facts.prompts):
        if after_s < prompt.start_s <= start_s and prompt.end_s + reach_s >= start_s:
            start_s = prompt.start_s
    waker = waking_line(facts, start_s)
    if waker is not None and waker.start_s <= after_s:
        waker = None
    return _context(facts, message, None, waker, start_s, start_s, float("inf"))


def _context(
    facts: Facts,
    message: MessageReceived,
    session: Session | None,
    waker: Said | None,
    start_s: float,
    began_s: float,
    until_s: float,
) -> Context:
    end_s = min(message.at_s + message.uncertainty_s, until_s)
    from_s = min(start_s, waker.start_s) if waker is not None else start_s
    begun = facts.near.said.touching(from_s, end_s)
    said = [s for s in begun if s.start_s <= end_s and s.end_s > from_s]
    prompts = tuple(facts.near.prompts.beginning(start_s, end_s))
    addressed = tuple(s for s in said if s.voice.addressed)
    return Context(
        facts=facts,
        message=message,
        session=session,
        waker=waker,
        start_s=start_s,
        began_s=began_s,
        prompts=prompts,
        addressed=addressed,
        talk=tuple(s for s in said if not s.voice.addressed),
        mine=_that_count(message, session, addressed),
        read_backs=tuple(p for p in prompts if _could_be_read_back(p)),
    )


def _could_be_read_back(prompt: PromptHeard) -> bool:
    """Whether it names a contact, or is a read-back that broke off before it did."""
    if prompt.named_contact is None:
        return prompt.role is PromptRole.READ_BACK and prompt.cut_short is True
    return prompt.role not in _NEVER_READ_BACK


def _that_count(
    message: MessageReceived, session: Session | None, addressed: tuple[Said, ...]
) -> tuple[Said, ...]:
    """What was said to the device by people before the arrival.

    Within a session only by who may consent; outside any, condition 1 is broken already.
    """
    if session is None:
        return tuple(line for line in addressed if line.is_live)
    high_s = message.at_s + message.uncertainty_s
    lines = session.lines
    return tuple(s for s in lines if s.start_s <= high_s and s.voice.may_consent)
