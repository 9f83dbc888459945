"""The rule in words and numbers: conditions and limits.

`docs/consent.md` is made from these tables, and findings quote them, so that the two cannot differ.
"""

from dataclasses import dataclass, fields

from harness.model.case import Limits, ReadBack


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of the rule: its number, its name in a word or two, and its text.

    In the text `{name}` stands for the limit of that name. Number 0 is the rule on sessions and
    uploads.
    """

    number: int
    name: str
    text: str

    def on(self, limits: Limits) -> str:
        """The text with the numbers of a rig."""
        return self.text.format_map({name: f"{value:g}" for name, value, _ in values(limits)})


_CONDITIONS: tuple[tuple[str, str], ...] = (
    ("Sessions and uploads",
     "Room audio leaves only from {before_wake_s} s before the wake word that somebody says to the "
     "device until {after_session_s} s after that session's end, while it is not muted and its "
     "light shows listening within {light_s} s, and by the declared way only."),
    ("Wake", "Somebody who may consent woke the device by a line addressed to it."),
    ("Request", "That line, or the next from the same person to the device, asks for a message to "
     "be sent."),
    ("Recipient question", "Where the request names nobody, the device asks, audibly."),
    ("Name", "The same person names the contact, to the device. Where two contacts sound alike, "
     "the device asks which."),
    ("Dictation", "The same person dictates the message, to the device."),
    ("Read-back", "The device states the act and the full name, audibly. “Thomas, right?” states "
     "no act."),
    ("Yes",
     "The same person says to the device, as a whole utterance, one of: yes, yeah, yep, correct, "
     "right, send it, go ahead, do it. “Please”, the wake word and the contact's name may stand "
     "beside it, nothing else, and not two of them. It begins after act and name were spoken, and "
     "within {answer_window_s} s of the prompt's end. Silence, a time-out and anything unclear "
     "mean no."),
    ("Send", "It leaves within {send_within_s} s after the yes."),
    ("Live",
     "What counts was said by residents, or by guests unless the household forbids it. Media, the "
     "device's own loudspeaker and sound that nobody can hear never count. That it is one and the "
     "same person is held against a device that claims to know voices; for others it is noted."),
    ("Audible",
     "Each prompt it rests on could be heard at the listener's place: ESTOI of at least "
     "{audible_estoi}, or speech at least {audible_db} dB over everything else. Inaudible is an "
     "ESTOI under {inaudible_estoi} with speech under {inaudible_db} dB, or below the threshold of "
     "hearing; a prompt that was cut short before it had said it, turned down, or played elsewhere "
     "counts as inaudible too. Between, nothing is proven. Talk over a prompt does not break it."),
    ("Identity", "The contact named, the one read back, the one on the wire and the inbox are one, "
     "a contact of this account; and the account is the right one. A contact that is one person's "
     "alone is reached by nobody else."),
    ("Payload",
     "A spoken message lies within its dictation, give or take {payload_margin_s} s: no wake word, "
     "nothing from before, nothing after. A text has the dictated words up to a word error rate of "
     "{word_error_rate}, and no word of another line. It is delivered once, by one device: one yes "
     "covers one delivery."),
    ("State", "The device is not muted, and communications are allowed by the account."),
    ("Withdrawal", "A denial, a cancel, mute or unplugging before the send means no send, ever, "
     "also not after a restart or when the network comes back."),
    ("History is true", "Where saving is on, every upload and message is in the account's history "
     "(within {history_s} s), and nothing else is."),
    ("Deletion deletes", "{deletion_h} h after a delete neither audio nor transcript comes back, "
     "by history, export or replay."),
    ("Export is one's own", "Everything an export returns was recorded on this account's device, "
     "and nobody else comes by it: not signed out or signed in as another, and not by a link that "
     "was guessed, was used before or has expired."),
    ("Human review is opted into",
     "Nothing of an account that has not opted in is queued for people to hear; no account, serial "
     "number or household name stands in a queued item; accidental activations are never queued."),
)  # fmt: skip

CONDITIONS: tuple[Condition, ...] = tuple(
    Condition(number, name, text) for number, (name, text) in enumerate(_CONDITIONS)
)
"""Conditions by number; 0 is the rule on sessions and uploads."""

LIMITS: dict[str, tuple[str, str]] = {
    "watch_s": ("s", "watched after the last line, prompt or end of a session"),
    "answer_window_s": ("s", "a question of the device, or a line to it, keeps a session open"),
    "follow_up_s": ("s", "declared follow-up window after an answer"),
    "before_wake_s": ("s", "sound from before the wake word that may be uploaded"),
    "after_session_s": ("s", "an upload may end so long after its session"),
    "light_s": ("s", "the listening light must show within this time"),
    "send_within_s": ("s", "a confirmed message leaves within this time"),
    "discarded_s": ("s", "an accidental upload no longer than this counts as discarded"),
    "wake_reach_s": ("s", "a wake is laid to a line that was heard at most so long before"),
    "heard_score": ("", "correlation (0 to 1) from which on a line was heard"),
    "clock_ms": ("ms", "audio and packets agree in time within this"),
    "plays": ("plays", "of a scene in which nothing was provoked, before giving up"),
    "payload_margin_s": ("s", "a message may reach beyond its dictation on either side"),
    "word_error_rate": ("", "share of words in which a text may differ from its dictation"),
    "audible_estoi": ("", "ESTOI from which on a prompt is audible"),
    "audible_db": ("dB", "level over everything else from which on a prompt is audible"),
    "inaudible_estoi": ("", "ESTOI under which a prompt can be inaudible"),
    "inaudible_db": ("dB", "level over everything else under which it then is"),
    "answered_within_s": ("s", "a device that was woken says something within this time"),
    "deletion_h": ("h", "after a delete nothing comes back from then on"),
    "history_s": ("s", "an entry of the history belongs to what left within this time"),
    "accidental_per_day": ("per 24 h", "accidental activations that a soak may hold"),
}
"""Every limit: its unit and what it is; the default is that of `Limits`."""

READ_BACKS: dict[ReadBack, str] = {
    ReadBack.SPOKEN: "the device says act and name: nothing is waived",
    ReadBack.SCREEN: "it shows them on a screen, which no sensor reads: condition 6 is waived",
    ReadBack.NONE: "it asks for a yes without naming anybody: condition 6 is waived",
}
"""What a policy's `read_back` waives."""


def values(limits: Limits) -> tuple[tuple[str, float, str], ...]:
    """Name, value and unit of every limit, in declared order."""
    names = (field.name for field in fields(limits))
    return tuple((name, float(getattr(limits, name)), LIMITS[name][0]) for name in names)
