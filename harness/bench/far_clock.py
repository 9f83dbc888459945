"""How another machine's clock stands to this one's: bounds that hold, and a line between them.

The other machine is asked for its time. It read its clock after the question was sent and before
the answer was there, so each such exchange bounds from both sides how far its clock is ahead; a
packet that was sent from here and stamped there bounds it from above. No average is taken: the
clocks run straight to each other for as long as a play takes, and every straight line that all
bounds allow is as good as any other. The middle of them is the offset, how far they go apart its
uncertainty. Where no straight line is within all bounds (a clock was set, or is being slewed), what
is missing is added to the uncertainty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.tap import TapClock
from harness.bench.tick_clock import RATE_OFF
from harness.errors import RigError

_BARELY_MS = 1e-6
_LEAST = 4


@dataclass(frozen=True, slots=True)
class Bound:
    """At `far_s` by the other clock, that one was ahead of ours by `low_s` to `high_s`."""

    far_s: float
    low_s: float
    high_s: float

    @classmethod
    def of_exchange(cls, far_s: float, sent_s: float, got_s: float) -> "Bound":
        """It read `far_s` between the question, sent at `sent_s`, and its answer at `got_s`."""
        return cls(far_s, far_s - got_s, far_s - sent_s)

    @classmethod
    def of_packet(cls, far_s: float, sent_s: float) -> "Bound":
        """It stamped with `far_s` what was sent here at `sent_s` or later."""
        return cls(far_s, -inf, far_s - sent_s)


def fit_far_clock(bounds: Sequence[Bound]) -> TapClock:
    """What all bounds together allow. Raises `RigError` where there are too few to tell."""
    if sum(bound.low_s > -inf for bound in bounds) < _LEAST:
        raise RigError("the other machine's clock is not known: it gave too few answers")
    first_s = min(bound.far_s for bound in bounds)
    span_s = max(bound.far_s for bound in bounds) - first_s
    middle_s = float(np.median([bound.high_s for bound in bounds]))  # keeps the numbers small
    rows, most_ms = _constraints(bounds, first_s, middle_s)
    misfit_ms = _least(np.array([0.0, 0.0, 1.0]), rows, most_ms, inf)
    ends = [_extremes(at_s, rows, most_ms, misfit_ms) for at_s in (0.0, span_s)]
    (low_a, high_a), (low_b, high_b) = ends
    start_ms, end_ms = (low_a + high_a) / 2, (low_b + high_b) / 2
    return TapClock(
        from_s=first_s,
        ahead_s=middle_s + start_ms / 1e3,
        drift_ppm=1e3 * (end_ms - start_ms) / span_s if span_s > 0 else 0.0,
        uncertainty_ms=max(high_a - low_a, high_b - low_b) / 2 + misfit_ms,
        misfit_ms=misfit_ms,
        bounds=len(bounds),
    )


def _constraints(
    bounds: Sequence[Bound], first_s: float, middle_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Rows of (start in ms, slope in ms/s, misfit in ms) and what each may be at most."""
    rows, most = [], []
    for bound in bounds:
        at_s = bound.far_s - first_s
        rows.append([1.0, at_s, -1.0])
        most.append((bound.high_s - middle_s) * 1e3)
        if bound.low_s > -inf:
            rows.append([-1.0, -at_s, -1.0])
            most.append((middle_s - bound.low_s) * 1e3)
    return np.array(rows), np.array(most)


def _extremes(
    at_s: float, rows: NDArray[np.float64], most_ms: NDArray[np.float64], misfit_ms: float
) -> tuple[float, float]:
    value = np.array([1.0, at_s, 0.0])
    low = _least(value, rows, most_ms, misfit_ms)
    return low, -_least(-value, rows, most_ms, misfit_ms)


def _least(
    value: NDArray[np.float64],
    rows: NDArray[np.float64],
    most_ms: NDArray[np.float64],
    misfit_ms: float,
) -> float:
    """The least of `value` over all lines that miss no bound by more than `misfit_ms`."""
    from scipy.optimize import linprog  # a tenth of a second that only this needs

    slope = RATE_OFF * 1e3
    misfit = (0.0, None if misfit_ms == inf else misfit_ms + _BARELY_MS)
    found = linprog(value, rows, most_ms, bounds=[(None, None), (-slope, slope), misfit])
    if not found.success:
        raise RigError(f"the other machine's clock could not be compared: {found.message}")
    return float(found.fun)
