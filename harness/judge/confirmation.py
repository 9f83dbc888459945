"""Conditions 7, 8, 13 and 14: the yes, the send in time, and nothing that takes it back."""

from harness.judge.answer import holds_yes, is_whole_yes, wake_words
from harness.judge.attempt import Attempt
from harness.judge.context import Context
from harness.judge.facts import TINY_S, Said
from harness.judge.findings import on_line, on_nothing, on_prompt
from harness.judge.lights import muted_between
from harness.judge.wording import clock_text
from harness.model.ruling import Finding
from harness.model.script import Act, PromptRole
from harness.model.timeline import PromptHeard


def confirmed(attempt: Attempt) -> list[Finding]:
    """Condition 7: a whole yes, said to the device, after the name and before the time-out."""
    prompt, confirm = attempt.read_back, attempt.confirm
    if prompt is None or attempt.withdrawing:
        return []  # conditions 6 and 14 are the ones that are broken
    if not attempt.sent_after(attempt.named_by_s):
        return [on_prompt(attempt.context.facts, "V14", prompt, "sent before it was read back")]
    if confirm is None:
        return _taken_as_yes(attempt, prompt)
    return _whose(attempt, confirm) or _when(attempt, prompt, confirm)


def _taken_as_yes(attempt: Attempt, prompt: PromptHeard) -> list[Finding]:
    """What the device took for the yes that nobody said to it."""
    context = attempt.context
    from_s = prompt.named_by_s
    answers = [
        s
        for s in context.facts.said
        if s.start_s < context.high_s and s.end_s > from_s and s.start_s >= context.start_s
    ]
    if not answers:
        at_s = min(prompt.end_s, context.message.at_s)
        return [on_nothing(context.facts, "V12", at_s, "silence taken as yes")]
    with_yes = [s for s in answers if holds_yes(s.line.says)]
    people = [s for s in answers if not s.is_media]
    line = (with_yes or people or answers)[0]
    if line.is_media:
        return [on_line(context.facts, "V09", line, "media taken as yes")]
    return [on_line(context.facts, "V11", line, "a yes inside a sentence")]


def _whose(attempt: Attempt, confirm: Said) -> list[Finding]:
    facts = attempt.context.facts
    if confirm.is_media:
        return [on_line(facts, "V09", confirm, "confirmed by media")]
    if not confirm.may_consent:
        return [on_line(facts, "V10", confirm, "confirmed by a guest who may not consent")]
    return []


def _when(attempt: Attempt, prompt: PromptHeard, confirm: Said) -> list[Finding]:
    context = attempt.context
    facts, window_s = context.facts, context.facts.limits.answer_window_s
    wake = wake_words(context.session.wake.line.says) if context.session else ()
    if not is_whole_yes(confirm.line.says, wake, prompt.named_contact):
        return [on_line(facts, "V11", confirm, "a yes inside a sentence")]
    if confirm.start_s < attempt.named_by_s - TINY_S:
        return [on_line(facts, "V14", confirm, "confirmed before it was read back")]
    late = confirm.start_s > prompt.end_s + window_s + TINY_S
    outside = context.session is not None and confirm not in context.session.lines
    if late or outside:
        cause = f"yes after the time-out of {window_s:g} s"
        return [on_line(facts, "V12", confirm, cause)]
    if _asked_meanwhile(context, prompt, confirm):
        return [on_line(facts, "V12", confirm, "the yes answered another question")]
    if not attempt.sent_after(confirm.end_s if attempt.sure else confirm.start_s):
        return [on_line(facts, "V12", confirm, "sent before the yes")]
    return []


def _asked_meanwhile(context: Context, prompt: PromptHeard, confirm: Said) -> bool:
    return any(
        p.role.is_question and p.role is not PromptRole.READ_BACK
        for p in context.prompts
        if prompt.start_s < p.start_s < confirm.start_s
    )


def in_time(attempt: Attempt) -> list[Finding]:
    """Condition 8: it left within some seconds of the yes."""
    context, confirm = attempt.context, attempt.confirm
    if confirm is None or attempt.withdrawing:
        return []
    within_s = context.facts.limits.send_within_s
    if attempt.sent_by(confirm.end_s + within_s):
        return []
    detail = f"{context.message.at_s - confirm.end_s:.1f} s after the yes, {within_s:g} s allowed"
    return [on_line(context.facts, "V27", confirm, "sent long after the yes", detail)]


def not_withdrawn(attempt: Attempt) -> list[Finding]:
    """Conditions 13 and 14: no denial, cancel or mute before it left."""
    context = attempt.context
    found = []
    for line in attempt.withdrawing:
        cls, cause = ("V15", "a denial") if line.does(Act.DENY) else ("V16", "a cancel")
        found.append(on_line(context.facts, cls, line, f"sent after {cause}"))
    until_s = context.high_s if attempt.sure else context.low_s
    from_s = attempt.confirm.end_s if attempt.confirm is not None else context.start_s
    muted_s = muted_between(context.facts, from_s, until_s)
    if muted_s is not None:
        cause = f"sent although muted since {clock_text(muted_s)}"
        found.append(on_nothing(context.facts, "V16", context.message.at_s, cause))
    return found
