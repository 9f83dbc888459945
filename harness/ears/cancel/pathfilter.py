"""What the loudspeakers should sound like at the microphone: references through their paths.

Partitioned convolution by overlap-save (Kulp 1988; uniform partitions of one hop), exact to
rounding. Linear and without memory but for the references themselves.
"""

import numpy as np
import scipy.fft

from harness.ears.cancel.blocks import HOP, TAPS, Samples, Spectra

_PARTS = TAPS // HOP
_BINS = HOP + 1


class PathFilter:
    """Impulse responses of some loudspeakers, shape (loudspeakers, TAPS), and their use."""

    def __init__(self, loudspeakers: int) -> None:
        self.responses: Samples = np.zeros((loudspeakers, TAPS), dtype=np.float32)
        self._parts: Spectra = np.zeros((loudspeakers, _PARTS, _BINS), dtype=np.complex64)
        self._before: Spectra = np.zeros((loudspeakers, _PARTS - 1, _BINS), dtype=np.complex64)

    def add(self, which: int, change: Samples) -> None:
        """Add `change` to the response of one loudspeaker."""
        self.responses[which] += change
        parts = self.responses[which].reshape(_PARTS, HOP)
        self._parts[which] = scipy.fft.rfft(parts, 2 * HOP)

    def recall(self, references: Samples) -> None:
        """Begin anew after these references, shape (loudspeakers, TAPS or more)."""
        recent = references[:, -_PARTS * HOP :]
        self._before = _spectra(recent)

    def predict(self, references: Samples) -> Samples:
        """The sound at the microphone during the newest hops.

        `references`: shape (loudspeakers, HOP + samples), the hop before them first. Must be
        called for every hop once, in order.
        """
        hops = references.shape[1] // HOP - 1
        sounding = np.flatnonzero(references.any(axis=1) | self._before.any(axis=(1, 2)))
        if not sounding.size:
            return np.zeros(hops * HOP, dtype=np.float32)
        spectra = np.zeros((len(references), _PARTS - 1 + hops, _BINS), dtype=np.complex64)
        spectra[:, : _PARTS - 1] = self._before
        spectra[sounding, _PARTS - 1 :] = _spectra(references[sounding])
        self._before = spectra[:, hops:].copy()
        heard = np.zeros((hops, _BINS), dtype=np.complex64)
        for which in sounding:
            for part in range(_PARTS):
                first = _PARTS - 1 - part
                heard += spectra[which, first : first + hops] * self._parts[which, part]
        found: Samples = scipy.fft.irfft(heard, 2 * HOP)[:, HOP:].reshape(-1)
        return found


def _spectra(references: Samples) -> Spectra:
    """The spectrum of each hop with the hop before it."""
    hops = references.reshape(len(references), -1, HOP)
    frames = np.concatenate((hops[:, :-1], hops[:, 1:]), axis=2)
    found: Spectra = scipy.fft.rfft(frames)
    return found
