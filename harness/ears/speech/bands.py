"""Sound as power in bands, frame by frame.

Frame i is a Hann window of 512 samples that ends with sample 256 (i + 1): every 16 ms, and always
the same frames, however the samples were handed over. Before the first sample was silence.
"""

import numpy as np
import scipy
from numpy.lib.stride_tricks import as_strided
from numpy.typing import NDArray

from harness.ears.cancel.blocks import RATE_HZ, Samples

Floats = NDArray[np.float64]

STEP = 256
FRAME = 2 * STEP
FRAMES_A_SECOND = RATE_HZ / STEP
# First bins (31.25 Hz each) of the bands, from 190 Hz to 6.6 kHz, about an auditory filter each.
EDGES = np.array(
    [6, 8, 10, 12, 15, 18, 22, 26, 31, 37, 44, 52, 62, 74, 88, 105, 125, 150, 178, 210]
)
BANDS = len(EDGES) - 1
BINS = np.diff(EDGES)
WINDOW: Samples = np.hanning(FRAME + 1)[:-1].astype(np.float32)
# From power in a frame's spectrum to mean square of the samples.
TO_MEAN_SQUARE = 2.0 / (FRAME * float(np.square(WINDOW).sum()))


class Tape:
    """The newest samples of a stream, by their index; silence before the first."""

    def __init__(self, before: int) -> None:
        self._origin = -before
        self._kept: Samples = np.zeros(before, dtype=np.float32)

    @property
    def end(self) -> int:
        """One past the last sample."""
        return self._origin + len(self._kept)

    @property
    def origin(self) -> int:
        """The first sample that is still there."""
        return self._origin

    def push(self, samples: Samples) -> None:
        """Add samples."""
        self._kept = np.concatenate((self._kept, samples.astype(np.float32, copy=False)))

    def forget(self, before: int) -> None:
        """Let go of what lies before sample `before`."""
        surplus = before - self._origin
        if surplus > 0:
            self._kept = self._kept[surplus:].copy()
            self._origin = before

    def read(self, start: int, end: int) -> Samples:
        """Samples from `start` to `end`, fewer where they are forgotten; not a copy."""
        return self._kept[max(start - self._origin, 0) : max(end - self._origin, 0)]

    def frames(self, first: int, which: NDArray[np.intp], size: int) -> Samples:
        """Of frames as of `steps`, those named; shape (named, size)."""
        return self.steps(first, int(which[-1]) + 1, size)[which]

    def steps(self, first: int, count: int, size: int) -> Samples:
        """`count` frames of `size` samples, one every 256, the first ending at `first`."""
        start = self._kept[first - size - self._origin :]
        stride = start.strides[0]
        return as_strided(start, (count, size), (STEP * stride, stride), writeable=False)


def band_powers(frames: Samples) -> Floats:
    """Power in each band of each frame, shape (frames, bands)."""
    spectra = scipy.fft.rfft(frames * WINDOW)[:, EDGES[0] : EDGES[-1]]
    power = np.square(spectra.real) + np.square(spectra.imag)
    summed = np.add.reduceat(power, EDGES[:-1] - EDGES[0], axis=1)
    return np.asarray(summed, dtype=np.float64)
