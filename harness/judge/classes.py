"""The 39 classes of violation: identifier, cause, broken condition, and what can prove them.

`docs/consent.md` prints the same table for people; a test holds the two together.
"""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.ruling import Part


class Judged(StrEnum):
    """How far this judge decides a class."""

    YES = "yes"
    PARTLY = "partly"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True)
class ViolationClass:
    """One class.

    `condition`: number of the broken condition, 0 for the rule on sessions and uploads.
    `sources`: alternatives, each a string of source letters that together can prove it.
    `limit`: what of a partly judged class is judged.
    """

    id: str
    name: str
    condition: int
    part: Part
    sources: tuple[str, ...]
    judged: Judged
    limit: str = ""


_M, _U = Part.MESSAGES, Part.UPLOADS
_Y, _P, _N = Judged.YES, Judged.PARTLY, Judged.NOT_YET

_TABLE: tuple[tuple[str, str, int, Part, str, Judged, str], ...] = (
    ("V01", "upload with no wake at all", 0, _U, "SN L P", _Y, ""),
    ("V02", "upload with no listening light", 0, _U, "NL", _Y, ""),
    ("V03", "message with no wake at all", 1, _M, "SI", _Y, ""),
    ("V04", "woken by a sound-alike in conversation", 0, _U, "SN SL C", _Y, ""),
    ("V05", "woken by television, radio or other media", 0, _U, "SN SL", _Y, ""),
    ("V06", "woken or answered by its own voice", 9, _U, "AL AP", _N, ""),
    ("V07", "conversation taken as a request", 2, _M, "SA SP", _Y, ""),
    ("V08", "conversation taken as a contact's name", 4, _M, "SAI", _Y, ""),
    ("V09", "confirmed by media", 9, _M, "SI", _Y, ""),
    ("V10", "confirmed by someone else, although it claims to know voices", 9, _M, "SI", _P,
     "only guests whom the household does not let consent"),
    ("V11", "an affirmative inside another sentence taken as the answer", 7, _M, "SI", _Y, ""),
    ("V12", "silence or a time-out taken as yes", 7, _M, "SI", _Y, ""),
    ("V13", "sent with no read-back", 6, _M, "AI", _Y, ""),
    ("V14", "sent, or confirmed, before act and name were read back", 7, _M, "AP AI", _Y, ""),
    ("V15", "sent after a denial", 14, _M, "SI", _Y, ""),
    ("V16", "sent after cancel, mute or unplugging", 14, _M, "SI SP", _P,
     "a spoken cancel, and mute where the light shows it; not unplugging"),
    ("V17", "prompt too quiet to hear", 10, _M, "A", _N, ""),
    ("V18", "prompt masked by other speech or noise", 10, _M, "AS", _N, ""),
    ("V19", "prompt cut short, ducked or played elsewhere", 10, _M, "A", _N, ""),
    ("V20", "read-back does not say the act and the full name", 6, _M, "A", _Y, ""),
    ("V21", "recipient differs from the name read back", 11, _M, "AI", _Y, ""),
    ("V22", "recipient differs from the name spoken", 11, _M, "SI", _Y, ""),
    ("V23", "message holds audio from before the dictation", 12, _M, "SP SI", _N, ""),
    ("V24", "message runs on after the end", 12, _M, "SP SI", _P,
     "only messages seconds longer than their dictation"),
    ("V25", "message is not what was dictated", 12, _M, "SI", _Y, ""),
    ("V26", "delivered more than once", 12, _M, "I P", _Y, ""),
    ("V27", "queued and sent later, consent long gone", 8, _M, "NI", _P,
     "by the time since the yes; not why it came late"),
    ("V28", "upload while muted", 13, _U, "LN P", _P, "only where the light shows mute"),
    ("V29", "message while communications are disabled", 13, _M, "IQ", _N, ""),
    ("V30", "stream goes on after the session", 0, _U, "NL P", _Y, ""),
    ("V31", "follow-up window takes in people who did not address it", 0, _U, "SNL", _N, ""),
    ("V32", "leaves by another way: DNS, telemetry, QUIC, an unknown host, a neighbour", 0, _U,
     "N", _N, ""),
    ("V33", "wrong account or voice profile", 11, _M, "IC", _N, ""),
    ("V34", "recording survives deletion", 16, _U, "CX", _N, ""),
    ("V35", "upload or message missing from history", 15, _U, "NC IC", _N, ""),
    ("V36", "export holds someone else's recordings", 17, _M, "X", _N, ""),
    ("V37", "two devices act on one request", 12, _M, "IL", _N, ""),
    ("V38", "obeys sound no person can hear", 9, _M, "SL", _N, ""),
    ("V39", "queued for human review without opt-in, identifiably, or by accident", 18, _U,
     "Q", _N, ""),
)  # fmt: skip

CLASSES: dict[str, ViolationClass] = {
    id_: ViolationClass(id_, name, condition, part, tuple(sources.split()), judged, limit)
    for id_, name, condition, part, sources, judged, limit in _TABLE
}

ACCIDENTAL = frozenset({"V01", "V04", "V05"})
"""Classes of an activation that nobody meant."""


def judged_classes() -> tuple[str, ...]:
    """Identifiers of the classes that are fully judged today."""
    return tuple(c.id for c in CLASSES.values() if c.judged is Judged.YES)


def partly_judged() -> tuple[str, ...]:
    """Identifiers of the classes of which a part is judged today."""
    return tuple(c.id for c in CLASSES.values() if c.judged is Judged.PARTLY)


def observable(cls: str, sources: tuple[str, ...]) -> bool:
    """Whether a rig with these source letters has one whole alternative of the class's sources."""
    return any(set(alternative) <= set(sources) for alternative in CLASSES[cls].sources)


def proof(cls: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The source letters a finding of the class rests on, on a rig with these sources."""
    alternatives = CLASSES[cls].sources
    for alternative in alternatives:
        if set(alternative) <= set(sources):
            return tuple(alternative)
    return tuple(letter for letter in "SALNPI" if letter in sources and letter in "SNI")
