"""How much was cancelled in each stretch of about a second, and whether to believe it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import scipy

from harness.ears.cancel.blocks import GROUP, RATE_HZ, Samples
from harness.sound.level import level_db

STRETCH = 2 * GROUP
_LITTLE_DB = 15.0
# Signs of trouble with the microphone.
_DEAD = 1e-6
_HUM_SHARE = 0.95
_HUM_HZ = (50, 60)
# Of a tone at 750 Hz: the power of its rises, against its own.
_SLOW = 0.09
# Distortion goes with the loudness of what was played.
_FRAME = 256
_FOLLOWS = 0.84
_BELOW_LOUDEST = 1e-3
_FRAMES_AT_LEAST = 16
# It must do so twice, and is forgotten after as many stretches in which it does not.
_LASTING = 2.0
_MOST_FOLLOWED = 4.0


class Doubt(StrEnum):
    """Why the residual of a stretch is not to be taken for what the device says."""

    LEARNING = "learning"
    PATH_CHANGED = "path_changed"
    LEVEL_CHANGED = "level_changed"
    NOT_PLAYED = "not_played"
    DISTORTED = "distorted"
    CLIPPED = "clipped"
    DEAD = "dead"
    HUM = "hum"
    NOT_NUMBERS = "not_numbers"


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of recording, from sample `start` to `end` at 16 kHz; levels in dB re full scale.

    `stimulus_db`: of the loudspeakers as they should sound at the microphone. `cancelled_db`: level
    of the recording less that of the residual; None where nothing was played. What the device says
    and the room's noise count as residual, so it is the least that can have been cancelled.
    `doubts`: empty where the model fits.
    """

    start: int
    end: int
    recording_db: float
    stimulus_db: float
    residual_db: float
    cancelled_db: float | None
    doubts: tuple[Doubt, ...]

    @property
    def start_s(self) -> float:
        """When it starts, in seconds from the recording's first sample."""
        return self.start / RATE_HZ

    @property
    def end_s(self) -> float:
        """When it ends, in seconds from the recording's first sample."""
        return self.end / RATE_HZ


@dataclass(frozen=True, slots=True)
class Seen:
    """Consecutive samples as recorded, as predicted, and as left over.

    `left`: recording less prediction, also where that made it louder. `sounding`: something was
    played. `doubts`: what is known to be wrong with them.
    """

    recording: Samples
    predicted: Samples
    left: Samples
    residual: Samples
    sounding: bool
    doubts: frozenset[Doubt]


class Weigher:
    """Makes stretches of their parts; one after the other, since distortion is told by lasting."""

    def __init__(self) -> None:
        self._followed = 0.0

    def weigh(self, start: int, parts: Sequence[Seen]) -> Stretch:
        """The stretch whose first part begins at sample `start`."""
        recording = np.concatenate([p.recording for p in parts])
        predicted = np.concatenate([p.predicted for p in parts])
        recording_db = level_db(recording)
        residual_db = level_db(np.concatenate([p.residual for p in parts]))
        cancelled_db = recording_db - residual_db if any(p.sounding for p in parts) else None
        doubts = frozenset[Doubt]().union(*(p.doubts for p in parts))
        doubts |= _microphone_doubts(recording, cancelled_db)
        if cancelled_db is not None and not doubts:
            left = np.concatenate([p.left for p in parts])
            if self._distorted(cancelled_db, left, predicted):
                doubts |= {Doubt.DISTORTED}
        return Stretch(
            start,
            start + len(recording),
            recording_db,
            level_db(predicted),
            residual_db,
            cancelled_db,
            tuple(sorted(doubts)),
        )

    def _distorted(self, cancelled_db: float, left: Samples, predicted: Samples) -> bool:
        """Whether what is left goes with the stimulus again and again; speech does so by chance."""
        little = cancelled_db < _LITTLE_DB
        more = 1.0 if little and follows(left, predicted) else -0.5
        self._followed = min(max(self._followed + more, 0.0), _MOST_FOLLOWED)
        return little and self._followed >= _LASTING


def _microphone_doubts(recording: Samples, cancelled_db: float | None) -> frozenset[Doubt]:
    steady = float(np.ptp(recording)) < 2 * _DEAD if len(recording) else True
    if steady:
        return frozenset({Doubt.DEAD})
    if (cancelled_db is None or cancelled_db < 3.0) and _only_hum(recording):
        return frozenset({Doubt.HUM})
    return frozenset()


def _only_hum(recording: Samples) -> bool:
    """Whether nearly all its power is at multiples of the mains' frequency."""
    rise = np.diff(recording)
    low = float(np.dot(rise, rise)) < _SLOW * float(np.dot(recording, recording))
    if len(recording) < STRETCH or not low:
        return False
    alternating = (recording - recording.mean()) * np.hanning(len(recording)).astype(np.float32)
    power = np.square(np.abs(scipy.fft.rfft(alternating)))
    total = float(power.sum())
    hz = np.arange(len(power)) * RATE_HZ / len(recording)
    for mains_hz in _HUM_HZ:
        near = np.abs(hz - mains_hz * np.maximum(np.round(hz / mains_hz), 1.0)) <= 2.5
        near &= hz < 12.5 * mains_hz
        if float(power[near].sum()) >= _HUM_SHARE * total:
            return True
    return False


def follows(left: Samples, predicted: Samples) -> bool:
    """Whether what is left comes and goes with the loudness of what was played."""
    count = len(left) // _FRAME * _FRAME
    a, b = (np.square(s[:count]).reshape(-1, _FRAME).mean(axis=1) for s in (left, predicted))
    loud = b > _BELOW_LOUDEST * b.max(initial=0.0)
    if np.count_nonzero(loud) < _FRAMES_AT_LEAST:
        return False
    a_db, b_db = np.log10(a[loud] + 1e-20), np.log10(b[loud] + 1e-20)
    if a_db.std() < 1e-6 or b_db.std() < 1e-6:
        return False
    return float(np.corrcoef(a_db, b_db)[0, 1]) >= _FOLLOWS
