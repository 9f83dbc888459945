"""The pilot of a real bench: noise that goes out by one channel and comes back by a cable.

A count of samples does not survive converters; noise that is known does. It repeats every
`PERIOD` samples, so that any stretch of what comes back tells where in the period it is.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.sound import SoundLoss

PERIOD = 1 << 18
"""Samples until the pilot begins anew: 5.5 s, more than any interface and program are late."""

_SEED = 20_261
_PEAK = 0.05
_BLOCK, _REACH = 4096, 2048
# Of the pilot's energy in a block, so much is there when nothing was lost: 4096 samples lose a
# tenth of it with 410 of theirs.
_WHOLE = 0.93
# What is lost moves what follows by a sample at least; converters move by a fraction, steadily.
_MOVED = 0.6
# The offset is a whole sample: what comes first lies so far from it at most, or sound was lost
# since the offset was measured.
_FIRST_OFF = 1.5
_FOUND = 8.0
_Sound = NDArray[np.float32]


def pilot_noise() -> _Sound:
    """One period of the pilot: uniform noise, the same for everybody."""
    dice = np.random.default_rng(_SEED)
    return dice.uniform(-_PEAK, _PEAK, PERIOD).astype(np.float32)


def pilot_place(heard: _Sound, noise: _Sound) -> float | None:
    """Which sample of the period the first of `heard` is (0 to `PERIOD`, with its fraction).

    None where the pilot is not in it. `heard`: at most a period.
    """
    match = np.fft.irfft(np.conj(np.fft.rfft(heard, PERIOD)) * np.fft.rfft(noise), PERIOD)
    place = _top(match)
    return None if place is None else place % PERIOD


def _top(match: NDArray[np.float64]) -> float | None:
    """Where a peak that stands out lies, between samples too; None where none does.

    White noise matches itself as a sinc does. f from its true place, half the difference of both
    neighbours is f / (1 - f^2) of the peak.
    """
    peak = int(np.argmax(np.abs(match)))
    if not abs(match[peak]) > _FOUND * float(np.sqrt(np.mean(np.square(match)))):
        return None
    apart = float(match[(peak + 1) % len(match)] - match[peak - 1]) / float(2 * match[peak])
    return peak + (0.0 if apart == 0.0 else (sqrt(1 + 4 * apart**2) - 1) / (2 * apart))


def pilot_losses(heard: _Sound, first_index: int, offset: int) -> list[SoundLoss]:
    """Where what came back is not what was sent, `offset` samples before.

    `heard`: the loopback from index `first_index` on.
    """
    noise = pilot_noise()
    seen = []
    for start in range(0, len(heard) - _BLOCK + 1, _BLOCK):
        block, index = heard[start : start + _BLOCK], first_index + start
        seen.append(_look(block, noise, index, (index - offset) % PERIOD))
    return _breaks(seen)


@dataclass(frozen=True, slots=True)
class _Seen:
    """A block: how many samples ahead of what was expected it is, and how much of it is there."""

    index: int
    ahead: float | None
    weight: float


def _look(block: _Sound, noise: _Sound, index: int, expected: int) -> _Seen:
    sent = noise[(expected + np.arange(len(block))) % PERIOD]
    weight = abs(float(block @ sent) / float(sent @ sent))
    return _Seen(index, pilot_ahead(block, noise, expected), weight)


def pilot_ahead(block: _Sound, noise: _Sound, expected: int) -> float | None:
    """By how many samples a block's place in the period is further than `expected`.

    Up to 2048 either way, with its fraction; None where the pilot is not in it. `block`: 4096.
    """
    around = noise[(expected - _REACH + np.arange(_BLOCK + 2 * _REACH)) % PERIOD]
    size = len(around)
    match = np.fft.irfft(np.conj(np.fft.rfft(block, size)) * np.fft.rfft(around), size)
    place = _top(match[: 2 * _REACH + 1])
    return None if place is None else place - _REACH


def _breaks(seen: list[_Seen]) -> list[SoundLoss]:
    usual = next((each.ahead for each in seen if each.ahead is not None), 0.0)
    usual = usual if abs(usual) <= _FIRST_OFF else 0.0
    whole = float(np.median([each.weight for each in seen])) if seen else 0.0
    losses = []
    for each in seen:
        if each.ahead is None:
            losses.append(SoundLoss(each.index, "the pilot did not come back by the loopback"))
        elif abs(each.ahead - usual) > _MOVED:
            jump = f"the pilot on the loopback jumps by {each.ahead - usual:+.0f} samples"
            losses.append(SoundLoss(each.index, jump))
            usual, whole = each.ahead, 0.0  # what is expected is no longer where it was
        elif each.weight < _WHOLE * whole:
            lost = 100 * (1 - each.weight / whole)
            losses.append(SoundLoss(each.index, f"{lost:.0f} % of the pilot did not come back"))
    return losses[:20]
