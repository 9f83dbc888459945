"""Extended short-time objective intelligibility (ESTOI).

J. Jensen and C. H. Taal, "An Algorithm for Predicting the Intelligibility of Speech Masked by
Modulated Noise Maskers", IEEE/ACM Trans. Audio, Speech and Language Processing 24 (2016): how
alike clean and disturbed speech are in 15 third-octave bands, over stretches of 384 ms, first each
band and then each moment brought to one scale. 1 is undisturbed, 0 has nothing to do with it.
"""

from functools import cache

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.ears.audibility.polyphase import RATE_HZ, to_10_khz
from harness.sound.blocks import Flags, Values

_HOP = 128
_FFT = 512
_BANDS = 15
_LOWEST_HZ = 150.0
_STRETCH = 30
_RANGE_DB = 40.0
_STRETCHES_AT_ONCE = 64
# What rounding leaves of a band that does not change at all, squared.
_NOTHING = 1e-22


def estoi(clean: Samples, disturbed: Samples, rate_hz: int) -> float | None:
    """ESTOI of speech, given the same speech alone; both of one length and in step.

    None where clean speech lasts less than 31 overlapping frames (410 ms) within 40 dB of its
    loudest, or is not there at all.
    """
    speech = _halves(to_10_khz(clean, rate_hz))
    mixture = _halves(to_10_khz(disturbed, rate_hz))
    spoken = np.flatnonzero(_spoken(speech))
    if len(spoken) <= _STRETCH:
        return None
    return _alike(_bands(speech, spoken), _bands(mixture, spoken))


@cache
def _window() -> Values:
    """Hann's, of two halves."""
    return np.hanning(2 * _HOP + 2)[1:-1].reshape(2, _HOP)


def _halves(samples: Samples) -> Values:
    """The samples by half frames; a frame is two that follow one another. The last is left out."""
    frames = max(0, -(-(len(samples) - 2 * _HOP) // _HOP))
    count = frames + 1 if frames else 0
    return samples[: count * _HOP].reshape(count, _HOP).astype(np.float64)


def _spoken(halves: Values) -> Flags:
    """Which frames are at most 40 dB below the loudest."""
    energies = np.einsum("hs,ws->hw", np.square(halves), np.square(_window()))
    energy = energies[:-1, 0] + energies[1:, 1]
    return np.asarray(energy > energy.max(initial=0.0) * 10 ** (-_RANGE_DB / 10))


def _bands(halves: Values, spoken: NDArray[np.intp]) -> Values:
    """Magnitudes by band and frame, of the frames that are spoken, joined to one another."""
    first, second = _window()
    joined = halves[spoken] * first
    joined[1:] += halves[spoken[:-1] + 1] * second
    frames = np.concatenate((joined[:-1] * first, joined[1:] * second), axis=1)
    spectra = scipy.fft.rfft(frames, _FFT)
    power = np.square(spectra.real) + np.square(spectra.imag)
    edges = _band_edges()
    bands = np.add.reduceat(power[:, : edges[-1]], edges[:-1], axis=1)
    return np.ascontiguousarray(np.sqrt(bands).T)


@cache
def _band_edges() -> NDArray[np.intp]:
    """The first line of a spectrum in each third-octave band, and the first beyond the last."""
    lines_hz = np.arange(_FFT // 2 + 1) * RATE_HZ / _FFT
    edges_hz = _LOWEST_HZ * 2 ** ((2 * np.arange(_BANDS + 1) - 1) / 6)
    edges: NDArray[np.intp] = np.argmin(np.abs(lines_hz - edges_hz[:, None]), axis=1)
    return edges


def _alike(clean: Values, disturbed: Values) -> float:
    """The mean over all stretches of how far clean and disturbed moments point the same way."""
    count = int(clean.shape[1]) - _STRETCH + 1
    total = 0.0
    for start in range(0, count, _STRETCHES_AT_ONCE):
        part = slice(start, start + min(_STRETCHES_AT_ONCE, count - start) + _STRETCH - 1)
        total += _likeness(_stretches(clean[:, part]), _stretches(disturbed[:, part]))
    return total / (_STRETCH * count)


def _stretches(bands: Values) -> Values:
    """All stretches (band, stretch, moment), each band of each with mean 0 and length 1."""
    stretches = sliding_window_view(bands, _STRETCH, axis=1)
    centred: Values = stretches - stretches.mean(axis=2, keepdims=True)
    scale = np.einsum("bsm,bsm->bs", stretches, stretches)
    length = np.einsum("bsm,bsm->bs", centred, centred)
    told = length > _NOTHING * scale
    centred *= np.where(told, 1 / np.sqrt(np.where(told, length, 1.0)), 0.0)[:, :, None]
    return centred


def _likeness(clean: Values, disturbed: Values) -> float:
    """The sum over all moments of the correlation between their bands."""
    mean, mean_disturbed = clean.mean(axis=0), disturbed.mean(axis=0)
    both = np.einsum("bsm,bsm->sm", clean, disturbed) - _BANDS * mean * mean_disturbed
    one = np.einsum("bsm,bsm->sm", clean, clean) - _BANDS * np.square(mean)
    other = np.einsum("bsm,bsm->sm", disturbed, disturbed) - _BANDS * np.square(mean_disturbed)
    told = (one > _NOTHING) & (other > _NOTHING)
    return float(np.sum(both[told] / np.sqrt(one[told] * other[told])))
