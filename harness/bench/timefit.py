"""From sample indices to Unix time, when single stamps are off by a block or more.

PortAudio stamps every block, but when it wakes late and finds several blocks waiting, all but the
first carry the stamp of the first: they lie whole blocks too early, never too late. So the upper
envelope is the truth: stamps close under it are fitted by a straight line with a free rate (the
sound card's own), the rest are left out.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_NEAR_S = 1.5e-3


@dataclass(frozen=True, slots=True)
class TimeLine:
    """unix_s = origin_s + slope * (index - first). `spread_s`: standard deviation of what was kept.

    `kept`: the fraction of stamps that lie on the line.
    """

    first: float
    origin_s: float
    slope_s: float
    spread_s: float
    kept: float

    def at(self, index: float) -> float:
        """Unix time (s) of the sample at `index`."""
        return self.origin_s + self.slope_s * (index - self.first)

    def index(self, unix_s: float) -> float:
        """The (fractional) index that sounded at `unix_s`."""
        return self.first + (unix_s - self.origin_s) / self.slope_s


def fit_upper_line(stamps: NDArray[np.float64]) -> TimeLine:
    """Fit rows of (index, Unix time in s); needs at least 20 of them.

    Raises `ValueError` for fewer, or when they are not finite.
    """
    if len(stamps) < 20 or not np.isfinite(stamps).all():
        raise ValueError(f"{len(stamps)} time stamps, of which some may not be numbers: no clock")
    first, origin_s = float(stamps[0, 0]), float(stamps[0, 1])
    x, y = stamps[:, 0] - first, stamps[:, 1] - origin_s
    slope, offset = np.polyfit(x, y, 1)
    residual = y - slope * x - offset
    keep = residual > np.percentile(residual, 90) - 2 * _NEAR_S
    for _ in range(6):
        if keep.sum() < 10:
            break
        slope, offset = np.polyfit(x[keep], y[keep], 1)
        residual = y - slope * x - offset
        keep = np.abs(residual) < _NEAR_S
    spread_s = float(residual[keep].std()) if keep.any() else float("inf")
    return TimeLine(first, origin_s + float(offset), float(slope), spread_s, float(keep.mean()))


def parallel_line(stamps: NDArray[np.float64], reference: NDArray[np.float64]) -> TimeLine:
    """A line through `stamps` with the slope that `reference` has, both rows of (index, seconds).

    For the playing side: PulseAudio's idea of its latency wanders by a millisecond within seconds,
    while the recording side of the same sample clock is steady. So the rate is taken from there,
    and only the offset from here, as the median over all stamps.
    """
    rate = fit_upper_line(reference)
    first, origin_s = float(stamps[0, 0]), float(stamps[0, 1])
    residual_s = stamps[:, 1] - origin_s - rate.slope_s * (stamps[:, 0] - first)
    offset_s = float(np.median(residual_s))
    spread_s = float(np.median(np.abs(residual_s - offset_s)))
    return TimeLine(first, origin_s + offset_s, rate.slope_s, spread_s, 1.0)
