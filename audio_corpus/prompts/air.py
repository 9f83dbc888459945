"""What loudspeakers, clocks and rooms do to sound, whole or piece by piece."""

from typing import cast

import numpy as np
import scipy
import soxr
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples

_TINY = 1e-20


def distorted(samples: Samples, share: float, peak: float | None = None) -> NDArray[np.float64]:
    """A loudspeaker that makes harmonics, the second and the third alike, of a sine at the peak.

    `share`: of the harmonics in such a sine. `peak`: of the whole sound; None: of these samples.
    """
    top = (float(np.abs(samples).max(initial=0.0)) if peak is None else peak) + _TINY
    x = samples.astype(np.float64) / top
    each = share / np.sqrt(2)
    bent: NDArray[np.float64] = top * (x + 2 * each * x**2 + 4 * each * x**3)
    return bent


def drifted(samples: NDArray[np.float64], ppm: float, rate_hz: int) -> NDArray[np.float64]:
    """Sound of a clock that runs `ppm` faster, as one at `rate_hz` counts it."""
    if ppm == 0.0:
        return samples
    found: NDArray[np.float64] = soxr.resample(
        samples, rate_hz * (1 + ppm * 1e-6), rate_hz, quality="VHQ"
    )
    return found


class Drift:
    """`drifted`, piece by piece, for several channels; shape (channels, samples)."""

    def __init__(self, channels: int, ppm: float, rate_hz: int) -> None:
        self._stream = None
        if ppm != 0.0:
            fast_hz = rate_hz * (1 + ppm * 1e-6)
            self._stream = soxr.ResampleStream(
                fast_hz, rate_hz, channels, dtype="float32", quality="VHQ"
            )

    def push(self, samples: Samples) -> Samples:
        """What comes out when these go in: some fewer at first, since the filter looks ahead."""
        if self._stream is None:
            return samples
        piece = np.ascontiguousarray(samples.T, dtype=np.float32)
        return cast(Samples, self._stream.resample_chunk(piece).reshape(-1, len(samples)).T)


class Air:
    """The way from loudspeakers to microphones, in blocks of one length.

    `responses`: shape (loudspeakers, microphones, taps). Sounds of all loudspeakers are summed
    while they are spectra, so that a microphone costs one inverse transform.
    """

    def __init__(self, responses: Samples, block: int) -> None:
        taps = responses.shape[2]
        self._block = block
        self._size = int(scipy.fft.next_fast_len(block + taps - 1, real=True))
        self._spectra = scipy.fft.rfft(responses.astype(np.float32), self._size)
        self._tail = np.zeros((responses.shape[1], self._size - block), dtype=np.float32)

    def push(self, sounds: Samples) -> Samples:
        """A block of each loudspeaker into one of each microphone."""
        spectra = scipy.fft.rfft(sounds.astype(np.float32), self._size)
        whole = scipy.fft.irfft(np.einsum("sf,smf->mf", spectra, self._spectra), self._size)
        # Where a path is longer than a block, its tail reaches over the next block as well.
        whole[:, : self._tail.shape[1]] += self._tail
        self._tail = whole[:, self._block :].copy()
        return cast(Samples, whole[:, : self._block].astype(np.float32))


class Queue:
    """Samples that wait to be taken in other lengths than they came; shape (channels, samples)."""

    def __init__(self, channels: int) -> None:
        self._waiting: Samples = np.zeros((channels, 0), dtype=np.float32)

    def __len__(self) -> int:
        return self._waiting.shape[1]

    def put(self, samples: Samples) -> None:
        """Put samples at the end."""
        self._waiting = np.concatenate((self._waiting, samples), axis=1)

    def take(self, count: int) -> Samples:
        """Take the first `count`."""
        first, self._waiting = self._waiting[:, :count], self._waiting[:, count:]
        return first
