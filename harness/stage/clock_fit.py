"""How two clocks run to each other, from the same instants seen by both: a straight line.

The uncertainty holds at each instant by construction, and in between as far as the clocks are
steady: two straight lines are furthest apart at an end. Nothing is claimed of times outside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_STRAIGHT_OVER_S = 60.0
"""Over less, what looks like drift is the scatter of single instants: none is fitted."""


@dataclass(frozen=True, slots=True)
class Instant:
    """Seen `apart_s` later by the one clock than by the other, known to `known_to_s`; at `at_s`."""

    at_s: float
    apart_s: float
    known_to_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ClockFit:
    """apart = offset + drift * (t - middle). `uncertainty_ms`: how far off the line may be.

    `worst_ms`: the furthest that the clocks can have been apart within the span.
    """

    first_s: float
    last_s: float
    offset_ms: float
    drift_ms_an_hour: float
    uncertainty_ms: float
    instants: int

    def at_ms(self, at_s: float) -> float:
        """How far apart they are at a time within the span (ms)."""
        return self.offset_ms + self.drift_ms_an_hour / 3600 * (at_s - self._middle_s)

    @property
    def worst_ms(self) -> float:
        """Straight lines are furthest apart at an end."""
        ends = (abs(self.at_ms(self.first_s)), abs(self.at_ms(self.last_s)))
        return max(ends) + self.uncertainty_ms

    @property
    def _middle_s(self) -> float:
        return (self.first_s + self.last_s) / 2


def fit_clock(instants: Sequence[Instant]) -> ClockFit:
    """The line through them, by least squares. Raises `ValueError` where there are none."""
    if not instants:
        raise ValueError("no instant was seen by both clocks")
    at_s = np.array([instant.at_s for instant in instants])
    apart_ms = np.array([instant.apart_s for instant in instants]) * 1e3
    first_s, last_s = float(at_s.min()), float(at_s.max())
    from_middle_s = at_s - (first_s + last_s) / 2
    slope, offset_ms = 0.0, float(np.median(apart_ms))
    if last_s - first_s >= _STRAIGHT_OVER_S:
        slope, offset_ms = (float(value) for value in np.polyfit(from_middle_s, apart_ms, 1))
    residual_ms = np.abs(apart_ms - offset_ms - slope * from_middle_s)
    known_to_ms = np.array([instant.known_to_s for instant in instants]) * 1e3
    uncertainty_ms = float(np.max(residual_ms + known_to_ms))
    return ClockFit(first_s, last_s, offset_ms, slope * 3600, uncertainty_ms, len(instants))
