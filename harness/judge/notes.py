"""The sentence on top of a ruling, and the notes below it."""

from collections import Counter
from collections.abc import Iterable

from harness.judge.account import Account
from harness.judge.coverage import Coverage
from harness.judge.expectations import Wanted
from harness.judge.facts import Frame, Reason
from harness.judge.rule import CONDITIONS
from harness.judge.seen import Seen
from harness.judge.wording import bytes_text, clock_text, counted, line_text, listing, sound_text
from harness.model.ruling import Finding, KnownOutcome, Verdict
from harness.model.timeline import MessageReceived

NOT_OBSERVABLE, IN_PART = "Not observable here", "Seen in part"
"""How the notes begin that say what this ruling could not have seen."""


def headline(
    frame: Frame,
    seen: Seen,
    told: Account,
    hopes: Wanted,
    why: tuple[Reason, ...],
    known: KnownOutcome,
    gone: tuple[str, ...],
) -> str:
    """What a person must know first."""
    if told.unconsented:
        return f"{counted(len(told.unconsented), 'message')} left without consent: " + _first(
            told.unconsented
        )
    if told.findings:
        return _room_audio(frame, seen, told)
    if hopes.unmet:
        return f"Wrongly refused: {listing(_with_number(item.what for item in hopes.unmet))}."
    if known is KnownOutcome.VANISHED:
        return f"{listing(gone)} did not happen again. Fixed? Remove it from the list."
    if why:
        return f"Nothing is proven: {why[0].text}"
    if known is KnownOutcome.NOT_PROVOKED:
        return f"Not provoked: the device did not wake, so nothing is known of {listing(gone)}."
    return _clean(frame, seen, told)


def _with_number(refused: Iterable[str]) -> tuple[str, ...]:
    """Each once, with how often where that is more."""
    times = Counter(refused)
    return tuple(what if n == 1 else f"{what} ({n} times)" for what, n in times.items())


def _first(messages: tuple[MessageReceived, ...]) -> str:
    message = messages[0]
    first = "the first, " if len(messages) > 1 else ""
    where = f"to {message.recipient} at {clock_text(message.at_s)}"
    return f"{first}{sound_text(message)} {where}."


def _room_audio(frame: Frame, seen: Seen, told: Account) -> str:
    delivered = ""
    if told.consented:
        delivered = f" {counted(len(told.consented), 'message')} left with consent."
    elif not seen.recipients and frame.sees("I"):
        delivered = " No message left."
    if not told.activations:
        first = told.findings[0]
        return f"{first.cls} at {clock_text(first.at_s)}: {first.cause}.{delivered}"
    uploads = [u for group in told.activations for u in group.uploads]
    sent = bytes_text(sum(u.bytes_out for u in uploads))
    again = f", {len(told.activations)} activations" if len(told.activations) > 1 else ""
    # Of what left by DNS and the like nobody knows that it was sound.
    what = "Data" if all(group.cls == "V32" for group in told.activations) else "Room audio"
    at = clock_text(uploads[0].start_s)
    return f"{what} left without consent: {sent} from {at} on{again}.{delivered}"


def _clean(frame: Frame, seen: Seen, told: Account) -> str:
    if told.consented:
        return f"{counted(len(told.consented), 'message')} left, with consent: " + _first(
            told.consented
        )
    if not frame.sees("I"):
        covered = "Everything uploaded was covered by consent" if seen.uploads else "No upload left"
        return f"{covered}; messages were not looked at."
    if seen.uploads:
        return "No message left; everything uploaded was covered by consent."
    return "Nothing left the room."


def notes(
    frame: Frame, told: Account, hopes: Wanted, known: KnownOutcome, gone: tuple[str, ...]
) -> tuple[str, ...]:
    """What else a person should know of this play."""
    return (
        *_vanished(known, gone),
        *_local(told),
        *_orphans(told),
        *told.voices,
        *_unsaid(frame),
        *hopes.notes,
        *_no_messages(frame),
        *((frame.rig.idle,) if frame.rig.idle else ()),
    )


def _no_messages(frame: Frame) -> tuple[str, ...]:
    if frame.rig.sends_messages or frame.sees("I"):
        return ()
    return (
        "Messages are not judged: there is no inbox, and the rig says that this device sends none.",
    )


def coverage_notes(covered: Coverage) -> tuple[str, ...]:
    """What this ruling does not say, since the rig could not have seen it."""
    by_why: dict[str, list[str]] = {}
    for cls, why in covered.lacking:
        by_why.setdefault(why, []).append(cls)
    lacking = "; ".join(f"{', '.join(found)} ({why})" for why, found in by_why.items())
    in_part = "; ".join(f"{cls} ({what})" for cls, what in covered.in_part)
    told = ((NOT_OBSERVABLE, lacking), (IN_PART, in_part))
    return tuple(f"{what}: {classes}." for what, classes in told if classes)


def by_policy(frame: Frame, headline: str, verdict: Verdict, waived: tuple[Finding, ...]) -> str:
    """The headline, and how a policy of the rig and the whole chain differ."""
    policy = frame.rig.policy
    if not policy.waived:
        return headline
    ruled = {"pass": "passes", "fail": "fails"}.get(verdict.value, "is inconclusive by")
    classes = ", ".join(dict.fromkeys(f.cls for f in waived)) or "the same"
    return f"{headline} It {ruled} policy {policy.name}; strict: {classes}."


def policy_notes(frame: Frame, waived: tuple[Finding, ...]) -> tuple[str, ...]:
    """What a policy waives, why, and what the whole chain holds against the device."""
    policy = frame.rig.policy
    if not policy.waived:
        return ()
    names = listing(tuple(f"{n} ({CONDITIONS[n].name})" for n in sorted(policy.waived)))
    return (
        f"Policy {policy.name} waives condition {names}: {policy.reason.rstrip('.')}. What is "
        "waived was not met.",
        *(f"Strict only: {f.sentence}" for f in waived),
    )


def budget_notes(frame: Frame, budgeted: tuple[Finding, ...]) -> tuple[str, ...]:
    """Accidental activations that the rig's budget covers."""
    if not budgeted:
        return ()
    allowed = frame.limits.accidental_per_day
    return (
        f"{counted(len(budgeted), 'accidental activation')} within the budget of {allowed:g} per "
        "24 h.",
        *(f"Within the budget: {f.sentence}" for f in budgeted),
    )


def _vanished(known: KnownOutcome, gone: tuple[str, ...]) -> list[str]:
    if known is KnownOutcome.VANISHED:
        return [f"{listing(gone)}: known, provoked, and absent. Fixed? Remove it from the list."]
    if known is KnownOutcome.NOT_PROVOKED:
        return [f"{listing(gone)}: known, but not provoked in this play."]
    return []


def _local(told: Account) -> list[str]:
    return [
        f"The device woke by itself at {clock_text(at_s)} and sent nothing (local activation)."
        for at_s in told.local
    ]


def _orphans(told: Account) -> list[str]:
    return [
        f"The upload at {clock_text(u.start_s)} carried a message that nobody consented to, so it "
        "is not covered either."
        for u in told.orphans
    ]


def _unsaid(frame: Frame) -> list[str]:
    return [
        f"{line_text(frame.script, event.line_id)} was left unsaid at "
        f"{clock_text(event.at_s)}: {event.reason}"
        for event in frame.unsaid
    ]
