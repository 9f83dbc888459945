"""Budgets of bytes over time, and where they are exceeded.

A budget is a line: in any span of t seconds at most `burst_bytes` + t * `bytes_per_s` may leave,
however the span lies. That is a token bucket (Cruz, "A calculus for network delay", 1991: an
arrival curve), so one pass looks at spans of every length at once, and how fast a leak of a given
rate is found follows: `burst_bytes` / (rate - `bytes_per_s`) seconds.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.wire.flows.room import Table


@dataclass(frozen=True, slots=True)
class Budget:
    """What may leave unremarked. `burst_bytes`: at once; `bytes_per_s`: for ever.

    `why`: what it is, in words. `learnt`: it is statistics, from a profile.
    """

    burst_bytes: float
    bytes_per_s: float
    why: str = "the most that is ordinary"
    learnt: bool = False

    def of_span(self, seconds: float) -> float:
        """The most bytes that a span of so many seconds may hold."""
        return self.burst_bytes + seconds * self.bytes_per_s


Curve = Sequence[Budget]
"""Several budgets of one thing: each must be kept."""


@dataclass(frozen=True, slots=True)
class Excess:
    """A stretch of packets that holds more than its budget; `first` and `last` are their indices.

    It begins where the budget was last untouched, and ends where it was exceeded most. `known`: the
    packet at which it was sure.
    """

    first: int
    last: int
    known: int
    budget: Budget


def excesses(ns: Table, sizes: Table, curve: Curve) -> list[Excess]:
    """Stretches in which any of the budgets is exceeded, in order, none touching another.

    `ns`: times in nanoseconds that never go back; `sizes`: bytes of each packet.
    """
    found = [excess for budget in curve for excess in _over(ns, sizes, budget)]
    joined: list[Excess] = []
    for excess in sorted(found, key=lambda each: (each.first, -each.last)):
        if joined and excess.first <= joined[-1].last:
            joined[-1] = _joined(joined[-1], excess)
        else:
            joined.append(excess)
    return joined


def _over(ns: Table, sizes: Table, budget: Budget) -> list[Excess]:
    if len(ns) == 0 or sizes.sum() <= budget.burst_bytes:
        return []
    drained = (ns - ns[0]) * (budget.bytes_per_s / 1e9)
    total = np.cumsum(sizes)
    before = total - sizes - drained
    lowest = np.minimum.accumulate(before)
    level = total - drained - lowest
    begins = np.flatnonzero(before <= lowest)  # nothing of the budget was used when these came
    ends = np.append(begins[1:], len(ns))
    over = np.flatnonzero(np.maximum.reduceat(level, begins) > budget.burst_bytes)
    found = []
    for first, end in zip(begins[over].tolist(), ends[over].tolist(), strict=True):
        stretch = level[first:end]
        known = first + int(np.argmax(stretch > budget.burst_bytes))
        found.append(Excess(first, first + int(np.argmax(stretch)), known, budget))
    return found


def _joined(one: Excess, other: Excess) -> Excess:
    """What is more than a stated budget is so whatever was learnt; of two alike the earlier."""
    told = min(one, other, key=lambda each: (each.budget.learnt, each.known))
    return Excess(one.first, max(one.last, other.last), told.known, told.budget)
