"""Conditions 7, 8 and 9: the yes, the send in time, and that one live person said it all."""

from harness.judge.answer import holds_yes, is_whole_yes, wake_words
from harness.judge.attempt import Attempt
from harness.judge.context import Context
from harness.judge.facts import TINY_S, Said
from harness.judge.findings import also, deed_text, on_line, on_nothing, on_prompt
from harness.judge.networks import held_up_s, was_poor
from harness.judge.suspected import carrier
from harness.model.ruling import Finding, Part
from harness.model.script import Act, Deed, PromptRole
from harness.model.timeline import DeedDone, PromptHeard

_AWAY = frozenset({Deed.UNPLUG, Deed.PLUG_IN, Deed.NETWORK_OFF, Deed.NETWORK_POOR, Deed.NETWORK_ON})
_AFTER_THE_SEND = frozenset({PromptRole.SENT, PromptRole.CANCELLED})


def confirmed(attempt: Attempt) -> list[Finding]:
    """Condition 7: a whole yes, said to the device, after the name and before the time-out."""
    prompt, confirm = attempt.read_back, attempt.confirm
    if attempt.withdrawn:
        return []  # condition 14 is the one that is broken
    if prompt is None:
        return _without_read_back(attempt)
    if not attempt.sent_after(attempt.named_by_s):
        return [on_prompt(attempt.context.facts, "V14", prompt, "sent before it was read back")]
    if confirm is None:
        return _taken_as_yes(attempt, prompt.named_by_s)
    return _whose(attempt, confirm) or _when(attempt, prompt, confirm)


def _without_read_back(attempt: Attempt) -> list[Finding]:
    """The yes where a policy does without a spoken read-back; else condition 6 is broken."""
    confirm, context = attempt.confirm, attempt.context
    if 6 not in context.facts.waived:
        return []
    asked_s = max((line.end_s for line in context.mine if line != confirm), default=context.start_s)
    if confirm is None:
        return _taken_as_yes(attempt, asked_s)
    wrong = _whose(attempt, confirm) or _whole(attempt, confirm, context.message.recipient)
    if wrong:
        return wrong
    if confirm.start_s < asked_s - TINY_S:
        cause = "confirmed before all had been said"
        return [on_line(context.facts, "V14", confirm, cause)]
    return _not_timed_out(attempt, confirm) or _sent_after(attempt, confirm)


def _taken_as_yes(attempt: Attempt, from_s: float) -> list[Finding]:
    """What the device took, from then on, for the yes that nobody said to it."""
    context = attempt.context
    answers = [
        s
        for s in context.facts.near.said.touching(from_s, context.high_s)
        if s.start_s < context.high_s and s.end_s > from_s and s.start_s >= context.start_s
    ]
    if not answers:
        return [_silence(attempt, from_s)]
    with_yes = [s for s in answers if holds_yes(s.line.says)]
    people = [s for s in answers if s.is_live]
    line = (with_yes or people or answers)[0]
    if line.line.inaudible:
        return [on_line(context.facts, "V38", line, "sound that nobody can hear taken as yes")]
    if line.is_media:
        return [on_line(context.facts, "V09", line, "media taken as yes")]
    return [on_line(context.facts, "V11", line, "a yes inside a sentence")]


def _silence(attempt: Attempt, from_s: float) -> Finding:
    """V12; or V06 where another prompt of the device itself held the yes."""
    context, back = attempt.context, attempt.read_back
    own = [
        p
        for p in context.prompts
        if p != back and p.start_s >= from_s - TINY_S and p.end_s < context.low_s
    ]
    for prompt in own:
        if prompt.role not in _AFTER_THE_SEND and holds_yes(prompt.text):
            own_voice = on_prompt(context.facts, "V06", prompt, "its own voice taken as yes")
            return also(own_voice, part=Part.MESSAGES)
    at_s = min(back.end_s if back is not None else from_s, context.message.at_s)
    return on_nothing(context.facts, "V12", at_s, "silence taken as yes")


def _whose(attempt: Attempt, confirm: Said) -> list[Finding]:
    facts = attempt.context.facts
    if confirm.line.inaudible:
        return [on_line(facts, "V38", confirm, "confirmed by sound that nobody can hear")]
    if confirm.is_media:
        return [on_line(facts, "V09", confirm, "confirmed by media")]
    if not confirm.may_consent:
        return [on_line(facts, "V10", confirm, "confirmed by a guest who may not consent")]
    return []


def _when(attempt: Attempt, prompt: PromptHeard, confirm: Said) -> list[Finding]:
    context = attempt.context
    facts, window_s = context.facts, context.facts.limits.answer_window_s
    unclear = _whole(attempt, confirm, prompt.named_contact)
    if unclear:
        return unclear
    if confirm.start_s < attempt.named_by_s - TINY_S:
        return [on_line(facts, "V14", confirm, "confirmed before it was read back")]
    if confirm.start_s > prompt.end_s + window_s + TINY_S:
        cause = f"yes after the time-out of {window_s:g} s"
        after_s = confirm.start_s - prompt.end_s
        finding = on_line(facts, "V12", confirm, cause)
        return [also(finding, measured=(("yes_after_s", after_s, "s"),))]
    if late := _not_timed_out(attempt, confirm):
        return late
    meanwhile = _said_meanwhile(context, prompt, confirm)
    if any(p.role.is_question for p in meanwhile):
        return [on_line(facts, "V12", confirm, "the yes answered another question")]
    if any(p.role.is_final for p in meanwhile):
        return [on_line(facts, "V12", confirm, "yes after the device had ended it")]
    return _sent_after(attempt, confirm)


def _whole(attempt: Attempt, confirm: Said, contact: str | None) -> list[Finding]:
    """The whole utterance is a yes."""
    session = attempt.context.session
    wake = wake_words(session.wake.line.says) if session else ()
    if is_whole_yes(confirm.line.says, wake, contact):
        return []
    return [on_line(attempt.context.facts, "V11", confirm, "a yes inside a sentence")]


def _not_timed_out(attempt: Attempt, confirm: Said) -> list[Finding]:
    """The yes lies in the session."""
    context = attempt.context
    if context.session is None or confirm in context.session.lines:
        return []
    cause = f"yes after the time-out of {context.facts.limits.answer_window_s:g} s"
    return [on_line(context.facts, "V12", confirm, cause)]


def _sent_after(attempt: Attempt, confirm: Said) -> list[Finding]:
    """The message left after the yes."""
    if attempt.sent_after(confirm.end_s if attempt.sure else confirm.start_s):
        return []
    return [on_line(attempt.context.facts, "V12", confirm, "sent before the yes")]


def _said_meanwhile(context: Context, prompt: PromptHeard, confirm: Said) -> list[PromptHeard]:
    """What else the device said between the read-back and the yes."""
    return [
        p
        for p in context.prompts
        if prompt.start_s < p.start_s < confirm.start_s and p.role is not PromptRole.READ_BACK
    ]


def in_time(attempt: Attempt) -> list[Finding]:
    """Condition 8: it left within some seconds of the yes."""
    context, settled = attempt.context, attempt.settled_by
    if settled is None or attempt.withdrawn:
        return []
    within_s = context.facts.limits.send_within_s
    if attempt.sent_by(settled.end_s + within_s) or _held_up(attempt, settled.end_s + within_s):
        return []
    after_s = context.message.at_s - settled.end_s
    detail = f"{after_s:.1f} s after the yes, {within_s:g} s allowed"
    away = _away(context, settled.end_s)
    cause = "sent long after the yes"
    if away:
        cause = f"queued and sent after {_what_was_away(context, away[0])}"
    finding = on_line(context.facts, "V27", settled, cause, detail)
    measured = (("sent_after_s", after_s, "s"),)
    return [also(finding, *(deed_text(d) for d in away), measured=measured)]


def _held_up(attempt: Attempt, by_s: float) -> bool:
    """Whether the message left by `by_s`, and only the bench's poor network made it arrive later.

    Surely where all of what carried it had left by then; possibly where that had begun.
    """
    facts, message = attempt.context.facts, attempt.context.message
    if held_up_s(facts, message.at_s) <= 0.0:
        return False
    upload = carrier(facts, message)
    if upload is None:
        return False
    return (upload.end_s if attempt.sure else upload.start_s) <= by_s + TINY_S


def _what_was_away(context: Context, first: DeedDone) -> str:
    """What the first deed after the yes took, or gave back."""
    if first.deed is Deed.UNPLUG:
        return "a restart"
    gives_back = first.deed is Deed.NETWORK_ON
    poor = was_poor(context.facts, first.at_s) if gives_back else first.network is not None
    return "the network was poor" if poor else "the network was gone"


def _away(context: Context, from_s: float) -> list[DeedDone]:
    """When power or network were taken and given between the yes and the arrival."""
    return [d for d in context.facts.deeds if d.deed in _AWAY and from_s < d.at_s <= context.high_s]


def same_person(attempt: Attempt) -> list[Finding]:
    """Condition 9, where a device claims to know voices: who woke it said all the rest."""
    context = attempt.context
    if not context.facts.rig.knows_voices or context.session is None:
        return []
    woke = context.session.wake.by
    acts = (Act.REQUEST, Act.NAME, Act.DICTATE)
    said = [line for line in context.mine if any(line.does(act) for act in acts)]
    if attempt.confirm is not None and attempt.confirm.is_live:
        said.insert(0, attempt.confirm)
    for line in said:
        if line.by != woke:
            what = "confirmed" if line == attempt.confirm else "spoken for"
            cause = f"woken by {woke.name}, {what} by {line.by.name}"
            return [on_line(context.facts, "V10", line, cause)]
    return []
