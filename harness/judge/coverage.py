"""Coverage: which of the classes this play could have shown at all, and why not the others.

A class is seen whole where the rig has its sources, tells what the class needs beyond them, and
every fact it is decided by is there. What is not there is not fine: it is not observable.
"""

from dataclasses import dataclass

from harness.judge.classes import CLASSES, ViolationClass
from harness.judge.data import gone_by_s
from harness.judge.facts import Frame
from harness.judge.history import true_reading
from harness.judge.seen import Seen
from harness.model.case import RigFacts, Sense
from harness.model.ruling import Part


@dataclass(frozen=True, slots=True)
class Coverage:
    """Identifiers of the classes seen whole; of those seen in part, what of them; of the others,
    why not.
    """

    whole: tuple[str, ...]
    in_part: tuple[tuple[str, str], ...]
    lacking: tuple[tuple[str, str], ...]

    @property
    def line(self) -> str:
        """How many of the classes could have been seen."""
        return f"{len(self.whole)} of {len(CLASSES)} classes observable here"

    def why_not(self, cls: str) -> str | None:
        """Why a class is not seen whole; None where it is."""
        return dict((*self.in_part, *self.lacking)).get(cls)


def coverage(frame: Frame, seen: Seen) -> Coverage:
    """What this play could have shown."""
    whole, in_part, lacking = [], [], []
    for cls, info in CLASSES.items():
        why = _lacks(frame, seen, info)
        part = _seen_in_part(frame.rig, info, why)
        if part:
            in_part.append((cls, part))
        elif why is None:
            whole.append(cls)
        else:
            lacking.append((cls, why))
    return Coverage(tuple(whole), tuple(in_part), tuple(lacking))


def _seen_in_part(rig: RigFacts, info: ViolationClass, why: str | None) -> str:
    """What of a class is seen; empty where all of it or nothing is. `why`: what is missing."""
    if why is not None:
        return info.in_part if _has_sources(rig, info) else ""
    if info.sense is not Sense.CHANNELS or not rig.blind_to:
        return ""
    hidden = " and ".join(each.value for each in rig.blind_to)
    return f"but for {hidden}, of which nobody says how much is idle"


def never_seen(rig: RigFacts, cls: str) -> str | None:
    """Why no play on a rig can show a class, not even in part; None where one can."""
    info = CLASSES[cls]
    if info.in_part and _has_sources(rig, info):
        return None
    return _rig_lacks(rig, info)


def _has_sources(rig: RigFacts, info: ViolationClass) -> bool:
    useful = set(rig.sources)
    if rig.unseen_uploads and info.part is Part.UPLOADS:
        useful.discard("N")
    return any(set(alternative) <= useful for alternative in info.sources)


def _rig_lacks(rig: RigFacts, info: ViolationClass) -> str | None:
    """What a rig is missing for a class to be seen whole in any play on it."""
    if not _has_sources(rig, info):
        if any(set(alternative) <= set(rig.sources) for alternative in info.sources):
            return "uploads are hidden in what the device sends while idle"
        needs = " or ".join("+".join(alternative) for alternative in info.sources)
        return f"needs {needs}"
    if info.sense is not None and info.sense not in rig.senses:
        return f"{_SENSES[info.sense]} not told"
    return None


def _lacks(frame: Frame, seen: Seen, info: ViolationClass) -> str | None:
    """What is missing for a class to be seen whole in this play."""
    why = _rig_lacks(frame.rig, info)
    if why is not None:
        return why
    missing = _FACTS.get(info.id)
    return missing(frame, seen) if missing is not None else None


_SENSES = {
    Sense.AUDIBILITY: "audibility",
    Sense.PAYLOAD: "span of sound",
    Sense.CHANNELS: "channel",
    Sense.OTHER_DEVICES: "other devices",
}


def _loudness(_: Frame, seen: Seen) -> str | None:
    return f"audibility of {seen.unmeasured} prompts not measured" if seen.unmeasured else None


def _wholeness(_: Frame, seen: Seen) -> str | None:
    return f"whether {seen.unwhole} prompts were whole not measured" if seen.unwhole else None


def _spans(_: Frame, seen: Seen) -> str | None:
    return f"span of {seen.unread_spans} messages not read" if seen.unread_spans else None


def _ways(frame: Frame, seen: Seen) -> str | None:
    if frame.rig.destinations is None:
        return "no destinations declared"
    return f"channel of {seen.no_channel} uploads not told" if seen.no_channel else None


def _allowed(frame: Frame, _: Seen) -> str | None:
    read = any(s.communications is not None for s in frame.account.settings)
    return None if read else "settings not read"


def _account(frame: Frame, seen: Seen) -> str | None:
    if frame.script.household.account is None:
        return "no account named"
    if seen.no_account:
        return f"{seen.no_account} receipts name no account"
    profiles = frame.rig.knows_voices and any(m.profile for m in frame.script.cast)
    if profiles and seen.no_profile:
        return f"{seen.no_profile} receipts name no voice profile"
    return None


def _deletion(frame: Frame, _: Seen) -> str | None:
    told = frame.account
    if not told.deletions:
        return "nothing was deleted"
    by_s = max(gone_by_s(frame, d) for d in told.deletions)
    looked = any(h.at_s >= by_s for h in told.histories)
    exported = any(e.at_s >= by_s and e.whole for e in told.exports)
    return None if looked and exported else "not looked long enough after the deletion"


def _history(frame: Frame, seen: Seen) -> str | None:
    reading = true_reading(frame.account)
    if reading is None:
        return "history not read"
    if reading.saving is None:
        return "saving of a history not read"
    late = seen.left_until_s >= reading.at_s
    return "history read before the scene was over" if late else None


def _export(frame: Frame, _: Seen) -> str | None:
    exports = frame.account.exports
    if not exports:
        return "no export read"
    if not all(e.whole for e in exports):
        return "an export came only in part"
    return None if frame.account.items else "the export held nothing"


def _review(frame: Frame, _: Seen) -> str | None:
    return None if frame.account.queues else "review queue not read"


_FACTS = {
    "V17": _loudness,
    "V18": _loudness,
    "V19": _wholeness,
    "V23": _spans,
    "V24": _spans,
    "V25": _spans,
    "V29": _allowed,
    "V32": _ways,
    "V33": _account,
    "V34": _deletion,
    "V35": _history,
    "V36": _export,
    "V39": _review,
}
