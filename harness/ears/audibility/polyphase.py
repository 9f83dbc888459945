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
from harness.ears.audibility.speech_band import Values

RATE_HZ = 10_000
_REJECTION_DB = 60.0
# Products of so few rows are not spread over processors by BLAS, whose threads wait by spinning.
_ROWS = 128


@dataclass(frozen=True, slots=True)
class _Bank:
    """A block of `down` samples becomes one of `up`, from `reach` blocks around it.

    `before`: how many of these come before it. `taps`: what each sample of a block weighs (rows) in
    what is made, for each block in turn (columns).
    """

    up: int
    down: int
    reach: int
    before: int
    taps: Samples


def to_10_khz(samples: Samples, rate_hz: int) -> Samples:
    """The samples at 10 kHz; the first stays where it is, and silence surrounds them."""
    bank = _bank(rate_hz)
    blocks = ceil(len(samples) / bank.down)
    rows = -(-(blocks + bank.reach - 1) // _ROWS) * _ROWS
    padded = np.zeros((rows, bank.down), dtype=np.float32)
    padded.reshape(-1)[bank.before * bank.down :][: len(samples)] = samples
    made = np.zeros((blocks, bank.up), dtype=np.float32)
    products = padded.reshape(-1, _ROWS, bank.down) @ bank.taps
    shares = products.reshape(rows, bank.reach, bank.up)
    for step in range(bank.reach):
        made += shares[step : step + blocks, step]
    return made.reshape(-1)[: ceil(len(samples) * bank.up / bank.down)]


@cache
def _bank(rate_hz: int) -> _Bank:
    ratio = Fraction(RATE_HZ, rate_hz)
    up, down = ratio.numerator, ratio.denominator
    low_pass = _low_pass(up, down)
    middle = len(low_pass) // 2
    before = (middle + up * (down - 1)) // (up * down)
    after = (middle + down * (up - 1)) // (up * down)
    # Sample `down * (m + block) + place` weighs so much in sample `up * m + phase` of what is made.
    block, place, phase = np.meshgrid(
        np.arange(-before, after + 1), np.arange(down), np.arange(up), indexing="ij"
    )
    tap = middle + down * phase - up * place - up * down * block
    inside = (tap >= 0) & (tap < len(low_pass))
    weights = np.where(inside, low_pass[np.clip(tap, 0, len(low_pass) - 1)], 0.0)
    reach = before + after + 1
    taps = weights.transpose(1, 0, 2).reshape(down, reach * up).astype(np.float32)
    return _Bank(up, down, reach, before, taps)


def _low_pass(up: int, down: int) -> Values:
    """A sinc under Kaiser's window, at `up` times the rate."""
    cut_off = 0.5 / max(up, down)
    half = ceil((_REJECTION_DB - 8.0) / (28.714 * cut_off / 10))
    sinc = np.sinc(2 * cut_off * np.arange(-half, half + 1))
    taps: Values = np.kaiser(2 * half + 1, 0.1102 * (_REJECTION_DB - 8.7)) * sinc
    return taps * (up / np.sum(taps))
