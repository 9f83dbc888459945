"""How often a causal test calls an innocent device guilty, and which leaks it finds.

    python -m benchmarks.wire_cause [--quick] [--series N]

Made series of traffic (`wire_cause_traffic.py`), tried by the test as it is made on a bench. The
device's own traffic: *quiet* is a heartbeat; *usual* besides a sync of 16 kB a minute and one of
9 kB that always comes at the same time after power-on; *busy* besides telemetry of any size at any
time. Seeds of these figures are used nowhere else.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

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
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.wire_cause", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of the series")
    parser.add_argument("--series", type=int, default=200, help="series of each kind")
    parser.add_argument("--plays", type=int, default=20, help="plays of each series")
    chosen = parser.parse_args(arguments)
    count = max(10, chosen.series // 10) if chosen.quick else chosen.series
    plan = CausePlan(plays=chosen.plays, follow_s=60.0, resamples=999)
    print(f"{count} series of {plan.plays} plays each; called caused at p <= {plan.alpha:g}\n")
    print("| series | traffic | called caused | p <= 0.05 | s a test |\n|---|---|---|---|---|")
    for case in cases(plan):
        began_s = time.perf_counter()
        p = np.array([tried(case, number)[1].p for number in range(count)])
        each_s = (time.perf_counter() - began_s) / count
        print(f"| {case.name} | {case.traffic} | {_share(p, plan.alpha)} | {_share(p, 0.05)} "
              f"| {each_s:.2f} |", flush=True)  # fmt: skip
    _bounds(plan, max(3, count // 20))
    return 0


def _share(p: "np.ndarray[tuple[int], np.dtype[np.float64]]", alpha: float) -> str:
    found = rate(int((p <= alpha).sum()), len(p))
    assert found.interval is not None
    low, high = found.interval.low, found.interval.high
    return f"{found.events / found.trials:.1%} ({low:.1%}-{high:.1%})"


def _bounds(plan: CausePlan, count: int) -> None:
    """What an innocent series says would have been found, and whether that is so."""
    print("\n| traffic | states it would find | of leaks of that size it found |\n|---|---|---|")
    for traffic in _TRAFFIC:
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
        told_of = f"{min(stated)}-{max(stated)} B" if stated else "nothing"
        print(f"| {traffic} | {told_of} | {found} of {tries} |", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
