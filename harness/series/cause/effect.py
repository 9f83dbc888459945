"""How much the stimulus adds, where the test found that it adds anything.

The interval inverts the permutation test: it holds every constant amount which, taken from the
plays with the stimulus, leaves them no farther from the silent ones than chance sets them. It is of
the one place that stood out most of all that were looked at, so it lies rather too high than too
low; what it is not is a bound on what is sent elsewhere.
"""

from collections.abc import Callable, Sequence

import numpy as np

from harness.model.cause import EVERYWHERE, Arm, Effect, Measure, Place
from harness.model.series import Interval, Sides
from harness.series.cause.permutation import Permuted, differences, groups_of
from harness.series.cause.windows import Floats, Table
from harness.series.statistics import CONFIDENCE

INVERTED = "inverted permutation test"
_ORDERS = 4999
_NEARLY_ALL = 0.8


def effects(
    table: Table, tested: Permuted, alpha: float, rng: np.random.Generator
) -> tuple[Effect, ...]:
    """What was found: for each destination the place that stands out most, the loudest first.

    All of them together are named only where none stands out by itself.
    """
    found: dict[str, list[int]] = {}
    for place in np.argsort(-tested.statistic, kind="stable").tolist():
        if tested.adjusted(place) > alpha:
            break
        found.setdefault(table.places[place].destination, []).append(place)
    if len(found) > 1:
        found.pop(EVERYWHERE, None)
    shown = [_narrowest(table, places) for places in found.values()]
    return tuple(effect_at(table, place, tested.adjusted(place), rng) for place in shown)


def _narrowest(table: Table, places: Sequence[int]) -> int:
    """Of places that stand out, loudest first, the narrowest that holds nearly all of the loudest.

    A window many times as long holds it too, and syncs besides.
    """
    loudest = table.places[places[0]]
    more = differences(table.values, [group[None] for group in groups_of(table)])[0]
    whole = [
        place
        for place in places
        if table.places[place].measure is loudest.measure
        and more[place] >= _NEARLY_ALL * more[places[0]]
    ]
    return min(whole, key=lambda n: table.places[n].until_s - table.places[n].from_s)


def effect_at(table: Table, place: int, p: float, rng: np.random.Generator) -> Effect:
    """The effect at one place; `p`: its corrected p-value."""
    at = table.places[place]
    said, silent = _values(table, _column(table, at, Measure.BYTES))
    bursts, none = _values(table, _column(table, at, Measure.BURSTS))
    return Effect(
        place=at,
        p=p,
        extra_bytes=float(said.mean() - silent.mean()),
        interval=interval(said, silent, rng),
        extra_bursts=float(bursts.mean() - none.mean()),
        above=int((said > silent.max()).sum()),
        stimulated=len(said),
    )


def interval(
    said: Floats, silent: Floats, rng: np.random.Generator, confidence: float = CONFIDENCE
) -> Interval:
    """Which constant additions to the plays with the stimulus the data bear (bytes)."""
    values = np.concatenate([said, silent])
    labels = np.concatenate([np.ones(len(said)), np.zeros(len(silent))])
    weights = np.where(labels > 0, 1 / len(said), -1 / len(silent))
    drawn = rng.permuted(np.tile(weights, (_ORDERS, 1)), axis=1)
    by_values, by_labels = drawn @ values, drawn @ labels
    observed = float(weights @ values)

    def bears(extra: float) -> bool:
        far = abs(observed - extra)
        as_far = np.abs(by_values - extra * by_labels) >= far * (1 - 1e-12)
        return bool((as_far.sum() + 1) / (_ORDERS + 1) > 1 - confidence)

    reach = float(np.ptp(values)) + 1.0
    low, high = (_edge(bears, observed, observed + sign * 4 * reach) for sign in (-1.0, 1.0))
    return Interval(low, high, confidence, Sides.TWO, INVERTED)


def _edge(bears: Callable[[float], bool], inside: float, outside: float) -> float:
    """Where what is borne ends, between an amount that is and one that may not be."""
    for _ in range(50):
        middle = (inside + outside) / 2
        if bears(middle):
            inside = middle
        else:
            outside = middle
    return inside


def _column(table: Table, at: Place, measure: Measure) -> Floats:
    """The values of the same destination and window; zeros where all plays sent the same."""
    wanted = Place(at.destination, measure, at.from_s, at.until_s)
    if wanted not in table.places:
        return np.zeros(table.values.shape[:2])
    column: Floats = table.values[:, :, table.places.index(wanted)]
    return column


def _values(table: Table, column: Floats) -> tuple[Floats, Floats]:
    """Of the plays with the stimulus, each by its own; of the silent ones, the mean over both."""
    arms = np.array(table.arms)
    said = [column[n, arms == arm] for n, arm in enumerate(table.stimulated)]
    return np.concatenate(said), column[:, arms == Arm.SILENT].mean(axis=0)
