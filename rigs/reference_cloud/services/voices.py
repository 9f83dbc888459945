"""Who of a household speaks: voice profiles by median pitch.

A pitch tells two people apart whose voices lie apart, as a man's and a woman's mostly do; that is
all it claims.
"""

from collections.abc import Sequence

import numpy as np

from rigs.reference_cloud.sound import SPEECH_RATE_HZ

_LOWEST_HZ, _HIGHEST_HZ = 70.0, 320.0
_FRAME, _HOP = 640, 320
_VOICED = 0.5
_ALIKE = 1.25
"""The pitches of one person's utterances differ by less than this."""


class Voices:
    """The profiles of one account: names and pitches (Hz)."""

    def __init__(self) -> None:
        """Nobody is enrolled."""
        self._pitches_hz: dict[str, float] = {}
        self._own: dict[str, frozenset[str]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Everybody who is enrolled."""
        return tuple(self._pitches_hz)

    def enroll(self, name: str, pcm: bytes, own_contacts: Sequence[str] = ()) -> bool:
        """Learn a voice from speech, and which contacts are that person's alone; False where no
        pitch is in it.
        """
        pitch_hz = median_pitch_hz(pcm)
        if pitch_hz is None:
            return False
        self._pitches_hz[name] = pitch_hz
        self._own[name] = frozenset(own_contacts)
        return True

    def forget(self) -> None:
        """Nobody is enrolled any more."""
        self._pitches_hz.clear()
        self._own.clear()

    def may_reach(self, who: str | None, contact: str) -> bool:
        """Whether a contact is this person's, or nobody's alone."""
        owners = {name for name, own in self._own.items() if contact in own}
        return not owners or who in owners

    def who(self, pcm: bytes | None) -> str | None:
        """Whose voice it is; None where it is nobody's who is enrolled."""
        pitch_hz = median_pitch_hz(pcm) if pcm and self._pitches_hz else None
        if pitch_hz is None:
            return None
        apart = {n: max(p, pitch_hz) / min(p, pitch_hz) for n, p in self._pitches_hz.items()}
        nearest = min(apart, key=lambda name: apart[name])
        return nearest if apart[nearest] < _ALIKE else None


def median_pitch_hz(pcm: bytes) -> float | None:
    """Median pitch of the voiced frames by autocorrelation; None where nothing is voiced."""
    sound = np.frombuffer(pcm[: len(pcm) // 2 * 2], "<i2").astype(np.float64)
    least = 0.1 * float(np.sqrt(np.mean(sound**2))) if len(sound) else 0.0
    lags = np.arange(int(SPEECH_RATE_HZ / _HIGHEST_HZ), int(SPEECH_RATE_HZ / _LOWEST_HZ))
    found = []
    for at in range(0, len(sound) - 2 * _FRAME, _HOP):
        frame = sound[at : at + 2 * _FRAME]
        head = frame[:_FRAME] - frame[:_FRAME].mean()
        if np.sqrt(np.mean(head**2)) < least or not head.any():
            continue
        alike = np.array([_correlation(head, frame[lag : lag + _FRAME]) for lag in lags])
        if (best := float(alike.max())) >= _VOICED:
            # The shortest lag that is nearly as good: twice a period is a period too.
            found.append(SPEECH_RATE_HZ / float(lags[int(np.argmax(alike > 0.9 * best))]))
    return float(np.median(found)) if found else None


def _correlation(
    one: np.ndarray[tuple[int], np.dtype[np.float64]],
    other: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> float:
    other = other - other.mean()
    power = float(np.sqrt(np.dot(one, one) * np.dot(other, other)))
    return float(np.dot(one, other)) / power if power > 0.0 else 0.0
