"""How a room dies away: reverberation time from an impulse response (ISO 3382-2:2008).

Schroeder's backward integration by octaves, cut off where the decay reaches the noise; the line is
fitted from -5 to -25 dB (T20), and told only where the noise lies 35 dB down, as the standard asks.
"""

from math import sqrt

import numpy as np
import scipy
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Values = NDArray[np.float64]

OCTAVES_HZ = (125, 250, 500, 1000, 2000, 4000, 8000)
_FIT_DB = (-5.0, -25.0)
_ENOUGH_DB = 35.0
_SMOOTH_S = 0.02
_OVER_NOISE_DB = 8.0


def octave(samples: Samples, middle_hz: float, rate_hz: int) -> Values:
    """What a sound holds in an octave (Butterworth, as IEC 61260 class 1 allows)."""
    edges = (middle_hz / sqrt(2), min(middle_hz * sqrt(2), 0.49 * rate_hz))
    sos = scipy.signal.butter(4, edges, "bandpass", fs=rate_hz, output="sos")
    filtered: Values = scipy.signal.sosfilt(sos, samples.astype(np.float64))
    return filtered


def octave_levels_db(path: Samples, rate_hz: int) -> tuple[float, ...]:
    """Energy of an impulse response in each of `OCTAVES_HZ`, dB; what the path does to a level."""
    return tuple(
        float(10 * np.log10(np.sum(np.square(octave(path, hz, rate_hz))) + 1e-20))
        for hz in OCTAVES_HZ
    )


def reverberation_s(path: Samples, rate_hz: int) -> tuple[float | None, ...]:
    """T20, as the time for 60 dB, in each of `OCTAVES_HZ`.

    `path`: an impulse response with a stretch of its noise at the end. None in octaves where that
    noise is too loud to tell.
    """
    # Backwards through the filter: its own ringing then comes before the decay, not after it.
    return tuple(_t20(octave(path[::-1], hz, rate_hz)[::-1], rate_hz) for hz in OCTAVES_HZ)


def _t20(band: Values, rate_hz: int) -> float | None:
    energy = np.square(band)
    begins = int(energy.argmax())
    noise = float(np.mean(energy[-len(energy) // 10 :]))
    width = max(1, round(_SMOOTH_S * rate_hz))
    smooth = np.convolve(energy[begins:], np.full(width, 1 / width), "same")
    if noise > 0 and 10 * np.log10(smooth.max() / noise) < _ENOUGH_DB:
        return None
    below = np.flatnonzero(smooth < noise * 10 ** (_OVER_NOISE_DB / 10))
    ends = int(below[0]) if len(below) else len(smooth)
    return _slope_s(energy[begins : begins + ends] - noise, rate_hz)


def _slope_s(energy: Values, rate_hz: int) -> float | None:
    """The time for 60 dB of the line through the integrated decay."""
    left = np.cumsum(energy[::-1])[::-1]
    if len(left) < 2 or left[0] <= 0:
        return None
    level_db = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    # What was cut off is missing at the end: only what lies well above it is fitted.
    inside = np.flatnonzero((level_db <= _FIT_DB[0]) & (level_db >= _FIT_DB[1]))
    if len(inside) < 2 or level_db.min() > _FIT_DB[1]:
        return None
    slope = np.polyfit(inside / rate_hz, level_db[inside], 1)[0]
    return float(-60.0 / slope) if slope < 0 else None
