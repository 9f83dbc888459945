"""How often a causal test calls an innocent device guilty, and which leaks it finds.

    python -m benchmarks.wire_cause [--quick] [--series N]

Made series of traffic (`wire_cause_traffic.py`), tried by the test as it is made on a bench. The
device's own traffic: *quiet* is a heartbeat; *usual* besides a sync of 16 kB a minute and one of
9 kB that always comes at the same time after power-on; *busy* besides telemetry of any size at any
time. Seeds of these figures are used nowhere else.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from benchmarks.table import Row, finish
from benchmarks.wire_cause_traffic import (
    BUSY,
    QUIET,
    USUAL,
    Leak,
    Source,
    series,
    stage_of,
)
from harness.model.cause import CausePlan
from harness.series.cause.order import resampling_rng
from harness.series.cause.permutation import Permuted, permuted
from harness.series.cause.power import bound
from harness.series.cause.windows import Table, table
from harness.series.statistics import rate

_SEED = 20_261_122
_TRAFFIC: dict[str, tuple[Source, ...]] = {"quiet": QUIET, "usual": USUAL, "busy": BUSY}
_NEW, _SAME = "elsewhere.test:443", "sync.test:443"


@dataclass(frozen=True, slots=True)
class Case:
    """A kind of series."""

    name: str
    plan: CausePlan
    traffic: str
    leak: Leak | None


def tried(case: Case, number: int) -> tuple[Table, Permuted]:
    """One series, made and tested."""
    plan = replace(case.plan, seed=_SEED + number)
    rng = np.random.default_rng([_SEED, number])
    counted = table(stage_of(plan), series(plan, _TRAFFIC[case.traffic], case.leak, rng))
    return counted, permuted(counted, plan.resamples, resampling_rng(plan))


def cases(plan: CausePlan) -> list[Case]:
    """Innocent devices, then leaks: by size, by delay, by share of plays, by shape."""
    shifted = replace(plan, shift_s=30.0)
    found = [Case("innocent", plan, traffic, None) for traffic in _TRAFFIC]
    found += [Case("innocent, with shifted plays", shifted, "usual", None)]
    for traffic in _TRAFFIC:
        for size in (500.0, 2_000.0, 8_000.0, 32_000.0):
            leak = Leak(_SAME, size, 20.0)
            found.append(Case(f"{size / 1000:g} kB, 20 s after", plan, traffic, leak))
    for delay_s in (0.0, 60.0, 300.0):
        leak = Leak(_SAME, 8_000.0, delay_s)
        long = replace(plan, follow_s=max(plan.follow_s, delay_s + 20.0))
        found.append(Case(f"8 kB, {delay_s:g} s after", long, "usual", leak))
    for share in (0.75, 0.5, 0.25):
        leak = Leak(_NEW, 8_000.0, 20.0, share=share)
        found.append(Case(f"8 kB in {share:.0%} of plays", plan, "usual", leak))
    found += [
        Case("8 kB, any time in 50 s", plan, "usual", Leak(_SAME, 8_000.0, 25.0, jitter_s=25.0)),
        Case("8 kB, trickled over 50 s", plan, "usual", Leak(_NEW, 8_000.0, 5.0, lasts_s=50.0)),
        Case("8 kB, 20 s after, with shifted", shifted, "usual", Leak(_SAME, 8_000.0, 20.0)),
    ]
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Try every case, print the table."""
    parser = argparse.ArgumentParser(prog="benchmarks.wire_cause", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the series")
    parser.add_argument("--series", type=int, default=200, help="series of each kind")
    parser.add_argument("--plays", type=int, default=CausePlan().plays, help="plays of a series")
    chosen = parser.parse_args(arguments)
    count = max(10, chosen.series // 10) if chosen.quick else chosen.series
    plan = CausePlan(plays=chosen.plays, follow_s=60.0, resamples=999)
    rows = [row for case in cases(plan) for row in _rows(case, count)]
    rows += [row for traffic in _TRAFFIC for row in _bounds(traffic, plan, max(3, count // 20))]
    facts = {"plays a series": str(plan.plays), "series of each kind": str(count)}
    return finish("wire_cause", rows, facts)


def _rows(case: Case, count: int) -> list[Row]:
    """How often a kind of series is called caused, at the usual p-value and at a larger one."""
    p = [tried(case, number)[1].p for number in range(count)]
    rows = []
    for alpha in (case.plan.alpha, 0.05):
        events = sum(each <= alpha for each in p)
        found = rate(events, count)
        assert found.interval is not None
        name = f"{case.name}; {case.traffic}; caused at p <= {alpha:g}"
        if case.leak is None:
            goal, holds = f"at most {alpha:.0%}", found.interval.low <= alpha
            rows.append(Row(name, 100 * events / count, "%", goal, holds))
        elif alpha == case.plan.alpha:
            rows.append(Row(name, 100 * events / count, "%", "", None))
        print(f"{name}: {events} of {count}", flush=True)
    return rows


def _bounds(traffic: str, plan: CausePlan, count: int) -> list[Row]:
    """The leak that innocent series say they would have found, and how often that is so."""
    stated, found, tries = list[int](), 0, 0
    for number in range(count):
        counted, _ = tried(Case("", plan, traffic, None), 10_000 + number)
        told = bound(counted, plan, np.random.default_rng(number))
        if told.least_bytes is None:
            continue
        stated.append(told.least_bytes)
        leak = Leak(told.destination, told.least_bytes, told.delay_s, jitter_s=0.0)
        for again in range(10):
            case = Case("", plan, traffic, leak)
            found += tried(case, 20_000 + 100 * number + again)[1].p <= plan.alpha
            tries += 1
    if not stated:
        return [Row(f"{traffic}: states no bound in any series", 0.0, "B", "", None)]
    name = f"{traffic}: a leak of the size stated is found"
    reached = rate(found, tries).interval
    assert reached is not None
    goal, holds = f"at least {plan.power:.0%}", reached.high >= plan.power
    middle = float(np.median(stated))
    return [
        Row(f"{traffic}: states that it would find, median", middle, "B", "", None),
        Row(f"{traffic}: the same, most", float(max(stated)), "B", "", None),
        Row(name, 100 * found / tries, "%", goal, holds),
    ]


if __name__ == "__main__":
    raise SystemExit(main())
