"""Was a prompt played whole? Its loudness against the file, a twentieth of a second at a time.

Each frame of what was heard is compared with the device's speech as it should be there: how much of
it is there, by correlation, so that other sound does not stand in for speech that is missing.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import RATE_HZ

_FRAME = RATE_HZ // 10
_HOP = RATE_HZ // 20
# A device's clock that is 250 ppm off is so many samples off after three seconds.
_LAGS = 12
# Frames softer than this, re the loudest, are pauses.
_PAUSE = 10 ** (-20 / 10)
# A frame is known where what is there beside the speech is no more than this over it.
_NOISE = 10.0
_GONE, _LOW = 0.2, 0.4
_GONE_FRAMES, _LOW_FRAMES = 3, 4
_SOFT_FRAMES = 6
_UNKNOWN_SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Wholeness:
    """`stops`: it does so before its end. `ducked`: it is turned down by 8 dB or more meanwhile.

    None: other sound was too loud to tell. `until`: how many samples of it there were, where it
    stops; up to 0.1 s too many, never too few.
    """

    stops: bool | None
    ducked: bool | None
    until: int | None = None


UNKNOWN = Wholeness(None, None)


def wholeness(residual: Samples, speech: Samples, first: int, needed: int, end: int) -> Wholeness:
    """Compare residual and device speech (both at 16 kHz, in step) from sample `first` to `end`.

    Whether it was turned down is asked until `needed`.
    """
    at = np.arange(first, min(end, len(speech)) - _FRAME + 1, _HOP)
    if not at.size:
        return UNKNOWN
    power = np.array([float(np.dot(speech[a : a + _FRAME], speech[a : a + _FRAME])) for a in at])
    spoken = power > _PAUSE * power.max()
    at, power = at[spoken], power[spoken]
    if power.max(initial=0.0) <= 0.0:
        return UNKNOWN
    gains, known = _gains(residual, speech, at, power)
    usual = float(np.quantile(gains[known], 0.75)) if known.any() else 0.0
    if usual <= 0.0:
        return UNKNOWN
    gone = known & (gains < _GONE * usual)
    trailing = _trailing(gone)
    if trailing >= _GONE_FRAMES:
        at = at[: len(at) - trailing]
    asked = int(np.count_nonzero(at < needed))
    ducked = _ducked(gains[:asked], known[:asked], usual)
    if trailing >= _GONE_FRAMES:
        return Wholeness(True, ducked, int(at[-1]) + _FRAME - first)
    return Wholeness(False if known[-_GONE_FRAMES:].all() else None, ducked)


def _gains(
    residual: Samples, speech: Samples, at: NDArray[np.int64], power: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """How much of the speech is there in each frame (1: all), and where that can be told."""
    padded = np.pad(residual, _LAGS)
    gains, known = np.zeros(len(at)), np.zeros(len(at), dtype=np.bool_)
    for i, (a, energy) in enumerate(zip(at, power, strict=True)):
        heard = padded[a : a + _FRAME + 2 * _LAGS]
        alike = np.correlate(heard, speech[a : a + _FRAME], "valid")
        lag = int(np.argmax(alike))
        gains[i] = max(float(alike[lag]) / energy, 0.0)
        there = heard[lag : lag + _FRAME]
        beside = float(np.dot(there, there)) - gains[i] ** 2 * energy
        known[i] = beside <= _NOISE * energy
    return gains, known


def _trailing(flags: NDArray[np.bool_]) -> int:
    """How many of the last flags are set, in one row."""
    unset = np.flatnonzero(~flags)
    return len(flags) if not unset.size else len(flags) - 1 - int(unset[-1])


def _ducked(gains: NDArray[np.float64], known: NDArray[np.bool_], usual: float) -> bool | None:
    """Whether a run of frames is low, although others are not."""
    run = longest = 0
    for is_low in known & (gains < _LOW * usual):
        run = run + 1 if is_low else 0
        longest = max(longest, run)
    if longest >= _LOW_FRAMES:
        return True
    return None if np.count_nonzero(~known) > _UNKNOWN_SHARE * len(known) else False


def steady(speech: Samples, needed: int) -> bool | None:
    """Whether speech of which nothing is on file was not turned down until sample `needed`.

    True where no 0.35 s are 8 dB or more under what it usually is; 0.25 s are in many a sentence.
    None, not False, where they are: a pause looks the same.
    """
    at = range(0, min(needed, len(speech)) - _FRAME + 1, _HOP)
    power = np.array([float(np.dot(speech[a : a + _FRAME], speech[a : a + _FRAME])) for a in at])
    if len(power) < _SOFT_FRAMES:
        return None
    low = power < np.quantile(power, 0.75) * 10 ** (-8 / 10)
    runs = np.convolve(low, np.ones(_SOFT_FRAMES, dtype=int), "valid")
    return None if runs.max() == _SOFT_FRAMES else True
