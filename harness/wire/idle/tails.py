"""What is more than idle: thresholds beyond anything that the hours of learning have shown.

Peaks over a high level follow a generalised Pareto law (extreme value theory, Pickands 1975): an
exponential one, or one with an end where the peaks are surely bounded. For a threshold, scale and
shape are taken at the upper end of their 95 % intervals, and of several levels the one that says
most, so that a tail that is heavier than it looks from one level is seen from another.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import scipy

from harness.wire.idle.profile import Peak, Tail, Threshold
from harness.wire.idle.slots import Slots

_KEPT = 200
_LEVELS = (16, 32, 64, 128)
_LEAST_SCALE, _LEAST_SCALE_OF_FEW = 0.06, 0.2
_MOST_BOUNDED = -0.5
_TIMES, _TIMES_AT_LEAST, _TIMES_OF_FEW, _MANY = 4, 2, 6, 30
_SURE, _ONE_SIDED = 0.95, 1.645
_SAME_AS_ZERO = 1e-9
_DAY_S = 86_400.0


def tail_of(slots: Slots, window_s: float, clip: int | None, slot_s: float, from_slot: int) -> Tail:
    """The largest sums within windows; times count from slot number `from_slot`."""
    peaks = slots.clipped(clip).peaks(round(window_s / slot_s))
    order = np.lexsort((peaks.at, -peaks.bytes))[:_KEPT]
    largest = tuple(
        Peak(at_s=round((int(peaks.at[n]) - from_slot) * slot_s, 3), bytes=int(peaks.bytes[n]))
        for n in order
    )
    return Tail(window_s=window_s, clip_bytes=clip, clusters=len(peaks.at), largest=largest)


@dataclass(frozen=True, slots=True)
class _Law:
    """How often (per day) peaks exceed a level: generalised Pareto beyond `base`.

    `shape` is 0 (exponential) or negative: what is bounded has an end beyond which nothing comes.
    """

    base: float
    scale: float
    shape: float
    per_day: float

    def level(self, per_day: float) -> float:
        """What is exceeded so often."""
        ratio: float = max(self.per_day / per_day, 1.0)
        if self.shape > -_SAME_AS_ZERO:
            return self.base + self.scale * math.log(ratio)
        return float(self.base + self.scale / self.shape * (ratio**self.shape - 1))

    def rate(self, level: float) -> float:
        """How often `level` is exceeded, per day."""
        over = max(0.0, level - self.base) / self.scale
        if self.shape > -_SAME_AS_ZERO:
            return float(self.per_day * math.exp(-over))
        left = max(0.0, 1 + self.shape * over)
        return float(self.per_day * left ** (-1 / self.shape))


def threshold_of(
    tail: Tail, captured_s: float, per_day: float, least: int, usual: int | None = None
) -> Threshold:
    """The number of bytes that idle traffic goes beyond `per_day` times a day, at least `least`.

    It is at most a few times the most that was seen. Few peaks tell nothing of what lies beyond
    them: they are taken to be no heavier than `usual`, what the device's other traffic does not go
    beyond, and where that is too little a false alarm is the lesser evil.
    """
    found = [peak.bytes for peak in tail.largest]
    days = captured_s / _DAY_S
    most = found[0] if found else 0
    wary = max((math.ceil(law.level(per_day)) for law in _laws(found, days, wary=True)), default=0)
    if len(found) >= _MANY:
        level = min(_TIMES * most, wary)
    else:
        level = max(_TIMES_AT_LEAST * most, min(_TIMES_OF_FEW * most, usual or wary))
    level = max(least, most, level)
    rates = [law.rate(level) for law in _laws(found, days, wary=False)]
    return Threshold(
        window_s=tail.window_s,
        clip_bytes=tail.clip_bytes,
        bytes=level,
        false_per_day=float(f"{rates[-1] if rates else 0.0:.3g}"),
    )


def pooled(tails: Sequence[Tail]) -> Tail:
    """Peaks of several destinations, by the same window, as if they were of one."""
    every = sorted((p for t in tails for p in t.largest), key=lambda p: (-p.bytes, p.at_s))
    clusters = sum(t.clusters for t in tails)
    return tails[0].model_copy(update={"largest": tuple(every[:_KEPT]), "clusters": clusters})


def _laws(found: Sequence[int], days: float, wary: bool) -> list[_Law]:
    """The tail as seen from several levels, from the highest down."""
    counts = sorted({min(each, len(found) - 1) for each in _LEVELS} - {-1, 0})
    if len(found) in (1, 2):
        counts = [len(found)]
    return [_law(found, count, days, wary) for count in counts]


def _law(found: Sequence[int], count: int, days: float, wary: bool) -> _Law:
    """Of so many peaks; `wary`: with the largest scale that the peaks allow."""
    base = float(found[count]) if count < len(found) else float(found[-1])
    excess = [each - base for each in found[:count]]
    shape, least = 0.0, _LEAST_SCALE_OF_FEW
    if count >= _LEVELS[0]:
        shape, least = _shape(excess), _LEAST_SCALE
    scale = sum(excess) / count * (1 - shape)
    if wary:
        scale *= 2 * count / _chi2(2 * count)
    return _Law(base, max(scale, least * found[0], 1.0), shape, count / days)


def _shape(excess: Sequence[float]) -> float:
    """How bounded the peaks are, by weighted moments (Hosking and Wallis 1987), surely no more."""
    ascending, count = sorted(excess), len(excess)
    mean = sum(ascending) / count
    weighted = sum(
        (1 - (line + 0.65) / count) * each for line, each in enumerate(ascending)
    ) / count  # fmt: skip
    if mean <= 0 or mean <= 2 * weighted:
        return 0.0
    shape = 2 - mean / (mean - 2 * weighted)
    surely = shape + _ONE_SIDED * (1 - min(shape, 0.0)) / math.sqrt(count)
    return min(0.0, max(_MOST_BOUNDED, surely))


@cache
def _chi2(freedom: int) -> float:
    return float(scipy.stats.chi2.ppf(1 - _SURE, freedom))


def most_often(count: int, days: float) -> float:
    """The one-sided 95 % upper bound of a rate per day at which `count` were seen in `days`."""
    return float(scipy.stats.chi2.ppf(_SURE, 2 * count + 2)) / 2 / days
