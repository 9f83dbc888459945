"""Paths from a stretch of recording, all loudspeakers at once, by regularised least squares.

Minimises the weighted energy of what is left plus a penalty that grows with the time after the
first sound, as a room's echoes fall (Tikhonov with an exponential prior). Conjugate gradients on
the normal equations, products by FFT, preconditioned with the inverse spectrum of each reference
(Chan & Ng, "Conjugate gradient methods for Toeplitz systems", SIAM Review 38, 1996). What the
device says meanwhile is held down by a second round, in which blocks weigh by the inverse of what
the first has left in them.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import RATE_HZ, TAPS, Samples
from harness.ears.cancel.learner import BANDS

_STEPS = 12
_ROUNDS = 2
_BLOCK = 1_024
_HELD_OUT = 4
# The prior: echoes fall by 60 dB in so many seconds at the slowest, and the first guess of what no
# path explains is 30 dB below the recording.
_SLOWEST_FALL_S = 1.0
_NOISE_SHARE = 1e-3
# Speech falls towards treble; both sides are evened out, so that all frequencies count.
_EVEN = np.float32(0.9)
_SPECTRUM = 2 * TAPS


@dataclass(frozen=True, slots=True)
class Fit:
    """`responses`: shape (loudspeakers, TAPS). `unsure`: their mean square error by band.

    `gained_db`: how much less they leave than what was known before, in blocks of the recording
    that were held out of it; the mean over blocks. Negative where it only fits the device.
    """

    responses: Samples
    unsure: NDArray[np.float32]
    gained_db: float


def fit_paths(references: Samples, recording: Samples, known: Samples) -> Fit:
    """The paths that explain a recording best.

    `references`: shape (loudspeakers, TAPS + count), the newest `count` at the time of the
    `recording`. `known`: shape (loudspeakers, TAPS); only what the recording shows to be otherwise
    is changed.
    """
    x, d = _evened(references), _evened(recording)
    problem = _Problem(x, len(d))
    new = d - problem.apply(known) if known.any() else d
    whole = np.ones(len(d), dtype=np.float32)
    change, gained_db = np.zeros_like(known), 0.0
    if known.any():
        change, _ = _solved(problem, new, d, change, _kept(len(d)))
        gained_db = _gained_db(new, new - problem.apply(change), _mean_square(d))
    change, weights = _solved(problem, new, d, change, whole)
    unsure = _unsure(x, new - problem.apply(change), weights, change)
    return Fit(known + change, unsure, gained_db)


def _solved(
    problem: "_Problem", new: Samples, d: Samples, change: Samples, kept: Samples
) -> tuple[Samples, Samples]:
    """The change that explains best what is new in `d`, where `kept` is 1; and final weights."""
    weights, least = kept, _NOISE_SHARE * _mean_square(d)
    noise = least
    for _ in range(_ROUNDS):
        penalty = _penalty(problem.references, new, noise)
        change = _conjugate_gradients(problem, new, weights, penalty, change)
        weights, noise = _weights(new - problem.apply(change), least)
        weights *= kept
    return change, weights


def _kept(count: int) -> Samples:
    """1 for blocks that are fitted, 0 for every fourth, which is held out."""
    kept = np.ones(count, dtype=np.float32)
    for at in range((_HELD_OUT - 1) * _BLOCK, count, _HELD_OUT * _BLOCK):
        kept[at : at + _BLOCK] = 0.0
    return kept


def _gained_db(before: Samples, after: Samples, usual: float) -> float:
    """Levels before less levels after, the mean over the blocks that were held out."""
    whole = len(before) // (_HELD_OUT * _BLOCK) * _HELD_OUT * _BLOCK
    if not whole:
        return 0.0
    powers = [
        np.square(s[:whole]).reshape(-1, _HELD_OUT, _BLOCK)[:, -1].mean(axis=1)
        for s in (before, after)
    ]
    floor = _NOISE_SHARE**2 * usual + 1e-20
    return float(np.mean(10 * np.log10((powers[0] + floor) / (powers[1] + floor))))


class _Problem:
    """The convolution of references with paths, and its transpose, over the recording's time."""

    def __init__(self, references: Samples, count: int) -> None:
        self._count, self._skip = count, references.shape[1] - count
        self._size = scipy.fft.next_fast_len(references.shape[1], real=True)
        self.references = references
        self._spectra = scipy.fft.rfft(references, self._size)
        self.powers = _smooth_power(references)

    def apply(self, responses: Samples) -> Samples:
        """What the paths make of the references."""
        heard = (self._spectra * scipy.fft.rfft(responses, self._size)).sum(axis=0)
        found: Samples = scipy.fft.irfft(heard, self._size)[self._skip : self._skip + self._count]
        return found

    def transpose(self, recording: Samples) -> Samples:
        """How alike the recording is to each reference, at each delay up to TAPS."""
        padded = np.zeros(self._size, dtype=np.float32)
        padded[self._skip : self._skip + self._count] = recording
        alike = np.conj(self._spectra) * scipy.fft.rfft(padded)
        found: Samples = scipy.fft.irfft(alike, self._size)[:, :TAPS]
        return found


def _smooth_power(references: Samples) -> NDArray[np.float32]:
    """Energy of each reference at the bins of a spectrum of twice the paths' length."""
    count = references.shape[1] // _SPECTRUM * _SPECTRUM
    frames = references[:, references.shape[1] - count :].reshape(len(references), -1, _SPECTRUM)
    spectra = scipy.fft.rfft(frames)
    energy = (np.square(np.abs(spectra))).sum(axis=1)
    flat = np.ones(9) / 9
    return np.stack([np.convolve(one, flat, "same") for one in energy]).astype(np.float32)


def _conjugate_gradients(
    problem: _Problem, d: Samples, weights: Samples, penalty: Samples, start: Samples
) -> Samples:
    """A fixed number of preconditioned steps from `start`; fewer regularise, more fit the noise."""
    inverse = 1.0 / (problem.powers + penalty.mean(axis=1, keepdims=True))
    responses = start
    rest = problem.transpose(weights * (d - problem.apply(responses))) - penalty * responses
    ahead = better = _even_spectrum(rest, inverse)
    energy = float(np.vdot(rest, better))
    for _ in range(_STEPS):
        turned = problem.transpose(weights * problem.apply(ahead)) + penalty * ahead
        bend = float(np.vdot(ahead, turned))
        if energy <= 0.0 or bend <= 0.0:
            break
        length = np.float32(energy / bend)
        responses = responses + length * ahead
        rest = rest - length * turned
        better = _even_spectrum(rest, inverse)
        before, energy = energy, float(np.vdot(rest, better))
        ahead = better + np.float32(energy / before) * ahead
    return responses


def _even_spectrum(gradient: Samples, inverse: NDArray[np.float32]) -> Samples:
    spectra = scipy.fft.rfft(gradient, _SPECTRUM) * inverse
    found: Samples = scipy.fft.irfft(spectra, _SPECTRUM)[:, :TAPS]
    return found


def _penalty(x: Samples, d: Samples, noise: float) -> Samples:
    """Noise power over the power that a tap is expected to have, shape (loudspeakers, TAPS)."""
    fall = 10 ** (-6.0 * np.arange(TAPS) / RATE_HZ / _SLOWEST_FALL_S)
    expected = fall / fall.sum()
    gains = _mean_square(d) / (np.square(x).mean(axis=1) + 1e-12)
    return np.asarray(noise / (gains[:, None] * expected + 1e-12), dtype=np.float32)


def _weights(left: Samples, least: float) -> tuple[Samples, float]:
    """The weight of each sample, mean 1 of those that count, and the noise that belongs to them."""
    count = len(left) // _BLOCK * _BLOCK
    powers = np.square(left[:count]).reshape(-1, _BLOCK).mean(axis=1)
    usual = max(float(np.median(powers)), least, 1e-20)
    weights = np.minimum(1.0, usual / (powers + 1e-20))
    found = np.repeat(weights, _BLOCK).astype(np.float32)
    return np.pad(found, (0, len(left) - count), mode="edge"), usual


def _unsure(x: Samples, left: Samples, weights: Samples, responses: Samples) -> NDArray[np.float32]:
    """Variance of a least-squares estimate: noise over stimulus, at most what was known before."""
    noise = _band_energy(np.sqrt(weights)[None] * left[None])[0]
    stimulus = _band_energy(x)
    found = _band_means(np.square(np.abs(scipy.fft.rfft(responses, _SPECTRUM))))
    known = found.mean(axis=1, keepdims=True) + 1e-12
    share = TAPS / len(left)
    return np.asarray(1.0 / (1.0 / known + stimulus / (share * noise + 1e-20)), dtype=np.float32)


def _band_energy(samples: Samples) -> NDArray[np.float64]:
    return _band_means(np.square(np.abs(scipy.fft.rfft(samples, axis=1)))).astype(np.float64)


def _band_means(powers: NDArray[np.float32]) -> NDArray[np.float32]:
    count = (powers.shape[1] - 1) // BANDS * BANDS
    return np.asarray(powers[:, :count].reshape(len(powers), BANDS, -1).mean(axis=2))


def _mean_square(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))


def _evened(samples: Samples) -> Samples:
    out = samples.copy()
    out[..., 1:] -= _EVEN * samples[..., :-1]
    return out
