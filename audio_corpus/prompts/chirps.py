"""Tones of a device: what it sounds like when it wakes, ends, or has not understood."""

from functools import lru_cache

import numpy as np

from harness.bench.ports.sound import Samples

# Of each tone: frequency in Hz, start and length in seconds.
_TONES = {
    "wake": ((587.3, 0.0, 0.16), (880.0, 0.09, 0.22)),
    "end": ((880.0, 0.0, 0.14), (587.3, 0.08, 0.24)),
    "error": ((311.1, 0.0, 0.13), (311.1, 0.17, 0.20)),
    "done": ((1046.5, 0.0, 0.30),),
}
CHIRPS = tuple(_TONES)
_LEVEL = 0.1


@lru_cache(maxsize=16)
def chirp(name: str, rate_hz: int) -> Samples:
    """The samples of one of `CHIRPS`: tones with two harmonics that are struck and die away."""
    tones = _TONES[name]
    out = np.zeros(round(max(at + length for _, at, length in tones) * rate_hz))
    for hz, at_s, length_s in tones:
        t = np.arange(round(length_s * rate_hz)) / rate_hz
        tone = sum(a * np.sin(2 * np.pi * n * hz * t) for n, a in ((1, 1.0), (2, 0.4), (3, 0.15)))
        shape = np.minimum(t / 0.005, 1.0) * np.exp(-3.0 * t / length_s)
        shape *= np.minimum((length_s - t) / 0.01, 1.0)
        first = round(at_s * rate_hz)
        out[first : first + len(t)] += tone * shape
    found: Samples = np.asarray(_LEVEL * out / np.abs(out).max(), dtype=np.float32)
    found.flags.writeable = False
    return found
