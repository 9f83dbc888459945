"""The air of a simulated bench: what reaches each channel, sample by sample, kept in memory.

Sounds are mixed in as soon as they are handed over, in places that lie ahead of now; whoever
reads is only let as far as now.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples

_GROWTH_S = 20
MICROPHONES = ("listener", "device")


class SimulatedAir:
    """Channels that grow as they are needed, and are forgotten when nobody can ask any more.

    `references`: channels that hold exactly what is played; beside them there is the noise of
    each microphone. `noise_db`: dB re full scale; the same `seed` gives the same noise at the same
    index, whatever was asked for before.
    """

    def __init__(
        self, references: tuple[str, ...], rate_hz: int, noise_db: float, seed: tuple[int, ...]
    ) -> None:
        self._growth = _GROWTH_S * rate_hz
        self._noise = {
            microphone: np.random.default_rng((*seed, which))
            for which, microphone in enumerate(MICROPHONES)
        }
        self._noise_gain = np.float32(10 ** (noise_db / 20))
        empty = np.zeros(0, dtype=np.float32)
        self._kept: dict[str, NDArray[np.float32]] = dict.fromkeys(
            (*references, *MICROPHONES), empty
        )
        self._origin = 0
        self._missing = 0
        self._dead_from: dict[str, int] = {}

    def add(self, channel: str, samples: Samples, at_index: int) -> None:
        """Mix `samples` into `channel`, the first at `at_index`."""
        start = at_index - self._origin - self._missing
        self._grow(channel, start + len(samples))
        part = samples[max(0, -start) :]
        self._kept[channel][max(0, start) : max(0, start) + len(part)] += part

    def read(self, channel: str, start: int, count: int) -> Samples:
        """`count` samples of `channel` from index `start`; silence where it is dead."""
        at = start - self._origin
        self._grow(channel, at + count)
        found: Samples = self._kept[channel][at : at + count].copy()
        dead_from = self._dead_from.get(channel)
        if dead_from is not None:
            found[max(0, dead_from - start) :] = 0.0
        return found

    def forget(self, before_index: int) -> None:
        """Let go of all that sounded before `before_index`; it cannot be read any more."""
        count = before_index - self._origin
        if count > 0:
            for channel in self._kept:
                self._grow(channel, count)
                self._kept[channel] = self._kept[channel][count:].copy()
            self._origin = before_index

    def die(self, channel: str, from_index: int) -> None:
        """From `from_index` on the channel is digital silence."""
        self._dead_from[channel] = from_index

    def lose(self, at_index: int, count: int) -> None:
        """`count` samples are lost on every channel: all that follows comes so much earlier."""
        at = at_index - self._origin
        for channel in self._kept:
            self._grow(channel, at + count)
            kept = self._kept[channel]
            self._kept[channel] = np.concatenate((kept[:at], kept[at + count :]))
        self._missing += count

    def _grow(self, channel: str, until: int) -> None:
        missing = until - len(self._kept[channel])
        if missing > 0:
            more = [self._fresh(channel) for _ in range(-(-missing // self._growth))]
            self._kept[channel] = np.concatenate((self._kept[channel], *more))

    def _fresh(self, channel: str) -> NDArray[np.float32]:
        noise = self._noise.get(channel)
        if noise is None:
            return np.zeros(self._growth, dtype=np.float32)
        return noise.standard_normal(self._growth, dtype=np.float32) * self._noise_gain


def through(path: Samples, samples: Samples, gain: float) -> Samples:
    """Sound at the end of a path, with all that rings on."""
    heard: Samples = (scipy.signal.oaconvolve(samples, path) * gain).astype(np.float32)
    return heard
