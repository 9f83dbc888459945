"""Whether a frame holds a voice: a fundamental of 72 to 400 Hz with many harmonics.

Autocorrelation of what is over the background, from the amplitudes of its spectrum (which is the
more robust, since no single partial outweighs all others). Hiss has no fundamental. What is struck,
crockery above all, has partials that fit one by chance: few of them in a row, some other period
nearly as well, and most of its power where a voice has little. None of that tells for sure; weighed
together it does, as logistic regression on voices and crockery found.
"""

from functools import cache

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import Samples
from harness.ears.speech.bands import BINS, EDGES, Floats

SIZE = 1024
_WINDOW: Samples = np.hanning(SIZE + 1)[:-1].astype(np.float32)
# Bins are half as wide as those of the bands. Up to 3 kHz.
_TOP_BAND = 13
_WIDE = 2 * BINS[:_TOP_BAND]
_LOW, _HIGH = 2 * int(EDGES[0]), 2 * int(EDGES[_TOP_BAND])
_LAGS = slice(40, 221)
# So many harmonics of the lowest fundamental lie there.
_HIGHEST = 32
_SHORT_LAGS = slice(10, 38)
_WEAK, _TOO_SHORT = 0.25, 0.95
_LEAST_SPREAD = 10.0
# A harmonic is there when it is so much over what is between it and the next, and no trifle.
_OVER_VALLEY, _TRIFLE = 2.0, 0.03
_HARMONICS = np.arange(1, _HIGHEST + 1)
# Log odds of a voice: for each doubling of harmonics in a row; for how well a period of 0.6 to
# 2.3 ms fits, re the best; for each dB of power below 1.2 kHz over that above.
_IN_A_ROW, _SHORT, _LOW_DB, _ELSE = 1.83, -4.38, 0.26, -2.32
_MOST_LOW_DB, _LEAST_LOW_DB = 20.0, -10.0
# At such odds it is a voice as well as a frame can tell.
_SURELY = 4.0


def voicing(
    frames: Samples, background: Floats, low_db: Floats
) -> tuple[Floats, NDArray[np.int64]]:
    """Of frames of 1024 samples: how much of a voice is in each (0 to 1), and its period (samples).

    `background`: power of noise and leakage in each band of a frame of half that length. `low_db`:
    how much more of what is over it lies below 1.2 kHz than above.
    """
    amplitude = _over(frames, background)
    correlation = scipy.fft.irfft(amplitude, SIZE)
    correlation /= correlation[:, :1] + np.float32(1e-30)
    ratios = correlation[:, _LAGS] * _taper()
    best = np.argmax(ratios, axis=1)
    period = best + _LAGS.start
    strength = np.take_along_axis(ratios, best[:, None], axis=1)[:, 0]
    short = correlation[:, _SHORT_LAGS].max(axis=1) / np.maximum(strength, 1e-6)
    spread = np.square(amplitude.sum(axis=1)) / (np.square(amplitude).sum(axis=1) + 1e-30)
    odds = _IN_A_ROW * np.log2(np.maximum(_in_a_row(amplitude, period), 1))
    odds += _SHORT * short.clip(0.0, 1.0) + _ELSE
    odds += _LOW_DB * low_db.clip(_LEAST_LOW_DB, _MOST_LOW_DB)
    may_be = (strength > _WEAK) & (short < _TOO_SHORT) & (spread >= _LEAST_SPREAD)
    voiced = np.where(may_be, odds / _SURELY, 0.0).clip(0.0, 1.0)
    return np.asarray(voiced, np.float64), period


def _over(frames: Samples, background: Floats) -> Samples:
    """Amplitudes of what is over the background, bin by bin; nothing beyond 2.3 kHz."""
    spectra = scipy.fft.rfft(frames * _WINDOW)[:, _LOW:_HIGH]
    power = np.square(spectra.real) + np.square(spectra.imag)
    # In one bin of the longer frame stands as much noise as in one of the shorter, twice over.
    floor = np.repeat(2 * background[:, :_TOP_BAND] / BINS[:_TOP_BAND], _WIDE, axis=1)
    amplitude = np.zeros((len(frames), SIZE // 2 + 1), dtype=np.float32)
    amplitude[:, _LOW:_HIGH] = np.sqrt(np.maximum(power - floor, 0.0))
    return amplitude


def _in_a_row(amplitude: Samples, period: NDArray[np.int64]) -> NDArray[np.int64]:
    """How many harmonics of that period follow each other without one missing."""
    near = np.maximum(amplitude, np.maximum(np.roll(amplitude, 1, 1), np.roll(amplitude, -1, 1)))
    apart = SIZE / period[:, None]
    at = np.rint(_HARMONICS * apart).astype(np.intp)
    between = np.rint((np.append(0, _HARMONICS) + 0.5) * apart).astype(np.intp)
    inside = (at > _LOW + 1) & (at < _HIGH - 2)
    peaks = np.take_along_axis(near, np.minimum(at, SIZE // 2), axis=1)
    valleys = np.take_along_axis(amplitude, np.minimum(between, SIZE // 2), axis=1)
    least = np.minimum(valleys[:, :-1], valleys[:, 1:])
    top = amplitude.max(axis=1)[:, None]
    there = inside & (peaks > _OVER_VALLEY * least) & (peaks > _TRIFLE * top)
    missing = np.maximum.accumulate(np.where(there, 0, _HARMONICS), axis=1)
    found: NDArray[np.int64] = (_HARMONICS - missing).max(axis=1)
    return found


@cache
def _taper() -> Samples:
    """What makes up for the window, which hides long periods."""
    spectrum = np.abs(scipy.fft.rfft(_WINDOW, 2 * SIZE)) ** 2
    own = scipy.fft.irfft(spectrum)[_LAGS]
    whole = float(np.square(_WINDOW).sum())
    return np.asarray(1.0 / np.sqrt(own / whole), dtype=np.float32)
