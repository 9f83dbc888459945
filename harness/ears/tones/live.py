"""Tones while a recording grows: the same as afterwards, a tenth of a second after each is over."""

import numpy as np

from harness.bench.ports.sound import Samples
from harness.ears.spotter import Spotted
from harness.ears.tones.frames import Levels
from harness.ears.tones.spotter import TonesOfScale, ToneSpotter, best_apart


class LiveTones:
    """Sound in, tones out. Memory is bounded by the longest tone."""

    def __init__(self, spotter: ToneSpotter, rate_hz: int) -> None:
        self._growing = [_Growing(each, rate_hz) for each in spotter.scales]

    def push(self, samples: Samples) -> list[Spotted]:
        """The next samples, however many; tones that are now over.

        Times are seconds since the first sample that was pushed. A tone that fits better and is
        over later may come after one that it overlaps.
        """
        return best_apart([found for each in self._growing for found in each.push(samples)])


class _Growing:
    """The frames of one scale that are still needed."""

    def __init__(self, tones: TonesOfScale, rate_hz: int) -> None:
        self._tones, self._rate = tones, rate_hz
        scale = tones.scale
        self._levels: Levels = np.zeros((0, scale.bins), dtype=np.float32)
        self._rest: Samples = np.zeros(tones.before * scale.hop(rate_hz), dtype=np.float32)
        self._begins_s = -tones.before * scale.hop_s

    def push(self, samples: Samples) -> list[Spotted]:
        scale, known = self._tones.scale, len(self._levels)
        self._rest = np.concatenate((self._rest, samples))
        fresh = scale.levels(self._rest, self._rate)
        if not len(fresh):
            return []
        self._rest = self._rest[len(fresh) * scale.hop(self._rate) :]
        self._levels = np.concatenate((self._levels, fresh))
        found = self._tones.spot(self._levels, known, self._begins_s)
        passed = max(0, len(self._levels) - self._tones.memory)
        self._levels = self._levels[passed:].copy()
        self._begins_s += passed * scale.hop_s
        return found
