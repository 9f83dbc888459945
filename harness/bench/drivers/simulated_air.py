"""The air of a simulated bench: what reaches each channel, sample by sample, kept in memory.

Sounds are mixed in as soon as they are handed over, in places that lie ahead of now; whoever
reads is only let as far as now.
"""

import numpy as np
import scipy.signal
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples

_GROWTH_S = 30
MICROPHONES = ("listener", "device")


class SimulatedAir:
    """Channels that grow as they are needed.

    `references`: channels that hold exactly what is played; beside them there is the noise of
    each microphone. `noise_db`: dB re full scale; `seed` makes it repeat.
    """

    def __init__(
        self, references: tuple[str, ...], rate_hz: int, noise_db: float, seed: int
    ) -> None:
        self._rate_hz = rate_hz
        self._noise = np.random.default_rng(seed)
        self._noise_gain = np.float32(10 ** (noise_db / 20))
        empty = np.zeros(0, dtype=np.float32)
        self._kept: dict[str, NDArray[np.float32]] = dict.fromkeys(
            (*references, *MICROPHONES), empty
        )
        self._missing = 0
        self._dead_from: dict[str, int] = {}

    def add(self, channel: str, samples: Samples, at_index: int) -> None:
        """Mix `samples` into `channel`, the first at `at_index`."""
        start = at_index - self._missing
        self._grow(start + len(samples))
        self._kept[channel][start : start + len(samples)] += samples

    def read(self, channel: str, start: int, count: int) -> Samples:
        """`count` samples of `channel` from index `start`; silence where it is dead."""
        self._grow(start + count)
        found: Samples = self._kept[channel][start : start + count].copy()
        dead_from = self._dead_from.get(channel)
        if dead_from is not None:
            found[max(0, dead_from - start) :] = 0.0
        return found

    def die(self, channel: str, from_index: int) -> None:
        """From `from_index` on the channel is digital silence."""
        self._dead_from[channel] = from_index

    def lose(self, at_index: int, count: int) -> None:
        """`count` samples are lost on every channel: all that follows comes so much earlier."""
        self._grow(at_index + count)
        for channel, kept in self._kept.items():
            self._kept[channel] = np.concatenate((kept[:at_index], kept[at_index + count :]))
        self._missing += count

    def _grow(self, until: int) -> None:
        for channel, kept in self._kept.items():
            more = until - len(kept)
            if more > 0:
                size = more + _GROWTH_S * self._rate_hz
                self._kept[channel] = np.concatenate((kept, self._fresh(channel, size)))

    def _fresh(self, channel: str, size: int) -> NDArray[np.float32]:
        if channel not in MICROPHONES:
            return np.zeros(size, dtype=np.float32)
        hiss = self._noise.standard_normal(size, dtype=np.float32) * self._noise_gain
        return hiss.astype(np.float32)


def through(path: Samples, samples: Samples, gain: float) -> Samples:
    """Sound at the end of a path, with all that rings on."""
    heard: Samples = (scipy.signal.oaconvolve(samples, path) * gain).astype(np.float32)
    return heard
