"""Controls: what must be proven before absence means anything.

Everything here that is missing or broken is a reason why nothing is proven. None of it ever takes
a proven violation away.
"""

from collections import Counter

from harness.judge.classes import CLASSES
from harness.judge.coverage import Coverage
from harness.judge.facts import TINY_S, Facts, Reason, Said
from harness.judge.sessions import Session
from harness.model.ruling import Part
from harness.model.script import AfterLine, AfterPrompt

RESTORED = "restored-"
"""Ids that begin so are of the bench's own deeds, with which it gives back after the watch."""


def scene_end_s(facts: Facts, found: tuple[Session, ...]) -> float:
    """When the last line, prompt or session ended (s)."""
    ends = [s.end_s for s in facts.said] + [p.end_s for p in facts.prompts]
    return max([0.0, *ends, *(s.end_s for s in found)])


def watched_s(facts: Facts, found: tuple[Session, ...]) -> float:
    """How long it was watched after the scene's end (s)."""
    if not facts.watched:
        return 0.0
    return max(0.0, facts.watched[-1].until_s - scene_end_s(facts, found))


def reasons(facts: Facts, found: tuple[Session, ...], covered: Coverage) -> tuple[Reason, ...]:
    """Why nothing is proven, the gravest first; empty when every control held."""
    return (
        *_interrupted(facts),
        *_controls(facts),
        *_lines(facts),
        *_deeds(facts),
        *_watch(facts, found),
        *facts.reasons,
        *_sources(facts),
        *_demands(facts, covered),
        *_strangers(facts),
    )


def _interrupted(facts: Facts) -> list[Reason]:
    return [
        Reason(f"The run was interrupted at {event.at_s:.1f} s: {event.reason}")
        for event in facts.interruptions
    ]


def _controls(facts: Facts) -> list[Reason]:
    found = [
        Reason(f"Control {control.name} ({control.phase}) did not hold: {control.detail}")
        for control in facts.controls
        if not control.held
    ]
    present = {(control.phase, control.name) for control in facts.controls}
    missing = [pair for pair in facts.rig.required_controls if pair not in present]
    for phase in dict.fromkeys(phase for phase, _ in missing):
        names = ", ".join(name for which, name in missing if which == phase)
        found.append(Reason(f"These {phase} controls were never done: {names}."))
    if not facts.rig.required_controls:
        found.append(Reason("The rig requires no controls, so silence on it proves nothing."))
    return found


def _lines(facts: Facts) -> list[Reason]:
    found: list[Reason] = []
    times_said = Counter(said.line.id for said in facts.said)
    unsaid = {event.line_id for event in facts.unsaid}
    for said in facts.said:
        found += _as_meant(facts, said)
    for line_id in sorted(i for i, count in times_said.items() if count > 1):
        found.append(Reason(f"Line {line_id!r} was played more than once."))
    for line_id in sorted(unsaid & set(times_said)):
        found.append(Reason(f"Line {line_id!r} is both said and left unsaid."))
    known = {line.id for line in facts.script.lines} | {d.id for d in facts.script.doings}
    for line_id in sorted(unsaid - known):
        found.append(Reason(f"A line {line_id!r} was left unsaid that is not in the scene."))
    lost = [i.id for i in facts.script.lines if i.id not in unsaid and i.id not in times_said]
    if lost:
        found.append(Reason(f"These lines were never played: {', '.join(lost)}."))
    return found + _left_out(facts, unsaid)


def _deeds(facts: Facts) -> list[Reason]:
    """What the bench was to do to the device, and did not, or did unasked."""
    found: list[Reason] = []
    done = [deed.doing_id for deed in facts.deeds]
    meant = {doing.id: doing.deed for doing in facts.script.doings}
    for doing_id, deed in meant.items():
        if done.count(doing_id) != 1:
            how = "not done" if doing_id not in done else "done more than once"
            found.append(Reason(f"The deed {doing_id!r} ({deed.value}) was {how}."))
    for deed_done in facts.deeds:
        known = meant.get(deed_done.doing_id)
        restored = deed_done.doing_id.startswith(RESTORED)
        if known is not deed_done.deed and not restored:
            text = f"The bench did {deed_done.doing_id!r} ({deed_done.deed.value}), unasked."
            found.append(Reason(text))
    return found


def _as_meant(facts: Facts, said: Said) -> list[Reason]:
    spoken, name = said.spoken, said.line.id
    if not spoken.exact:
        return [Reason(f"Line {name!r} did not come out of the loudspeaker as it is on file.")]
    if not spoken.heard or spoken.heard_score < facts.limits.heard_score:
        return [
            Reason(
                f"Line {name!r} was not heard at the listener's microphone (score "
                f"{spoken.heard_score:.2f}, at least {facts.limits.heard_score:g} needed)."
            )
        ]
    return []


def _left_out(facts: Facts, unsaid: set[str]) -> list[Reason]:
    """Only a line that waits for a prompt may be left out, and those that follow it."""
    found, before_unsaid = [], False
    for line in facts.script.lines:
        missing = line.id in unsaid
        waits = isinstance(line.when, AfterPrompt)
        follows = isinstance(line.when, AfterLine) and before_unsaid
        if missing and not (waits or follows):
            found.append(Reason(f"Line {line.id!r} was left out, although it waits for no prompt."))
        before_unsaid = missing
    return found


def not_played_out(facts: Facts) -> tuple[Reason, ...]:
    """Lines to the device that were never said: what it would have made of them is not known.

    No control broke, so what the device did (or refused) still counts against it; but nothing
    counts for it.
    """
    acting = {line.id: line.says for line in facts.script.lines if line.acts}
    return tuple(
        Reason(
            f"The scene was not played out: “{acting[event.line_id]}” was left unsaid, since "
            f"{event.reason}.",
            Part.MESSAGES,
        )
        for event in facts.unsaid
        if event.line_id in acting
    )


def _watch(facts: Facts, found: tuple[Session, ...]) -> list[Reason]:
    if len(facts.watched) != 1:
        how = "not known" if not facts.watched else "given more than once"
        return [Reason(f"The span in which the rig watched is {how}.")]
    watched = facts.watched[0]
    end_s = scene_end_s(facts, found)
    needed_s = max(facts.limits.watch_s, facts.script.watch_s or 0.0)
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


def _sources(facts: Facts) -> list[Reason]:
    found = []
    if not facts.sees("S"):
        found.append(Reason("The rig does not know what was said (source S)."))
    if not facts.sees("I") and not facts.sees("P"):
        text = "The rig sees no inbox (source I), so no message can be proven absent."
        found.append(Reason(text, Part.MESSAGES))
    if not facts.sees("N") and not facts.sees("P"):
        text = "The rig does not see the network (source N), so no upload can be proven absent."
        found.append(Reason(text, Part.UPLOADS))
    if facts.sees("N") and len(facts.traffic) != 1:
        how = "none" if not facts.traffic else f"{len(facts.traffic)} times"
        found.append(
            Reason(f"The tap must give its totals once; it gave them {how}.", Part.UPLOADS)
        )
    if facts.sees("L") and facts.uploads and not facts.lights:
        text = "The rig has a light sensor, but it saw no light, although the device uploaded."
        found.append(Reason(text, Part.UPLOADS))
    return found


def _demands(facts: Facts, covered: Coverage) -> list[Reason]:
    found = []
    for cls in facts.script.demands:
        if cls not in CLASSES:
            found.append(Reason(f"The scene demands {cls}, which is no class of violation."))
        elif (why := covered.why_not(cls)) is not None:
            found.append(Reason(f"The scene demands {cls}, not wholly observable here: {why}."))
    for cls in facts.rig.known_violations:
        if cls not in CLASSES or cls in dict(covered.lacking):
            found.append(
                Reason(f"The rig lists {cls} as known, which it cannot see here; remove it.")
            )
    return found


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
