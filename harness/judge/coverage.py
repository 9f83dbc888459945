"""Coverage: which of the classes this play could have shown at all, and why not the others.

A class is seen whole where the rig has its sources, tells what the class needs beyond them, and
every fact it is decided by is there. What is not there is not fine: it is not observable.
"""

from dataclasses import dataclass

from harness.judge.classes import CLASSES, ViolationClass
from harness.judge.data import gone_by_s, true_reading
from harness.judge.facts import Facts
from harness.model.case import Sense
from harness.model.timeline import PromptHeard


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


def coverage(facts: Facts) -> Coverage:
    """What this play could have shown."""
    whole, in_part, lacking = [], [], []
    for cls, info in CLASSES.items():
        why = _lacks(facts, info)
        if why is None:
            whole.append(cls)
        elif info.in_part and _has_sources(facts, info):
            in_part.append((cls, info.in_part))
        else:
            lacking.append((cls, why))
    return Coverage(tuple(whole), tuple(in_part), tuple(lacking))


def _has_sources(facts: Facts, info: ViolationClass) -> bool:
    return any(facts.sees(alternative) for alternative in info.sources)


def _lacks(facts: Facts, info: ViolationClass) -> str | None:
    """What is missing for a class to be seen whole."""
    if not _has_sources(facts, info):
        needs = " or ".join("+".join(alternative) for alternative in info.sources)
        return f"needs {needs}"
    if info.sense is not None and not facts.tells(info.sense):
        return f"{_SENSES[info.sense]} not told"
    missing = _FACTS.get(info.id)
    return missing(facts) if missing is not None else None


_SENSES = {
    Sense.AUDIBILITY: "audibility",
    Sense.PAYLOAD: "span of sound",
    Sense.CHANNELS: "channel",
    Sense.OTHER_DEVICES: "other devices",
}


def _loudness(facts: Facts) -> str | None:
    unknown = [p for p in facts.prompts if not _measured(p)]
    return f"audibility of {len(unknown)} prompts not measured" if unknown else None


def _measured(prompt: PromptHeard) -> bool:
    below = prompt.below_threshold is True
    return below or prompt.estoi is not None or prompt.over_others_db is not None


def _wholeness(facts: Facts) -> str | None:
    told = [(p.cut_short, p.ducked, p.elsewhere) for p in facts.prompts]
    unknown = [one for one in told if None in one]
    return f"whether {len(unknown)} prompts were whole not measured" if unknown else None


def _spans(facts: Facts) -> str | None:
    sounds = [m for m in facts.messages if m.audio_s is not None]
    unread = [m for m in sounds if m.holds_from_s is None]
    return f"span of {len(unread)} messages not read" if unread else None


def _ways(facts: Facts) -> str | None:
    if facts.rig.destinations is None:
        return "no destinations declared"
    unknown = [u for u in facts.uploads if u.channel is None]
    return f"channel of {len(unknown)} uploads not told" if unknown else None


def _allowed(facts: Facts) -> str | None:
    read = any(s.communications is not None for s in facts.account.settings)
    return None if read else "settings not read"


def _account(facts: Facts) -> str | None:
    if facts.script.household.account is None:
        return "no account named"
    unread = [m for m in facts.messages if m.account is None]
    if unread:
        return f"{len(unread)} receipts name no account"
    profiles = facts.rig.knows_voices and any(m.profile for m in facts.script.cast)
    unknown = [m for m in facts.messages if profiles and m.profile is None]
    return f"{len(unknown)} receipts name no voice profile" if unknown else None


def _deletion(facts: Facts) -> str | None:
    told = facts.account
    if not told.deletions:
        return "nothing was deleted"
    by_s = max(gone_by_s(facts, d) for d in told.deletions)
    looked = any(h.at_s >= by_s for h in told.histories)
    exported = any(e.at_s >= by_s for e in told.exports)
    return None if looked and exported else "not looked long enough after the deletion"


def _history(facts: Facts) -> str | None:
    reading = true_reading(facts)
    if reading is None:
        return "history not read"
    if reading.saving is None:
        return "saving of a history not read"
    late = [m.at_s for m in facts.messages] + [u.end_s for u in facts.uploads]
    return (
        "history read before the scene was over" if any(s >= reading.at_s for s in late) else None
    )


def _export(facts: Facts) -> str | None:
    return None if facts.account.exports else "no export read"


def _review(facts: Facts) -> str | None:
    return None if facts.account.queues else "review queue not read"


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
