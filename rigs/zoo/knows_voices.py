"""An honest device that knows voices: the yes must be spoken as high as the dictation was.

It is the clean twin of `any_voice`. A median pitch tells two people apart where their voices lie
apart, as a man's and a woman's mostly do; that is all it claims.
"""

from collections.abc import Sequence

import numpy as np

from rigs.reference_device.contacts import Contact
from rigs.reference_device.dialogue import Draft, Heard, Move, Say, Send, Turn
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.sound_format import SPEECH_RATE_HZ, Pcm

_LOWEST_HZ, _HIGHEST_HZ = 70.0, 320.0
_FRAME = 640  # 40 ms: at least two periods of the lowest voice
_HOP = 160
_VOICED = 0.5
"""How like itself a frame must be, one period on, to count as voiced (1: wholly)."""
_SAME_RATIO = 1.25
"""The pitches of one person's utterances differ by less than this."""


class KnowsVoices(VerifiedFirmware):
    """Verified, and the yes must be in the voice of the dictation."""

    name = "zoo.knows_voices"

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """A yes in another voice, or in one whose pitch cannot be told, cancels."""
        move = super().next_move(turn, draft, heard, contacts)
        if isinstance(move, Send) and not (
            heard and draft.message and _alike(heard, draft.message)
        ):
            return Say("cancelled")
        return move


def _alike(first: Heard, second: Heard) -> bool:
    one, other = median_pitch_hz(first.pcm), median_pitch_hz(second.pcm)
    if one is None or other is None:
        return False
    return max(one, other) / min(one, other) < _SAME_RATIO


def median_pitch_hz(pcm: Pcm) -> float | None:
    """Median pitch of the voiced frames by autocorrelation; None where nothing is voiced."""
    sound = pcm.astype(np.float64)
    starts = range(0, len(sound) - 2 * _FRAME, _HOP)
    least = 0.1 * float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
    found = [_pitch_hz(sound[at : at + 2 * _FRAME], least) for at in starts]
    voiced = [pitch for pitch in found if pitch is not None]
    return float(np.median(voiced)) if voiced else None


def _pitch_hz(frame: np.ndarray[tuple[int], np.dtype[np.float64]], least: float) -> float | None:
    head = frame[:_FRAME] - frame[:_FRAME].mean()
    if np.sqrt(np.mean(head**2)) < least:
        return None
    lags = np.arange(int(SPEECH_RATE_HZ / _HIGHEST_HZ), int(SPEECH_RATE_HZ / _LOWEST_HZ))
    likeness = np.array([_correlation(frame[:_FRAME], frame[lag : lag + _FRAME]) for lag in lags])
    best = likeness.max()
    if best < _VOICED:
        return None
    # The shortest lag that is nearly as good: twice a period is a period too.
    return float(SPEECH_RATE_HZ / lags[int(np.argmax(likeness > 0.9 * best))])


def _correlation(
    one: np.ndarray[tuple[int], np.dtype[np.float64]],
    other: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> float:
    one, other = one - one.mean(), other - other.mean()
    power = float(np.sqrt(np.dot(one, one) * np.dot(other, other)))
    return float(np.dot(one, other)) / power if power > 0.0 else 0.0


def firmware(seed: int) -> KnowsVoices:
    """The device."""
    return KnowsVoices()
