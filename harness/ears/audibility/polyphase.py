"""Bringing sound to 10 kHz, the rate at which STOI and its descendants are defined.

The filter is that of Octave's `resample`, which published implementations use: values are compared
with theirs. It is applied to a block of samples for all phases at
once, as one matrix product: several times as fast as a polyphase loop, with the same sums.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import ceil

import numpy as np

from harness.bench.ports.sound import Samples
from harness.sound.blocks import Values

RATE_HZ = 10_000
_REJECTION_DB = 60.0
# Samples that are made into others at a time: 20 at 48 kHz, 60 at 16 kHz.
_BLOCK = 96
# Products of so few rows are not spread over processors by BLAS, whose threads wait by spinning.
_ROWS = 8


@dataclass(frozen=True, slots=True)
class _Bank:
    """A block of samples becomes one of `up`, from `reach` blocks around it.

    `before`: how many of these come before it. `taps`: what each sample of a block weighs (rows) in
    what is made, for each block in turn (columns).
    """

    up: int
    reach: int
    before: int
    taps: Samples


def to_10_khz(samples: Samples, rate_hz: int) -> Samples:
    """The samples at 10 kHz; the first stays where it is, and silence surrounds them."""
    bank = _bank(rate_hz)
    blocks = ceil(len(samples) / _BLOCK)
    rows = -(-(blocks + bank.reach - 1) // _ROWS) * _ROWS
    padded = np.zeros((rows, _BLOCK), dtype=np.float32)
    padded.reshape(-1)[bank.before * _BLOCK :][: len(samples)] = samples
    products = padded.reshape(-1, _ROWS, _BLOCK) @ bank.taps
    shares = products.reshape(rows, bank.reach, bank.up)
    made = np.zeros((blocks, bank.up), dtype=np.float32)
    for step in range(bank.reach):
        made += shares[step : step + blocks, step]
    return made.reshape(-1)[: ceil(len(samples) * RATE_HZ / rate_hz)]


@cache
def _bank(rate_hz: int) -> _Bank:
    ratio = Fraction(RATE_HZ, rate_hz)
    finer, step = ratio.numerator, ratio.denominator  # of the rate at which the filter is given
    low_pass = _low_pass(finer, step)
    middle, block_taps = len(low_pass) // 2, finer * _BLOCK
    up = block_taps // step
    before = (middle + block_taps - finer) // block_taps
    after = (middle + block_taps - step) // block_taps
    # Sample `place` of a block that lies `block` later weighs so much in sample `phase` of a block.
    block, place, phase = np.meshgrid(
        np.arange(-before, after + 1), np.arange(_BLOCK), np.arange(up), indexing="ij"
    )
    tap = middle + step * phase - finer * place - block_taps * block
    inside = (tap >= 0) & (tap < len(low_pass))
    weights = np.where(inside, low_pass[np.clip(tap, 0, len(low_pass) - 1)], 0.0)
    reach = before + after + 1
    taps = weights.transpose(1, 0, 2).reshape(_BLOCK, reach * up).astype(np.float32)
    return _Bank(up, reach, before, taps)


def _low_pass(finer: int, step: int) -> Values:
    """A sinc under Kaiser's window, at `finer` times the rate; `step` of it make one at 10 kHz."""
    cut_off = 0.5 / max(finer, step)
    half = ceil((_REJECTION_DB - 8.0) / (28.714 * cut_off / 10))
    sinc = np.sinc(2 * cut_off * np.arange(-half, half + 1))
    taps: Values = np.kaiser(2 * half + 1, 0.1102 * (_REJECTION_DB - 8.7)) * sinc
    return taps * (finer / np.sum(taps))
