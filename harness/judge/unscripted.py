"""Speech that nobody scripted: what it takes from a ruling.

Somebody may have walked in and asked for just what the device then did; the device may have said
what nobody could read. What came before cannot be changed by it. What came after is not held
against the device, and where it may matter nothing passes.
"""

import math

from harness.judge.facts import Frame, Reason
from harness.judge.share import Delivery
from harness.judge.wording import shorten, span_text
from harness.model.ruling import Part
from harness.model.timeline import SpeechHeard, WhoseVoice

WHATEVER_IS_SAID = frozenset({"V26", "V28", "V29", "V32", "V34", "V36", "V39"})
"""Classes that no words in the room excuse."""
_HEARD_LATE_S = 1.0
"""The beginning of speech may be found so late; a wake word that begins it came first."""


def unknown_speech_from_s(frame: Frame) -> float:
    """From when on (s) not all that was said is known; infinity where all is."""
    return min((s.start_s - _HEARD_LATE_S for s in frame.unscripted), default=math.inf)


def unknown_speech(frame: Frame, deliveries: tuple[Delivery, ...]) -> tuple[Reason, ...]:
    """Why speech that nobody scripted leaves something unproven.

    The device's own, where it cannot be read, matters to messages that come after it. Anybody
    else's always does: who speaks to a device has it do what no script foresees.
    """
    arrived_s = max((d.message.at_s + d.message.uncertainty_s for d in deliveries), default=None)
    found: list[Reason] = []
    for speech in frame.unscripted:
        if speech.whose is not WhoseVoice.DEVICE:
            found.append(Reason(f"{_who(speech)} {_what(speech)}"))
        elif arrived_s is not None and speech.start_s <= arrived_s:
            found.append(Reason(f"The device spoke {_what(speech)}", Part.MESSAGES))
    return tuple(found)


def _who(speech: SpeechHeard) -> str:
    if speech.whose is WhoseVoice.NOT_DEVICE:
        return "Somebody who is not in the script spoke"
    return "Somebody spoke, the device or a person who is not in the script,"


def _what(speech: SpeechHeard) -> str:
    read = f", read as “{shorten(speech.text)}”" if speech.text else ""
    clip = f"; listen to {speech.clip}" if speech.clip is not None else ""
    return f"{span_text(speech.start_s, speech.end_s)}{read}: {speech.trouble}{clip}."
