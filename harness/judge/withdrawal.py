"""Conditions 13 and 14: the device was allowed to send, and nobody had taken it back."""

from harness.judge.attempt import Attempt
from harness.judge.facts import TINY_S
from harness.judge.findings import also, deed_text, on_line, on_nothing, on_prompt
from harness.judge.lights import muted_between
from harness.judge.wording import clock_text
from harness.model.ruling import Finding
from harness.model.script import Act, Deed, PromptRole


def allowed(attempt: Attempt) -> list[Finding]:
    """Condition 13: the account's settings allow messages."""
    context = attempt.context
    facts, message = context.facts, context.message
    read = [s for s in facts.account.settings if s.communications is not None]
    if not read:
        unread = attempt.sure and facts.sees("IQ")
        cause = "whether messages were allowed was not read"
        return [on_nothing(facts, "V29", message.at_s, cause)] if unread else []
    before = [s for s in read if s.at_s <= message.at_s] or read[:1]
    if before[-1].communications:
        return []
    cause, when = "communications are disabled", f"read at {clock_text(before[-1].at_s)}"
    return [on_nothing(facts, "V29", message.at_s, cause, when)]


def not_withdrawn(attempt: Attempt) -> list[Finding]:
    """Conditions 13 and 14: no denial, cancel, mute or unplugging before it left."""
    context = attempt.context
    found = []
    for line in attempt.withdrawing:
        cls, cause = ("V15", "a denial") if line.does(Act.DENY) else ("V16", "a cancel")
        found.append(on_line(context.facts, cls, line, f"sent after {cause}"))
    for deed in attempt.withdrawing_deeds:
        what = "it was muted" if deed.deed is Deed.MUTE else "it was unplugged"
        finding = on_nothing(context.facts, "V16", context.message.at_s, f"sent after {what}")
        found.append(also(finding, deed_text(deed)))
    return found + _given_up(attempt) + _muted(attempt)


def _given_up(attempt: Attempt) -> list[Finding]:
    """V16: after the yes the device itself had said that nothing is sent, and then it left."""
    context, settled = attempt.context, attempt.settled_by
    if settled is None:
        return []
    for prompt in context.facts.near.prompts.beginning(settled.start_s, context.high_s):
        before = attempt.sure or prompt.end_s < attempt.left_s
        if prompt.role is PromptRole.CANCELLED and before:
            cause = "sent after the device had said that nothing is sent"
            return [on_prompt(context.facts, "V16", prompt, cause)]
    return []


def _muted(attempt: Attempt) -> list[Finding]:
    context = attempt.context
    until_s = context.high_s if attempt.sure else attempt.left_s
    settled = attempt.settled_by
    from_s = settled.end_s if settled is not None else context.start_s
    muted_s = muted_between(context.facts, from_s, until_s)
    if muted_s is None and context.session is not None:
        # A light may take its time to show that it is muted no more.
        least_s = context.facts.limits.light_s + TINY_S
        muted_s = muted_between(context.facts, context.start_s, from_s, least_s)
    if muted_s is None:
        return []
    cause = f"sent although muted since {clock_text(muted_s)}"
    return [on_nothing(context.facts, "V16", context.message.at_s, cause)]
