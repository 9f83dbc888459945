"""The telephone band at 8 kHz, in which prompts and lines are looked for."""

from functools import lru_cache

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE_HZ = 8_000
# So much before and after a sample has a part in it; pieces that are joined overlap by that.
REACH = 80
_BAND_HZ = (250.0, 3600.0)
_SOFT_HZ = 150.0
_BLOCK = 4_096
_SMALLEST = 1_024
# Transforms are done together: scipy then works on several at a time.
_TOGETHER = 8


def band(samples: Samples, rate_hz: int) -> Samples:
    """Bring mono sound to 8 kHz, telephone band, with speech's fall towards treble evened out.

    Each sample lies where every (`rate_hz` / 8000)th sample of the sound does: no delay. What is
    further than `REACH` samples away has no part in it, so sound may be brought down in pieces.
    """
    if rate_hz % RATE_HZ:
        raise ValueError(f"cannot bring {rate_hz} Hz to {RATE_HZ} Hz by a whole factor")
    step = rate_hz // RATE_HZ
    count = -(-len(samples) // step)
    block = _BLOCK
    while block // 2 >= max(_SMALLEST, count + 2 * REACH):
        block //= 2
    hop = block - 2 * REACH
    low = np.empty(count, dtype=np.float32)
    for at in range(0, count, _TOGETHER * hop):
        rows = min(_TOGETHER, -(-(count - at) // hop))
        part = _around(samples, (at - REACH) * step, ((rows - 1) * hop + block) * step)
        blocks = sliding_window_view(part, block * step)[:: hop * step]
        kept = low[at : at + rows * hop]
        kept[:] = _brought_down(blocks, step)[:, REACH:-REACH].reshape(-1)[: len(kept)]
    return low


def _around(samples: Samples, start: int, count: int) -> Samples:
    """Some samples from `start` on, with silence where there are none."""
    first, last = max(0, start), min(len(samples), start + count)
    if last - first == count:
        return samples[first:last]
    part = np.zeros(count, dtype=np.float32)
    part[first - start : last - start] = samples[first:last]
    return part


def _brought_down(blocks: Samples, step: int) -> Samples:
    size = blocks.shape[1] // step
    spectra = scipy.fft.rfft(blocks)[:, : size // 2 + 1]
    low: Samples = scipy.fft.irfft(spectra * _response(size, step), size)
    return low


@lru_cache(maxsize=16)
def _response(block: int, step: int) -> NDArray[np.float32]:
    """The band's gain at each frequency of a block at 8 kHz; `step`: samples become one.

    Made from a filter that reaches no further than `REACH`. It rises with frequency as the
    difference between one sample and the next does.
    """
    rate_hz = RATE_HZ * step
    (low, high), soft = _BAND_HZ, _SOFT_HZ
    edges = np.array([0.0, low - soft, low + soft / 3, high - soft, high + 2 * soft, rate_hz / 2])
    lies = np.linspace(0.0, RATE_HZ / 2, 81)
    shape = np.interp(lies, edges, [0.0, 0.0, 1.0, 1.0, 0.0, 0.0])
    rises = 2 * np.sin(np.pi * lies / RATE_HZ)
    taps = scipy.fft.irfft(shape * rises)
    taps = np.roll(taps, len(taps) // 2)
    taps = np.concatenate((taps, taps[:1]))
    taps[[0, -1]] /= 2
    taps *= np.kaiser(len(taps), 5.0)
    around = np.zeros(block)
    around[: len(taps)] = taps
    around = np.roll(around, -(len(taps) // 2))
    gain: NDArray[np.float32] = (scipy.fft.rfft(around).real / step).astype(np.float32)
    return gain
