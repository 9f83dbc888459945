"""How strong sound is by frequency while the device speaks."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.sound.blocks import BLOCKS_HZ, Flags, Values

Places = NDArray[np.intp]
Edges = tuple[float, ...]

_LINE_HZ = 12.5
_HOP_BLOCKS = 40
_FRAMES_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Mean square by frequency; line `n` covers 12.5 Hz around `12.5 * n`."""

    power: Values

    def in_bands(self, lowest_hz: Edges, highest_hz: Edges) -> Values:
        """The mean square in each band; a line that lies in two counts in each by its part."""
        inside: Values = (_shares(lowest_hz, highest_hz, len(self.power)) * self.power).sum(axis=1)
        return inside


@cache
def _shares(lowest_hz: Edges, highest_hz: Edges, lines: int) -> Values:
    """How much of each line (column) lies in each band (row)."""
    lines_hz = np.arange(lines) * _LINE_HZ
    upper = np.minimum(np.array(highest_hz)[:, None], lines_hz + _LINE_HZ / 2)
    lower = np.maximum(np.array(lowest_hz)[:, None], lines_hz - _LINE_HZ / 2)
    shares: Values = np.maximum(upper - lower, 0.0) / _LINE_HZ
    return shares


def spectrum_while(samples: Samples, rate_hz: int, spoken: Flags) -> Spectrum:
    """The mean spectrum of the samples in the milliseconds that are `spoken`, of which one must be.

    Frames of 80 ms overlap by half. Their window's squares add up to one, so that no sample, and no
    short click, counts more than another.
    """
    half = rate_hz * _HOP_BLOCKS // BLOCKS_HZ
    chosen = _frames(spoken)
    padded = np.zeros((chosen[-1] + 2) * half, dtype=np.float32)
    held = samples[: len(padded) - half]
    padded[half : half + len(held)] = held - np.mean(samples, dtype=np.float64)
    frames = sliding_window_view(padded, 2 * half)[::half]
    power = np.zeros(half + 1)
    for start in range(0, len(chosen), _FRAMES_AT_ONCE):
        windowed = frames[chosen[start : start + _FRAMES_AT_ONCE]] * _window(half)
        spectra = scipy.fft.rfft(windowed)
        # Real and imaginary parts side by side: squaring them needs no root taken first.
        squares = np.square(spectra.view(np.float32)).sum(axis=0, dtype=np.float64)
        power += squares[0::2] + squares[1::2]
    power[1:-1] *= 2  # their mirror images
    return Spectrum(power / (2 * half * _heard(chosen, half, len(samples))))


def _heard(chosen: Places, half: int, length: int) -> float:
    """How many samples the chosen frames heard; the first and the last reach over the edges."""
    heard = np.concatenate(([0.0], np.cumsum(np.square(_window(half), dtype=np.float64))))
    starts = (chosen - 1) * half
    ends = np.minimum(length - starts, 2 * half)
    return float(np.sum(heard[ends] - heard[np.maximum(-starts, 0)]))


def _frames(spoken: Flags) -> Places:
    """The frames around whose middle, `40 ms * number`, something is said."""
    near = _HOP_BLOCKS // 2
    count = -(-(len(spoken) + near) // _HOP_BLOCKS)
    padded = np.zeros(count * _HOP_BLOCKS, dtype=np.bool_)
    padded[near : near + len(spoken)] = spoken
    return np.flatnonzero(padded.reshape(count, _HOP_BLOCKS).any(axis=1))


@cache
def _window(half: int) -> Samples:
    window: Samples = np.sin(np.pi * (np.arange(2 * half) + 0.5) / (2 * half)).astype(np.float32)
    return window
