"""Which leak would have been found: put into the traffic that was really seen, and looked for.

The plays are dealt to the arms anew, many times over; after the stimulus of each a leak is added,
in one burst of its own; and the test is made again. The smallest leak that it finds often enough,
at the destination and the delay at which that is hardest, is the bound that the series can state.
No shape of the traffic is assumed: it is the device's own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.model.cause import EVERYWHERE, Arm, Bound, CausePlan, Measure
from harness.series.cause.permutation import (
    FLOORS,
    Indices,
    differences,
    floors_of,
    orders,
    scatter,
)
from harness.series.cause.windows import Floats, Table, spans

_ORDERS, _MORE_ORDERS = 499, 999
"""Orders looked at in each; more where there are so few that chance would decide between them."""
_FEW = 500
_SERIES = 100
_DESTINATIONS = 3
_DELAYS = (0.02, 0.25, 0.6, 0.95)
"""Shares of the longest delay that is watched."""
_SIZES = tuple(round(100 * 2 ** (n / 2)) for n in range(29))
"""Bytes tried, from 100 B to 1.6 MB."""
NEW = "a destination not seen before"


@dataclass(frozen=True, slots=True)
class _Leak:
    """Where a leak is put: the places it touches, and what it adds to each by alignment and arm."""

    destination: str
    delay_s: float
    values: Floats
    floors: Floats
    is_bytes: NDArray[np.bool_]
    within: NDArray[np.bool_]
    others: Floats


def bound(table: Table, plan: CausePlan, rng: np.random.Generator) -> Bound:
    """The smallest leak that this series would have found with the power asked for."""
    groups = _orders(table, rng)
    leaks = list(_leaks(table, groups))
    middle = [_found(leak, table, groups, plan, plan.least_bytes) for leak in leaks]
    hardest = leaks[int(np.argmin(middle))]
    least, power = None, 0.0
    low, high = 0, len(_SIZES)
    while low < high:
        size = (low + high) // 2
        share = _found(hardest, table, groups, plan, _SIZES[size])
        if share >= plan.power:
            least, power, high = _SIZES[size], share, size
        else:
            low = size + 1
    return Bound(least, hardest.destination, hardest.delay_s, power)


def _orders(table: Table, rng: np.random.Generator) -> tuple[Indices, ...]:
    """Orders drawn anew: the plays of each arm, an order a line."""
    plays = len(table.arms)
    count = _MORE_ORDERS if orders(table.arms) <= _FEW else _ORDERS
    drawn = rng.permuted(np.tile(np.arange(plays), (count, 1)), axis=1)
    sizes = [sum(each is arm for each in table.arms) for arm in (*table.stimulated, Arm.SILENT)]
    parts = np.split(drawn, np.cumsum(sizes)[:-1], axis=1)
    return tuple(part.astype(np.intp) for part in parts)


def _leaks(table: Table, groups: Sequence[Indices]) -> Iterator[_Leak]:
    """A leak at each of the busiest destinations, one to nobody known, each at several delays."""
    unit = scatter(table.values, table.arms, floors_of(table))
    whole = differences(table.values, groups) / unit if table.places else None
    for destination in (*_busiest(table), NEW):
        for share in _DELAYS:
            delay_s = share * table.stage.reach_s
            yield _leak(table, whole, len(groups[0]), destination, delay_s)


def _busiest(table: Table) -> list[str]:
    names = sorted({p.destination for p in table.places} - {EVERYWHERE})

    def sent(name: str) -> float:
        mine = [p.destination == name and p.measure is Measure.BYTES for p in table.places]
        return float(table.values[:, :, mine].sum())

    return sorted(names, key=sent, reverse=True)[:_DESTINATIONS]


def _leak(
    table: Table, whole: Floats | None, count: int, destination: str, delay_s: float
) -> _Leak:
    """The places of `destination` that the leak falls into, also by the other arm's time.

    A place at which all plays sent the same is not in the table; it is one again with the leak.
    """
    stage, arms = table.stage, table.stimulated
    windows = np.array(spans(stage.reach_s))
    onsets = [stage.onset_in(arm) for arm in arms]
    lags = [[delay_s + said - by for said in onsets] for by in onsets]
    within = np.array([[(windows[:, 0] <= x) & (x < windows[:, 1]) for x in row] for row in lags])
    touched = within.any(axis=(0, 1))
    known = {(p.measure, p.from_s, p.until_s): n for n, p in enumerate(table.places)
             if p.destination == destination}  # fmt: skip
    columns, is_bytes, used = [], [], list[int]()
    for measure in Measure:
        for from_s, until_s in windows[touched]:
            at = known.get((measure, float(from_s), float(until_s)))
            column = np.zeros(table.values.shape[:2]) if at is None else table.values[:, :, at]
            used += [] if at is None else [at]
            columns.append(column)
            is_bytes.append(measure is Measure.BYTES)
    flags = np.array(is_bytes)
    elsewhere = np.zeros((count, 0)) if whole is None else np.delete(whole, used, axis=1)
    return _Leak(
        destination=destination,
        delay_s=delay_s,
        values=np.stack(columns, axis=2),
        floors=np.where(flags, FLOORS[Measure.BYTES], FLOORS[Measure.BURSTS]),
        is_bytes=flags,
        within=np.concatenate([within[:, :, touched]] * 2, axis=2),
        others=elsewhere.max(axis=1, initial=0.0),
    )


def _found(
    leak: _Leak, table: Table, groups: Sequence[Indices], plan: CausePlan, size: int
) -> float:
    """In which share of series, dealt anew, a leak of `size` bytes is found."""
    amount = np.where(leak.is_bytes, float(size), 1.0)
    found = 0
    for series in range(_SERIES):
        values = leak.values.copy()
        for arm, group in enumerate(groups[:-1]):
            for alignment in range(len(values)):
                added = amount * leak.within[alignment, arm]
                values[alignment, group[series]] += added
        unit = scatter(values, table.arms, leak.floors)
        most = np.maximum((differences(values, groups) / unit).max(axis=1), leak.others)
        reached = int((most >= most[series] - 1e-9).sum())
        found += reached / len(most) <= plan.alpha
    return found / _SERIES
