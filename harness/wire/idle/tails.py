"""What is more than idle: thresholds beyond anything that the hours of learning have shown.

Peaks over a high level follow an exponential law or a lighter one where traffic is bounded in size
(extreme value theory, Pickands 1975); its scale is taken at the upper end of its 95 % interval, and
for the level the worst of several is taken, so that a tail that is heavier than it looks from one
level is seen from another.
"""

import math
from collections.abc import Sequence

import numpy as np
from scipy import stats

from harness.wire.idle.profile import Peak, Tail, Threshold
from harness.wire.idle.slots import Slots

_KEPT = 400
_LEVELS = (8, 16, 32, 64, 128)
_LEAST_SCALE, _LEAST_SCALE_OF_FEW, _FEW = 0.06, 0.2, 8
_SURE = 0.95
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


def threshold_of(tail: Tail, captured_s: float, per_day: float, least: int) -> Threshold:
    """The number of bytes that idle traffic goes beyond `per_day` times a day, at least `least`."""
    found = [peak.bytes for peak in tail.largest]
    laws = _laws(found, captured_s / _DAY_S)
    most = found[0] if found else 0
    reached = [base + scale * math.log(max(rate / per_day, 1.0)) for base, scale, rate in laws]
    level = max([least, most, *(math.ceil(each) for each in reached)])
    false = [rate * math.exp(-max(0.0, level - base) / scale) for base, scale, rate in laws]
    return Threshold(
        window_s=tail.window_s,
        clip_bytes=tail.clip_bytes,
        bytes=level,
        false_per_day=float(f"{max(false, default=0.0):.3g}"),
    )


def _laws(found: Sequence[int], days: float) -> list[tuple[float, float, float]]:
    """(level, scale, peaks above it per day) of the tail as seen from several levels."""
    if not found:
        return []
    laws = []
    for count in sorted({min(each, len(found)) for each in _LEVELS}):
        # Where all peaks are above the level, the level is the smallest one's foot: nothing.
        base = float(found[count]) if count < len(found) else float(found[-1])
        mean = sum(found[:count]) / count - base
        least = found[0] * (_LEAST_SCALE if count >= _FEW else _LEAST_SCALE_OF_FEW)
        scale = mean * 2 * count / float(stats.chi2.ppf(1 - _SURE, 2 * count))
        laws.append((base, max(scale, least, 1.0), count / days))
    return laws


def most_often(count: int, days: float) -> float:
    """The one-sided 95 % upper bound of a rate per day at which `count` were seen in `days`."""
    return float(stats.chi2.ppf(_SURE, 2 * count + 2)) / 2 / days
