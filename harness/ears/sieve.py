"""Where a prompt may be: a quick look that misses nothing a close one would take.

The recording is cut into windows. Of the spectrum of each only the phase counts (phase
transform), and only from 300 to 3300 Hz: over the whole band, noise in the treble would drown
speech. Multiplied with a prompt's spectrum and turned back as complex numbers, that is the
envelope of the correlation at 3000 samples a second: far less work than a correlation at 48 kHz.
In noise the squared envelope is distributed exponentially, with the same mean whatever the
level: one threshold does for all recordings.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.band import RATE_HZ, Samples

# Of a prompt the last part is looked for; whether the whole of it is there is for others to see.
_PART = 8_000
_LONG_WINDOW = 51_200
_STEP = 4_096
_LOWEST_HZ = 300
# What of a window's rate is used: 3000 Hz, which is also the rate of the envelope.
_SHARE = 3 / 8
_CELL = 256
# The level is evened out over so many blocks before the phases are taken, else a loud neighbour
# would take them all.
_BLOCK, _BLOCKS = 256, 9
_FLOOR = 3e-3
_SMOOTH_HZ = 150.0
# Transforms are done together: scipy then works on several at a time.
_TOGETHER = 4
# A place is known to so many samples.
_SLACK = 4
_TINY = 1e-20


@dataclass(frozen=True, slots=True)
class Candidate:
    """Sound `which` may start at sample `at`; `power`: that of the envelope, over its mean."""

    which: int
    at: int
    power: float


class Sieve:
    """Looks for the ends of some sounds (8 kHz, from `band`)."""

    def __init__(self, sounds: Sequence[Samples]) -> None:
        self._lengths = [len(sound) for sound in sounds]
        parts = [_evened(sound)[-_PART:] for sound in sounds]
        self._longest = max(map(len, parts), default=0)
        # All end at the same sample, so that one stretch of lags is that of what is fresh.
        self._parts = [np.pad(part, (self._longest - len(part), 0)) for part in parts]
        self._spectra: dict[int, NDArray[np.complex64]] = {}

    def candidates(self, recording: Samples, fresh: int, least: float) -> list[Candidate]:
        """Where a sound may lie that ends in the last `fresh` samples of a recording.

        `least`: the power that counts.
        """
        start = len(recording) - fresh - self._longest
        flat = np.pad(_evened(recording[max(0, start) :]), (max(0, -start), 0))
        window = min(_LONG_WINDOW, -(-len(flat) // _STEP) * _STEP)
        hop = window - self._longest + 1
        found = []
        for at in range(0, fresh + 1, hop):
            lags = min(hop, fresh + 1 - at) + _SLACK
            for which, lag, power in self._in_window(flat[at : at + window], window, lags, least):
                begins = start + at + lag + self._longest - self._lengths[which]
                if begins >= -_SLACK:
                    found.append(Candidate(which, begins, power))
        return found

    def _in_window(
        self, part: Samples, window: int, lags: int, least: float
    ) -> Iterator[tuple[int, int, float]]:
        """Which sound, its lag in the window and its power; one for each cell of 85 ms at most."""
        phases = _phases(_bins(part, window))
        spectra = self._conjugate_spectra(window)
        count = min(phases.size, -(-round(lags * _SHARE) // _CELL) * _CELL)
        for first in range(0, len(spectra), _TOGETHER):
            turned = scipy.fft.ifft(spectra[first : first + _TOGETHER] * phases, overwrite_x=True)
            cells = turned[:, :count].reshape(len(turned), -1, _CELL)
            parts = cells.view(np.float32)
            either = np.maximum(parts.max(axis=-1), -parts.min(axis=-1))
            near = np.nonzero(np.square(either) >= least / 2)
            power = np.square(cells[near].real) + np.square(cells[near].imag)
            tops = power.argmax(axis=1)
            for row, cell, top, most in zip(*near, tops, power.max(axis=1), strict=True):
                lag = round((cell * _CELL + top) / _SHARE)
                if lag < lags and most >= least:
                    yield first + int(row), lag, float(most)

    def _conjugate_spectra(self, window: int) -> NDArray[np.complex64]:
        """Of all sounds, each evened out over frequency and scaled for a mean power of 1."""
        if window not in self._spectra:
            rows = [_conjugate(_bins(part, window)) for part in self._parts]
            self._spectra[window] = np.array(rows, dtype=np.complex64)
        return self._spectra[window]


def _bins(part: Samples, window: int) -> NDArray[np.complex64]:
    lowest = _LOWEST_HZ * window // RATE_HZ
    spectrum: NDArray[np.complex64] = scipy.fft.rfft(part, window)
    return spectrum[lowest : lowest + round(window * _SHARE)]


def _phases(bins: NDArray[np.complex64]) -> NDArray[np.complex64]:
    return bins / (np.abs(bins) + np.float32(_TINY))


def _conjugate(bins: NDArray[np.complex64]) -> NDArray[np.complex64]:
    power = np.square(np.abs(bins), dtype=np.float64)
    wide = max(1, round(_SMOOTH_HZ * len(bins) / (_SHARE * RATE_HZ)))
    around = scipy.ndimage.uniform_filter1d(power, wide) + _TINY
    # Not `linalg.norm`: BLAS sends so few numbers to all cores, and waits for them to wake.
    energy = np.sum(power / around)
    scaled = len(bins) / (np.sqrt(energy) + _TINY) / np.sqrt(around)
    return np.asarray(np.conj(bins) * scaled, dtype=np.complex64)


def _evened(samples: Samples) -> Samples:
    """At one level throughout, but for what is much fainter than the rest."""
    if not len(samples):
        return samples
    blocks = np.pad(samples, (0, -len(samples) % _BLOCK)).reshape(-1, _BLOCK)
    power = np.einsum("ij,ij->i", blocks, blocks)
    near = scipy.ndimage.uniform_filter1d(power, _BLOCKS, mode="nearest")
    level = near + _FLOOR * power.mean() + _TINY
    even: Samples = (blocks / np.sqrt(level)[:, None]).reshape(-1)[: len(samples)]
    return even
