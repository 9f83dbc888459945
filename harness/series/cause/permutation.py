"""The test: does what is said set the plays apart more than chance can?

Which play is which was drawn by chance. Where the stimulus causes nothing, every play would have
sent the same whatever was said in it, so every other order was as likely as the one that came. The
test looks how far the plays with the stimulus send more than those without, at the place where
they do most (the maximum over all places, each in units of its own scatter: P. H. Westfall and
S. S. Young, Resampling-Based Multiple Testing, 1993), and in which share of all orders that is as
far or farther. Looking at many destinations and delays so costs nothing but power: all of them are
looked at in every order.

One-sided: what a device sends *less* when somebody speaks is no leak.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.model.cause import Arm, Measure
from harness.series.cause.windows import Floats, Table

FLOORS = {Measure.BYTES: 50.0, Measure.BURSTS: 0.05}
"""Added to the scatter of each place, so that no difference of a few bytes stands out where all
else is always the same (V. G. Tusher et al., PNAS 98, 2001)."""
_AT_ONCE = 2_000_000
_DIGITS = 9
"""Of a statistic, which is in units of scatter: orders that are alike come out alike, although
their sums are rounded differently. Where one of them seemed smaller, p would be too small."""

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Permuted:
    """What came of the test.

    `p`: never below one in the number of orders looked at. `statistic`: of every place, by the
    order that came; `maxima`: the largest in every order looked at. `exact`: that was every order.
    """

    p: float
    statistic: Floats
    maxima: Floats
    exact: bool

    def adjusted(self, place: int) -> float:
        """The p-value of one place, corrected for all others that were looked at."""
        reached = int((self.maxima >= self.statistic[place] - 1e-9).sum())
        if self.exact:
            return reached / len(self.maxima)
        return (reached + 1) / (len(self.maxima) + 1)


def scatter(values: Floats, arms: Sequence[Arm], floors: Floats) -> Floats:
    """The unit of each place: the standard error of its difference, over all orders alike."""
    sizes = np.array([_size(arms, arm) for arm in (Arm.SAID, Arm.SHIFTED)[: len(values)]])
    weights = 1 / sizes + 1 / _size(arms, Arm.SILENT)
    squares = values.var(axis=1, ddof=1) * weights[:, None]
    unit: Floats = np.sqrt(squares.sum(axis=0)) / len(values) + floors
    return unit


def differences(values: Floats, groups: Sequence[Indices]) -> Floats:
    """How much more the plays with the stimulus sent, for each order and place.

    `groups`: the plays of the said arm, (shifted,) and silent, an order a line.
    """
    plays = values.shape[1]
    silent = _shares(groups[-1], plays)
    more = [(_shares(group, plays) - silent) @ values[n] for n, group in enumerate(groups[:-1])]
    mean: Floats = np.sum(more, axis=0) / len(values)
    return mean


def floors_of(table: Table) -> Floats:
    """The floor of each place's scatter."""
    return np.array([FLOORS[place.measure] for place in table.places])


def groups_of(table: Table) -> tuple[Indices, ...]:
    """The plays of each arm as they were drawn: said, (shifted,) silent."""
    arms = np.array(table.arms)
    return tuple(np.flatnonzero(arms == arm) for arm in (*table.stimulated, Arm.SILENT))


def permuted(table: Table, resamples: int, rng: np.random.Generator) -> Permuted:
    """Test whether the stimulus causes traffic. Every arm must have plays.

    All orders are counted where there are no more than `resamples` of them, else so many are drawn.
    """
    groups = groups_of(table)
    if not table.places:
        return Permuted(1.0, np.zeros(0), np.zeros(1), exact=True)
    unit = scatter(table.values, table.arms, floors_of(table))

    def largest(*drawn: NDArray[np.generic], axis: int) -> Floats:
        by_line = [np.atleast_2d(each).astype(np.intp) for each in drawn]
        found: Floats = (differences(table.values, by_line) / unit).max(axis=-1).round(_DIGITS)
        return found if drawn[0].ndim > 1 else found[0]

    result = scipy.stats.permutation_test(
        groups,
        largest,
        permutation_type="independent",
        vectorized=True,
        n_resamples=resamples,
        batch=max(1, _AT_ONCE // len(table.places)),
        alternative="greater",
        axis=-1,
        rng=rng,
    )
    statistic = differences(table.values, [np.atleast_2d(g) for g in groups])[0] / unit
    maxima = np.asarray(result.null_distribution)
    return Permuted(float(result.pvalue), statistic, maxima, exact=orders(table.arms) <= resamples)


def orders(arms: Sequence[Arm]) -> int:
    """How many orders of these arms there are."""
    count, left = 1, len(arms)
    for arm in Arm:
        size = sum(each is arm for each in arms)
        count *= math.comb(left, size)
        left -= size
    return count


def _size(arms: Sequence[Arm], arm: Arm) -> int:
    return sum(each is arm for each in arms)


def _shares(group: Indices, plays: int) -> Floats:
    """A line an order: 1/n for each play of the group, 0 for the others."""
    shares = np.zeros((len(group), plays))
    np.put_along_axis(shares, group, 1.0 / group.shape[1], axis=1)
    return shares
