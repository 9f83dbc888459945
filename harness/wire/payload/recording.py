"""The recording of the device's microphone: where in it a short sound lies best."""

import numpy as np
import scipy

from harness.wire.payload.alignment import EDGE_S
from harness.wire.payload.flat import RATE_HZ, Flat, at_rate, flat, is_quiet, levels
from harness.wire.payload.sounds import Samples

LONGEST_SEARCH_S = 4.0
"""No more is searched for at a time: clocks that drift part what is longer."""
_APART_S = 0.05


class Recording:
    """A recording, ready to be searched many times."""

    def __init__(self, samples: Samples, rate_hz: int) -> None:
        """`samples`: mono, at any rate; times are counted from the first of them."""
        self._flat = flat(samples, rate_hz)
        self._level = levels(at_rate(samples, rate_hz))
        size = len(self._flat) + round(LONGEST_SEARCH_S * RATE_HZ)
        self._size = scipy.fft.next_fast_len(max(size, 2), real=True)
        self._spectrum = scipy.fft.rfft(self._flat, self._size)
        self._energy = np.concatenate(([0.0], np.cumsum(self._flat.astype(np.float64) ** 2)))

    @property
    def length_s(self) -> float:
        """How long the recording is, in seconds."""
        return len(self._flat) / RATE_HZ

    def places(self, part: Flat, last: int) -> list[tuple[int, float]]:
        """The best place of `part` and the best one apart from it: (index, correlation).

        Places at which it would end after index `last` are left out.
        """
        count = min(len(self._flat), last) - len(part) + 1
        norm = float(np.sqrt(np.dot(part, part)))
        if count < 1 or norm <= 0.0:
            return []
        spectrum = self._spectrum * np.conj(scipy.fft.rfft(part, self._size))
        found = scipy.fft.irfft(spectrum, self._size)[:count]
        heard = np.sqrt(np.maximum(self._energy[len(part) :][:count] - self._energy[:count], 1e-9))
        scores = found / (norm * heard)
        best = int(np.argmax(scores))
        places = [(best, float(scores[best]))]
        apart = round(_APART_S * RATE_HZ)
        scores[max(0, best - apart) : best + apart] = -1.0
        other = int(np.argmax(scores))
        return [*places, (other, float(scores[other]))]

    def near(self, part: Flat, at: int, reach_s: float = EDGE_S) -> tuple[float, float]:
        """Where near index `at` a block lies best, to a part of a sample, and its correlation."""
        reach = round(reach_s * RATE_HZ)
        low = max(0, at - reach)
        heard = self._flat[low : at + reach + len(part)]
        if len(heard) < len(part):
            return float(at), 0.0
        found = scipy.signal.correlate(heard, part, "valid", "fft")
        energy = self._energy[low + len(part) :][: len(found)] - self._energy[low:][: len(found)]
        norm = float(np.sqrt(np.dot(part, part)))
        scores = found / np.maximum(norm * np.sqrt(np.maximum(energy, 1e-9)), 1e-9)
        best = int(np.argmax(scores))
        return low + best + _peak(scores, best), float(scores[best])

    def is_quiet(self, at: int, count: int) -> bool:
        """Whether nothing loud was heard from index `at` on."""
        return is_quiet(self._level, at, count)


def _peak(scores: Samples, best: int) -> float:
    """How far from a sample the peak lies, by the parabola through it and its neighbours."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    left, here, right = (float(scores[best + step]) for step in (-1, 0, 1))
    bend = left - 2 * here + right
    return 0.0 if bend >= 0.0 else max(-0.5, min(0.5, 0.5 * (left - right) / bend))
