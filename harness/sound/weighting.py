"""A-weighting (IEC 61672-1:2013, annex E), by frequency: no filter bends it near half the rate."""

import numpy as np
import scipy
from numpy.typing import NDArray

Values = NDArray[np.float64]

_POLES_HZ = (20.598997, 107.65265, 737.86223, 12194.217)


def a_weight_db(hz: Values) -> Values:
    """The A-weighting at some frequencies in dB; 0 at 1 kHz."""
    low, first, second, high = (pole**2 for pole in _POLES_HZ)
    square = np.square(np.maximum(hz, 1e-3))
    gain = high * square**2
    gain /= (square + low) * np.sqrt((square + first) * (square + second)) * (square + high)
    weighted: Values = 20 * np.log10(gain) + 2.0
    return weighted


def a_weighted(sound: NDArray[np.floating], rate_hz: int) -> Values:
    """A sound as the ear weighs it (its phase is left as it is)."""
    size = scipy.fft.next_fast_len(len(sound) + rate_hz // 4, real=True)
    gain = 10 ** (a_weight_db(np.arange(size // 2 + 1) * (rate_hz / size)) / 20)
    spectrum = scipy.fft.rfft(np.asarray(sound, dtype=np.float64), size) * gain
    weighted: Values = scipy.fft.irfft(spectrum, size)[: len(sound)]
    return weighted
