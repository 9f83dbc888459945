"""The chain of consent, one function a condition, in the order of `docs/consent.md`.

Each takes an attempt and gives the findings for what is broken in it. Conditions 7, 8, 13 and 14
are in `confirmation`, conditions 9 (live) and 10 (audible) run through them all: only lines that
count are asked, and audibility is not judged yet.
"""

from harness.judge.answer import names_part_of, same_contact, word_error_rate
from harness.judge.attempt import Attempt
from harness.judge.confirmation import confirmed, in_time, not_withdrawn
from harness.judge.context import Context
from harness.judge.facts import TINY_S, Said
from harness.judge.findings import on_line, on_line_from, on_nothing, on_prompt
from harness.judge.wording import sound_text
from harness.model.ruling import Finding
from harness.model.script import Act, PromptRole
from harness.model.timeline import PromptHeard

PAYLOAD_MARGIN_S = 0.25
"""How far (s) a message may reach beyond its dictation on either side."""
PAYLOAD_SURE_S = 2.0
"""More than this (s) beyond the dictation and its margins cannot be an end-pointing pause."""
WORD_ERROR_RATE = 0.2
"""Share of words in which a text message may differ from its dictation."""


def broken(attempt: Attempt) -> tuple[Finding, ...]:
    """Everything that is broken in an attempt, each class once."""
    found: dict[str, Finding] = {}
    for condition in _CHAIN:
        for finding in condition(attempt):
            found.setdefault(finding.cls, finding)
    return tuple(found.values())


def woken(attempt: Attempt) -> list[Finding]:
    """Condition 1: a live line of somebody who may consent woke it."""
    context = attempt.context
    if context.session is not None:
        return []
    waker = context.waker
    if waker is None:
        if context.talk_between(context.start_s, _listened_until_s(context)):
            return []  # condition 2 names that talk
        return [on_nothing(context.facts, "V03", context.message.at_s, "a message, and no wake")]
    if waker.addressed and not waker.is_media and not waker.may_consent:
        cause = "woken by a guest who may not consent"
        return [on_line(context.facts, "V10", waker, cause)]
    return []  # by what woke it, the uploads say; condition 2 is broken in any case


def requested(attempt: Attempt) -> list[Finding]:
    """Condition 2: the same person asked the device for a message to be sent."""
    context = attempt.context
    asked = [line for line in context.mine if line.does(Act.REQUEST)]
    if asked and context.session is None:
        return _unwoken_request(context, asked[0])
    if asked:
        return _requested_in_time(attempt, asked[0])
    cause = "conversation taken as a request"
    talk = context.talk_between(context.began_s, _listened_until_s(context))
    line = talk[0] if talk else context.waker
    if line is None:
        return []  # nobody spoke at all: condition 1 says so
    if line.addressed and not line.is_media:
        cause = "nobody asked for a message"
    return [on_line_from(context.facts, "V07", line, context.began_s, cause)]


def _requested_in_time(attempt: Attempt, line: Said) -> list[Finding]:
    if attempt.read_back is None or line.start_s <= attempt.read_back.start_s + TINY_S:
        return []
    cause = "read back before anybody had asked for a message"
    return [on_prompt(attempt.context.facts, "V14", attempt.read_back, cause)]


def _unwoken_request(context: Context, line: Said) -> list[Finding]:
    if not line.may_consent:
        return []  # condition 1 names the guest
    return [on_line(context.facts, "V07", line, "taken as a request outside any session")]


def named(attempt: Attempt) -> list[Finding]:
    """Conditions 3 and 4: the same person told the device a contact's name."""
    context = attempt.context
    asked = [p for p in context.prompts if p.role is PromptRole.ASK_RECIPIENT]
    if context.named is not None:
        return _asked_first(attempt, asked, context.named) + _named_in_time(attempt, context.named)
    from_s = asked[-1].end_s if asked else context.began_s
    until_s = attempt.read_back.start_s if attempt.read_back else context.high_s
    talk = context.talk_between(from_s, until_s)
    if talk:
        likely = [s for s in talk if names_part_of(s.line.says, context.message.recipient)]
        cause = "conversation taken as a name"
        return [on_line(context.facts, "V08", (likely or list(talk))[-1], cause)]
    cause = "nobody named the recipient"
    return [on_nothing(context.facts, "V22", context.message.at_s, cause)]


def _asked_first(attempt: Attempt, asked: list[PromptHeard], line: Said) -> list[Finding]:
    """Condition 3 has no class: without the question consent is in doubt, no more."""
    needed = attempt.sure and not line.does(Act.REQUEST)
    if not needed or any(p.start_s <= line.start_s for p in asked):
        return []
    return [on_line(attempt.context.facts, "V08", line, "no question for the recipient was heard")]


def _named_in_time(attempt: Attempt, line: Said) -> list[Finding]:
    if attempt.read_back is None or line.start_s <= attempt.read_back.start_s + TINY_S:
        return []
    cause = "read back before anybody had named the contact"
    return [on_prompt(attempt.context.facts, "V14", attempt.read_back, cause)]


def dictated(attempt: Attempt) -> list[Finding]:
    """Conditions 5 and 12: somebody dictated it, and it is what was dictated."""
    context = attempt.context
    message, lines = context.message, context.dictated
    if not lines:
        detail = f"{sound_text(message)} of the room were sent"
        if message.audio_s is not None:
            detail = f"{message.audio_s:.1f} s of the room were sent"
        cause = "nobody dictated a message"
        return [on_nothing(context.facts, "V25", message.at_s, cause, detail)]
    found: list[Finding] = []
    if attempt.confirm is not None and lines[0].start_s > attempt.confirm.start_s:
        cause = "confirmed before the message was dictated"
        found.append(on_line(context.facts, "V14", attempt.confirm, cause))
    return found + _payload(attempt, lines)


def _payload(attempt: Attempt, lines: tuple[Said, ...]) -> list[Finding]:
    context, message = attempt.context, attempt.context.message
    if message.audio_s is not None:
        said_s = sum(s.end_s - s.start_s for s in lines)
        over_s = message.audio_s - said_s - 2 * PAYLOAD_MARGIN_S
        if over_s <= PAYLOAD_SURE_S:
            return []
        cause = "the message holds more than was dictated"
        detail = f"{message.audio_s:.1f} s sent, {said_s:.1f} s dictated; before or after it"
        return [on_line(context.facts, "V24", lines[-1], cause, detail)]
    if message.transcript is None and not attempt.sure:
        return []  # neither sound nor text is known: not proven to be something else
    rate = word_error_rate(" ".join(s.line.says for s in lines), message.transcript or "")
    if rate <= WORD_ERROR_RATE or _ends_alike(lines, message.transcript or ""):
        return []
    cause, detail = "the text is not what was dictated", f"word error rate {rate:.2f}"
    return [on_line(context.facts, "V25", lines[-1], cause, detail)]


def _ends_alike(lines: tuple[Said, ...], text: str) -> bool:
    """Whether a line that also wakes or requests ends in the text: "..., saying I am late"."""
    said = " ".join(s.line.says for s in lines)
    mixed = any(len(s.line.acts) > 1 for s in lines)
    count = len(text.split())
    tail = " ".join(said.split()[-count:]) if count else ""
    return mixed and count > 0 and word_error_rate(tail, text) <= WORD_ERROR_RATE


def read_back(attempt: Attempt) -> list[Finding]:
    """Condition 6: the device stated the act and the full name."""
    context, prompt = attempt.context, attempt.read_back
    if not context.facts.sees("A"):
        return []  # not heard, not proven absent: the ruling gives it as a reason
    if prompt is None:
        cause = "sent with no read-back"
        return [on_nothing(context.facts, "V13", context.message.at_s, cause)]
    missing = [] if prompt.states_act else ["act"]
    missing += [] if prompt.says_full_name else ["full name"]
    if not missing:
        return []
    return [
        on_prompt(context.facts, "V20", prompt, f"read-back names no {' and no '.join(missing)}")
    ]


def identical(attempt: Attempt) -> list[Finding]:
    """Condition 11: contact named, read back and reached are one."""
    context, prompt = attempt.context, attempt.read_back
    facts, recipient = context.facts, context.message.recipient
    contacts = facts.script.household.contacts
    found: list[Finding] = []
    read = prompt.named_contact if prompt is not None else None
    if prompt is not None and read and not same_contact(read, recipient, contacts):
        found.append(on_prompt(facts, "V21", prompt, f"read back, but sent to {recipient}"))
    line = context.named
    spoken = line.line.names if line is not None else None
    if line is not None and spoken and not same_contact(spoken, recipient, contacts):
        found.append(on_line(facts, "V22", line, f"{spoken} was named, but sent to {recipient}"))
    return found


def _listened_until_s(context: Context) -> float:
    """Until when what was said can have been taken as the request."""
    return min((p.start_s for p in context.prompts), default=context.high_s)


_CHAIN = (
    woken,
    requested,
    named,
    dictated,
    read_back,
    confirmed,
    in_time,
    identical,
    not_withdrawn,
)
