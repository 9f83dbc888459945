"""What the loudspeakers should sound like at the microphone: references through their paths.

Partitioned convolution by overlap-save (Kulp 1988; uniform partitions of one hop), exact to
rounding. Linear and without memory but for the references themselves.
"""

import numpy as np
import scipy

from harness.ears.cancel.blocks import HOP, TAPS, Samples, Spectra

_PARTS = TAPS // HOP
_BINS = HOP + 1


class PathFilter:
    """Impulse responses of some loudspeakers, shape (loudspeakers, TAPS), and their use."""

    def __init__(self, loudspeakers: int) -> None:
        self.responses: Samples = np.zeros((loudspeakers, TAPS), dtype=np.float32)
        self._parts: Spectra = np.zeros((loudspeakers, _PARTS, _BINS), dtype=np.complex64)
        self._before = [_silence() for _ in range(loudspeakers)]
        # Hops until what a loudspeaker played has rung out.
        self._ringing = np.zeros(loudspeakers, dtype=np.int64)

    def add(self, which: int, change: Samples) -> None:
        """Add `change` to the response of one loudspeaker."""
        self.responses[which] += change
        parts = self.responses[which].reshape(_PARTS, HOP)
        self._parts[which] = scipy.fft.rfft(parts, 2 * HOP)

    def recall(self, references: Samples) -> None:
        """Begin anew after these references, shape (loudspeakers, TAPS or more)."""
        for which, recent in enumerate(references[:, -_PARTS * HOP :]):
            sounding = bool(np.dot(recent, recent) > 0.0)
            self._before[which] = _spectra(recent) if sounding else _silence()
            self._ringing[which] = _PARTS if sounding else 0

    def predict(self, references: Samples) -> Samples:
        """The sound at the microphone during the newest hops.

        `references`: shape (loudspeakers, HOP + samples), the hop before them first. Must be
        called for every hop once, in order.
        """
        hops = references.shape[1] // HOP - 1
        heard = np.zeros((hops, _BINS), dtype=np.complex64)
        for which, played in enumerate(references):
            if np.dot(played, played) > 0.0:
                self._ringing[which] = _PARTS + hops
            if self._ringing[which] > 0:
                self._hear(which, played, heard)
                self._ringing[which] -= hops
        if not heard.any():
            return np.zeros(hops * HOP, dtype=np.float32)
        found: Samples = scipy.fft.irfft(heard, 2 * HOP)[:, HOP:].reshape(-1)
        return found

    def _hear(self, which: int, played: Samples, heard: Spectra) -> None:
        """Add one loudspeaker to what is heard."""
        spectra = np.concatenate((self._before[which], _spectra(played)))
        self._before[which] = spectra[len(heard) :]
        product = np.empty_like(heard)
        for part in range(_PARTS):
            first = _PARTS - 1 - part
            np.multiply(spectra[first : first + len(heard)], self._parts[which, part], out=product)
            heard += product


def _silence() -> Spectra:
    return np.zeros((_PARTS - 1, _BINS), dtype=np.complex64)


def _spectra(played: Samples) -> Spectra:
    """The spectrum of each hop with the hop before it."""
    hops = played.reshape(-1, HOP)
    found: Spectra = scipy.fft.rfft(np.concatenate((hops[:-1], hops[1:]), axis=1))
    return found
