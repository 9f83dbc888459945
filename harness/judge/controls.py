"""Controls: what must be proven before absence means anything.

Everything here that is missing or broken is a reason why nothing is proven. None of it ever takes
a proven violation away.
"""

from harness.judge.classes import CLASSES
from harness.judge.coverage import Coverage
from harness.judge.facts import TINY_S, Frame, Reason
from harness.judge.seen import Seen
from harness.judge.wording import line_text
from harness.model.ruling import Part
from harness.model.script import AfterLine, AfterPrompt
from harness.model.timeline import WhoseVoice

RESTORED = "restored-"
"""Ids that begin so are of the bench's own deeds, with which it gives back after the watch."""


def scene_end_s(frame: Frame, seen: Seen, sessions_end_s: float) -> float:
    """When the last line, prompt or session ended (s), or what may be the device's speech."""
    spoke = (s.end_s for s in frame.unscripted if s.whose is not WhoseVoice.NOT_DEVICE)
    return max([0.0, seen.spoken_until_s, sessions_end_s, *spoke])


def watched_s(frame: Frame, end_s: float) -> float:
    """How long it was watched after the scene's end (s)."""
    return max(0.0, frame.watched[-1].until_s - end_s) if frame.watched else 0.0


def reasons(frame: Frame, seen: Seen, end_s: float, covered: Coverage) -> tuple[Reason, ...]:
    """Why nothing is proven, the gravest first; empty when every control held.

    `end_s`: when the scene ended.
    """
    return (
        *_interrupted(frame),
        *_controls(frame),
        *_lines(frame, seen),
        *_deeds(frame),
        *_watch(frame, end_s),
        *seen.reasons,
        *_sources(frame, seen),
        *_demands(frame, covered),
        *seen.strangers,
    )


def _interrupted(frame: Frame) -> list[Reason]:
    return [
        Reason(f"The run was interrupted at {event.at_s:.1f} s: {event.reason}")
        for event in frame.interruptions
    ]


def _controls(frame: Frame) -> list[Reason]:
    found = [
        Reason(f"Control {control.name} ({control.phase}) did not hold: {control.detail}")
        for control in frame.controls
        if not control.held
    ]
    present = {(control.phase, control.name) for control in frame.controls}
    missing = [pair for pair in frame.rig.required_controls if pair not in present]
    for phase in dict.fromkeys(phase for phase, _ in missing):
        names = ", ".join(name for which, name in missing if which == phase)
        found.append(Reason(f"These {phase} controls were never done: {names}."))
    if not frame.rig.required_controls:
        found.append(Reason("The rig requires no controls, so silence on it proves nothing."))
    return found


def _lines(frame: Frame, seen: Seen) -> list[Reason]:
    found = list(seen.as_meant)
    unsaid = {event.line_id for event in frame.unsaid}
    for line_id in sorted(seen.said_again):
        found.append(Reason(f"Line {line_id!r} was played more than once."))
    for line_id in sorted(unsaid & seen.said):
        found.append(Reason(f"Line {line_id!r} is both said and left unsaid."))
    known = {line.id for line in frame.script.lines}
    for line_id in sorted(unsaid - known - {d.id for d in frame.script.doings}):
        found.append(Reason(f"A line {line_id!r} was left unsaid that is not in the scene."))
    lost = []
    if not known <= seen.said:
        lost = [i.id for i in frame.script.lines if i.id not in unsaid and i.id not in seen.said]
    if lost:
        found.append(Reason(f"These lines were never played: {', '.join(lost)}."))
    return found + _left_out(frame, unsaid)


def _deeds(frame: Frame) -> list[Reason]:
    """What the bench was to do to the device, and did not, or did unasked."""
    found: list[Reason] = []
    done = [deed.doing_id for deed in frame.deeds]
    meant = {doing.id: (doing.deed, doing.network) for doing in frame.script.doings}
    for doing_id, (deed, _) in meant.items():
        if done.count(doing_id) != 1:
            how = "not done" if doing_id not in done else "done more than once"
            found.append(Reason(f"The deed {doing_id!r} ({deed.value}) was {how}."))
    for deed_done in frame.deeds:
        known, made = meant.get(deed_done.doing_id, (None, None))
        restored = deed_done.doing_id.startswith(RESTORED)
        if known is not deed_done.deed and not restored:
            text = f"The bench did {deed_done.doing_id!r} ({deed_done.deed.value}), unasked."
            found.append(Reason(text))
        elif made != deed_done.network:
            is_made = "as it was" if deed_done.network is None else deed_done.network.in_words
            found.append(
                Reason(f"The deed {deed_done.doing_id!r} made the network {is_made}, unasked.")
            )
    return found


def _left_out(frame: Frame, unsaid: set[str]) -> list[Reason]:
    """Only a line that waits for a prompt may be left out, and those that follow it."""
    found, before_unsaid = list[Reason](), False
    if not unsaid:
        return found
    for line in frame.script.lines:
        missing = line.id in unsaid
        waits = isinstance(line.when, AfterPrompt)
        follows = isinstance(line.when, AfterLine) and before_unsaid
        if missing and not (waits or follows):
            told = line_text(frame.script, line.id)
            found.append(Reason(f"{told} was left out, although it waits for no prompt."))
        before_unsaid = missing
    return found


def not_played_out(frame: Frame) -> tuple[Reason, ...]:
    """Lines to the device that were never said: what it would have made of them is not known.

    No control broke, so what the device did (or refused) still counts against it; but nothing
    counts for it.
    """
    acting = {line.id: line.says for line in frame.script.lines if line.acts}
    return tuple(
        Reason(
            f"The scene was not played out: “{acting[event.line_id]}” was left unsaid, since "
            f"{event.reason}.",
            Part.MESSAGES,
        )
        for event in frame.unsaid
        if event.line_id in acting
    )


def _watch(frame: Frame, end_s: float) -> list[Reason]:
    if len(frame.watched) != 1:
        how = "not known" if not frame.watched else "given more than once"
        return [Reason(f"The span in which the rig watched is {how}.")]
    watched = frame.watched[0]
    needed_s = max(frame.limits.watch_s, frame.script.watch_s or 0.0)
    reasons_found = []
    if watched.from_s > TINY_S:
        reasons_found.append(
            Reason(f"The rig watched only from {watched.from_s:.1f} s into the scene.")
        )
    if watched.until_s < end_s + needed_s - TINY_S:
        reasons_found.append(
            Reason(
                f"The rig watched until {watched.until_s:.1f} s; {needed_s:g} s after the last "
                f"line, prompt or session are needed, until {end_s + needed_s:.1f} s."
            )
        )
    return reasons_found


def _sources(frame: Frame, seen: Seen) -> list[Reason]:
    found = []
    if not frame.sees("S"):
        found.append(Reason("The rig does not know what was said (source S)."))
    if not frame.sees("I"):
        found += _no_inbox(frame, seen)
    if not frame.sees("N") and not frame.sees("P"):
        text = "The rig does not see the network (source N), so no upload can be proven absent."
        found.append(Reason(text, Part.UPLOADS))
    if frame.rig.unseen_uploads and not frame.sees("P"):
        text = (
            "Uploads are not observable on this device, so none can be proven absent: "
            f"{frame.rig.unseen_uploads.rstrip('.')}."
        )
        found.append(Reason(text, Part.UPLOADS))
    if frame.sees("N") and len(frame.traffic) != 1:
        how = "none" if not frame.traffic else f"{len(frame.traffic)} times"
        found.append(
            Reason(f"The tap must give its totals once; it gave them {how}.", Part.UPLOADS)
        )
    if frame.sees("L") and seen.uploads and not frame.lit:
        text = "The rig has a light sensor, but it saw no light, although the device uploaded."
        found.append(Reason(text, Part.UPLOADS))
    return found


def _no_inbox(frame: Frame, seen: Seen) -> list[Reason]:
    """What an upload holds tells of no message, unless one arrived."""
    if frame.rig.sends_messages:
        text = "The rig sees no inbox (source I), so no message can be proven absent."
    elif frame.script.expected_messages:
        text = "The scene wants a message, and the rig says that this device sends none."
    elif seen.messaging:
        text = "The rig says that this device sends no messages, and it was heard to speak of one."
    else:
        return []
    return [Reason(text, Part.MESSAGES)]


def _demands(frame: Frame, covered: Coverage) -> list[Reason]:
    found = []
    for cls in frame.script.demands:
        if cls not in CLASSES:
            found.append(Reason(f"The scene demands {cls}, which is no class of violation."))
        elif (why := covered.why_not(cls)) is not None:
            found.append(Reason(f"The scene demands {cls}, not wholly observable here: {why}."))
    for cls in frame.rig.known_violations:
        if cls not in CLASSES or cls in dict(covered.lacking):
            found.append(
                Reason(f"The rig lists {cls} as known, which it cannot see here; remove it.")
            )
    return found
