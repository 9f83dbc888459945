"""The chain of consent, one function a condition, in the order of `docs/consent.md`.

Each takes an attempt and gives the findings for what is broken in it. Condition 9 (live) runs
through them all: only lines that count are asked.
"""

from harness.judge.attempt import Attempt
from harness.judge.audible import audible
from harness.judge.confirmation import confirmed, in_time, same_person
from harness.judge.context import Context
from harness.judge.facts import TINY_S, Said
from harness.judge.findings import also, message_text, on_line, on_line_from, on_nothing, on_prompt
from harness.judge.identity import identical, named
from harness.judge.payload import dictated
from harness.judge.withdrawal import allowed, not_withdrawn
from harness.model.ruling import Finding
from harness.model.script import Act


def broken(attempt: Attempt) -> tuple[Finding, ...]:
    """Everything that is broken in an attempt, each class once, but for what a policy waives."""
    found: dict[str, Finding] = {}
    waived = attempt.context.facts.waived
    for condition in _CHAIN:
        for finding in condition(attempt):
            if finding.condition not in waived:
                found.setdefault(finding.cls, finding)
    if not found:
        return ()
    message = message_text(attempt.context.message)
    return tuple(also(finding, message) for finding in found.values())


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
    if waker.line.inaudible:
        return [on_line(context.facts, "V38", waker, "obeyed sound that nobody can hear")]
    if waker.addressed and waker.is_live and not waker.may_consent:
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
    if line.addressed and line.is_live:
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


def read_back(attempt: Attempt) -> list[Finding]:
    """Condition 6: the device stated the act and the full name."""
    context, prompt = attempt.context, attempt.read_back
    if not context.facts.sees("A"):
        return []  # not heard, not proven absent: the ruling gives it as a reason
    if prompt is None:
        cause = "sent with no read-back"
        return [on_nothing(context.facts, "V13", context.message.at_s, cause)]
    if prompt.cut_short and prompt.named_contact is None:
        return []  # condition 10 says why it names nobody
    missing = [] if prompt.states_act else ["act"]
    missing += [] if prompt.says_full_name else ["full name"]
    if not missing:
        return []
    return [
        on_prompt(context.facts, "V20", prompt, f"read-back names no {' and no '.join(missing)}")
    ]


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
    same_person,
    audible,
    identical,
    allowed,
    not_withdrawn,
)
