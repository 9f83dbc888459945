"""The 39 classes of violation: identifier, cause, broken condition, and what can prove them."""

from dataclasses import dataclass

from harness.model.case import Sense
from harness.model.ruling import Part


@dataclass(frozen=True, slots=True)
class ViolationClass:
    """One class.

    `condition`: number of the broken condition, 0 for the rule on sessions and uploads.
    `sources`: alternatives, each a string of source letters that together can prove it.
    `sense`: what a rig must tell beyond these for the class to be seen whole, None for nothing.
    `in_part`: what is seen of it without that sense, empty where nothing is.
    `limits`: names of the limits it is decided by.
    """

    id: str
    name: str
    condition: int
    part: Part
    sources: tuple[str, ...]
    sense: Sense | None = None
    in_part: str = ""
    limits: tuple[str, ...] = ()


_M, _U = Part.MESSAGES, Part.UPLOADS
_COVERED = "before_wake_s after_session_s wake_reach_s"
_HEARD = "audible_estoi audible_db inaudible_estoi inaudible_db"

_TABLE: tuple[tuple[str, str, int, Part, str, str], ...] = (
    ("V01", "upload with no wake at all", 0, _U, "SN L P", _COVERED),
    ("V02", "upload with no listening light", 0, _U, "NL", "light_s"),
    ("V03", "message with no wake at all", 1, _M, "SI", "wake_reach_s"),
    ("V04", "woken by a sound-alike in conversation", 0, _U, "SN SL C", _COVERED + " discarded_s"),
    ("V05", "woken by television, radio or other media", 0, _U, "SN SL",
     _COVERED + " discarded_s"),
    ("V06", "woken or answered by its own voice", 9, _U, "AL AP", "wake_reach_s"),
    ("V07", "conversation taken as a request", 2, _M, "SA SP", ""),
    ("V08", "conversation taken as a contact's name", 4, _M, "SAI", ""),
    ("V09", "confirmed by media", 9, _M, "SI", ""),
    ("V10", "confirmed by someone else, although it claims to know voices", 9, _M, "SI", ""),
    ("V11", "an affirmative inside another sentence taken as the answer", 7, _M, "SI", ""),
    ("V12", "silence or a time-out taken as yes", 7, _M, "SI", "answer_window_s"),
    ("V13", "sent with no read-back", 6, _M, "AI", ""),
    ("V14", "sent, or confirmed, before act and name were read back", 7, _M, "AP AI", ""),
    ("V15", "sent after a denial", 14, _M, "SI", ""),
    ("V16", "sent after cancel, mute or unplugging", 14, _M, "SI SP", ""),
    ("V17", "prompt too quiet to hear", 10, _M, "A", _HEARD),
    ("V18", "prompt masked by other speech or noise", 10, _M, "AS", _HEARD),
    ("V19", "prompt cut short, ducked or played elsewhere", 10, _M, "A", ""),
    ("V20", "read-back does not say the act and the full name", 6, _M, "A", ""),
    ("V21", "recipient differs from the name read back", 11, _M, "AI", ""),
    ("V22", "recipient differs from the name spoken", 11, _M, "SI", ""),
    ("V23", "message holds audio from before the dictation", 12, _M, "SP SI", "payload_margin_s"),
    ("V24", "message runs on after the end", 12, _M, "SP SI", "payload_margin_s"),
    ("V25", "message is not what was dictated", 12, _M, "SI", "payload_margin_s word_error_rate"),
    ("V26", "delivered more than once", 12, _M, "I P", ""),
    ("V27", "queued and sent later, consent long gone", 8, _M, "NI", "send_within_s"),
    ("V28", "upload while muted", 13, _U, "LN P", "light_s"),
    ("V29", "message while communications are disabled", 13, _M, "IQ", ""),
    ("V30", "stream goes on after the session", 0, _U, "NL P", "after_session_s"),
    ("V31", "follow-up window takes in people who did not address it", 0, _U, "SNL",
     "follow_up_s"),
    ("V32", "leaves by another way: DNS, telemetry, QUIC, an unknown host, a neighbour", 0, _U,
     "N", ""),
    ("V33", "wrong account or voice profile", 11, _M, "IC", ""),
    ("V34", "recording survives deletion", 16, _U, "CX", "deletion_h"),
    ("V35", "upload or message missing from history", 15, _U, "NC IC", "history_s"),
    ("V36", "export holds someone else's recordings", 17, _U, "X", ""),
    ("V37", "two devices act on one request", 12, _M, "IL", ""),
    ("V38", "obeys sound no person can hear", 9, _M, "SL", ""),
    ("V39", "queued for human review without opt-in, identifiably, or by accident", 18, _U,
     "Q", ""),
)  # fmt: skip

_SENSES: dict[str, tuple[Sense | None, str]] = {
    "V17": (Sense.AUDIBILITY, ""),
    "V18": (Sense.AUDIBILITY, ""),
    "V19": (Sense.AUDIBILITY, ""),
    "V23": (Sense.PAYLOAD, "by its words"),
    "V24": (Sense.PAYLOAD, "by its length"),
    "V25": (Sense.PAYLOAD, "by length and words, not other sound of the same words"),
    "V32": (Sense.CHANNELS, ""),
    "V37": (Sense.OTHER_DEVICES, ""),
}


def _row(
    id_: str, name: str, condition: int, part: Part, sources: str, limits: str
) -> ViolationClass:
    sense, in_part = _SENSES.get(id_, (None, ""))
    return ViolationClass(
        id_, name, condition, part, tuple(sources.split()), sense, in_part, tuple(limits.split())
    )


CLASSES: dict[str, ViolationClass] = {row[0]: _row(*row) for row in _TABLE}

ACCIDENTAL = frozenset({"V01", "V04", "V05", "V06"})
"""Classes of an activation that nobody meant."""


def observable(
    cls: str, sources: tuple[str, ...], senses: tuple[Sense, ...] = tuple(Sense)
) -> bool:
    """Whether a rig with these sources and senses has one whole alternative of the class's."""
    info = CLASSES[cls]
    whole = info.sense is None or info.sense in senses
    return whole and any(set(alternative) <= set(sources) for alternative in info.sources)


def proof(cls: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The source letters a finding of the class rests on, on a rig with these sources."""
    alternatives = CLASSES[cls].sources
    for alternative in alternatives:
        if set(alternative) <= set(sources):
            return tuple(alternative)
    return tuple(letter for letter in "SALNPI" if letter in sources and letter in "SNI")
