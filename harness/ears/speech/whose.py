"""WhoseVoice voice: by how much earlier and louder it is at the microphone beside the device.

Both microphones must be channels of one sound card: their clocks are taken to be one.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from harness.ears.cancel.blocks import RATE_HZ, Samples
from harness.model.timeline import WhoseVoice

_SIZE = 32_768
LONGEST = _SIZE // 2
_SHORTEST = RATE_HZ // 10
_MOST_LAG = round(0.02 * RATE_HZ)
_BAND_HZ = (300, 6000)
# A peak is believed from so many deviations on.
_CLEAR = 6.0
_SAME_LEAD_S = 0.001
_SAME_DB = 6.0


@dataclass(frozen=True, slots=True)
class Placement:
    """How much earlier (s) and louder (dB) the device is at the microphone beside it.

    Take both from the `Speech` of an answer that is known to be the device's.
    """

    lead_s: float
    louder_db: float

    def whose(self, lead_s: float, louder_db: float) -> WhoseVoice:
        """WhoseVoice voice is that much earlier and louder there."""
        away_s, away_db = abs(lead_s - self.lead_s), abs(louder_db - self.louder_db)
        if away_s > _SAME_LEAD_S:
            return WhoseVoice.NOT_DEVICE
        return WhoseVoice.DEVICE if away_db <= _SAME_DB else WhoseVoice.UNATTRIBUTED


def compared(listener: Samples, beside: Samples) -> tuple[float, float] | None:
    """`Comparison.result` of one stretch of speech, however long, at both microphones."""
    comparison = Comparison()
    for start in range(0, min(len(listener), len(beside)), LONGEST):
        span = slice(start, min(start + LONGEST, len(listener), len(beside)))
        comparison.add(listener[span], beside[span])
    return comparison.result()


class Comparison:
    """Compares speech at two microphones, piece by piece, in memory that does not grow."""

    def __init__(self) -> None:
        self._cross = np.zeros(_SIZE // 2 + 1, dtype=np.complex128)
        self._powers = [0.0, 0.0]

    def add(self, listener: Samples, beside: Samples) -> None:
        """The same stretch of speech at both: 0.1 s at least, `LONGEST` samples at most."""
        if len(listener) < _SHORTEST or len(listener) != len(beside):
            return
        one, other = (scipy.fft.rfft(s, _SIZE) for s in (listener, beside))
        low, high = (hz * _SIZE // RATE_HZ for hz in _BAND_HZ)
        cross = np.zeros_like(self._cross)
        cross[low:high] = one[low:high] * np.conj(other[low:high])
        self._cross += cross / (np.abs(cross) + 1e-20) ** 0.8
        for k, spectrum in enumerate((one, other)):
            self._powers[k] += float(np.square(np.abs(spectrum[low:high])).sum())

    def result(self) -> tuple[float, float] | None:
        """How much earlier (s) and louder (dB) it is beside the device; None where unclear."""
        if min(self._powers) <= 0.0:
            return None
        lags = scipy.fft.irfft(self._cross)
        near = np.concatenate((lags[-_MOST_LAG:], lags[: _MOST_LAG + 1]))
        at = int(np.argmax(near))
        if near[at] < _CLEAR * float(np.sqrt(np.mean(np.square(near)))):
            return None
        louder_db = 10 * float(np.log10(self._powers[1] / self._powers[0]))
        return (at - _MOST_LAG) / RATE_HZ, louder_db
