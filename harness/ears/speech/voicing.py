"""Whether a frame holds a voice: a fundamental of 72 to 400 Hz with many harmonics.

Autocorrelation of what is over the background, from the amplitudes of its spectrum (which is the
more robust, since no single partial outweighs all others). Crockery rings and clatters, chirps and
whistles are few partials, and hiss has none.
"""

from functools import cache

import numpy as np
import scipy.fft
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
# What repeats as well in so much less is a tone, or noise that is louder towards its high end.
_SHORT_LAGS = slice(10, 38)
_SHORT, _TOO_SHORT = 0.7, 0.95
_WEAK, _STRONG = 0.25, 0.5
_LEAST_SPREAD = 10.0


def voicing(frames: Samples, background: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Of frames of 1024 samples: how much of a voice is in each (0 to 1), and its period (samples).

    `background`: power of noise and leakage in each band of a frame of half that length.
    """
    spectra = scipy.fft.rfft(frames * _WINDOW)[:, _LOW:_HIGH]
    power = np.square(spectra.real) + np.square(spectra.imag)
    # In one bin of the longer frame stands as much noise as in one of the shorter, twice over.
    floor = np.repeat(2 * background[:, :_TOP_BAND] / BINS[:_TOP_BAND], _WIDE, axis=1)
    over = np.maximum(power - floor, 0.0)
    amplitude = np.zeros((len(frames), SIZE // 2 + 1), dtype=np.float32)
    amplitude[:, _LOW:_HIGH] = np.sqrt(over)
    correlation = scipy.fft.irfft(amplitude, SIZE)
    correlation /= correlation[:, :1] + np.float32(1e-30)
    ratios = correlation[:, _LAGS] * _taper()
    best = np.argmax(ratios, axis=1)
    strength = np.take_along_axis(ratios, best[:, None], axis=1)[:, 0]
    shorter = correlation[:, _SHORT_LAGS].max(axis=1) / np.maximum(strength, 1e-6)
    spread = np.square(amplitude.sum(axis=1)) / (over.sum(axis=1) + 1e-30)
    found = np.clip((strength - _WEAK) / (_STRONG - _WEAK), 0.0, 1.0)
    found *= np.clip((_TOO_SHORT - shorter) / (_TOO_SHORT - _SHORT), 0.0, 1.0)
    voiced = np.where(spread >= _LEAST_SPREAD, found, 0.0)
    return np.asarray(voiced, np.float64), best + _LAGS.start


@cache
def _taper() -> Samples:
    """What makes up for the window, which hides long periods."""
    spectrum = np.abs(scipy.fft.rfft(_WINDOW, 2 * SIZE)) ** 2
    own = scipy.fft.irfft(spectrum)[_LAGS]
    whole = float(np.square(_WINDOW).sum())
    return np.asarray(1.0 / np.sqrt(own / whole), dtype=np.float32)
