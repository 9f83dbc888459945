"""Judges long days: events a second, whether that is linear, and what memory it takes.

python -m benchmarks.judge [--quick] [--most EVENTS]

Days of growing length (`benchmarks.judge_plays`) are judged each in a process of its own; times are
CPU seconds of that process, so that other load does not count. Peak memory is that of the events
and of judging them, less what the interpreter took before.
"""

import argparse
import resource
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.judge_plays import day
from benchmarks.table import Row, finish
from harness.judge import judge
from harness.model.record import events_from_jsonl, events_to_jsonl

_GOAL_PER_S = 200_000
_LINEAR = 1.3
_SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
_QUICK = (2_000, 4_000, 8_000)
_TOO_LONG_S = 600.0


@dataclass(frozen=True)
class Judged:
    """One day judged: events, CPU seconds, peak memory beyond the bare interpreter (MB)."""

    events: int
    messages: int
    findings: int
    made_mb: float
    judge_s: float
    judge_mb: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, measure, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short days only")
    parser.add_argument("--most", type=int, default=_SIZES[-1], help="events of the longest day")
    chosen = parser.parse_args(arguments)
    sizes = [n for n in (_QUICK if chosen.quick else _SIZES) if n <= chosen.most]
    found: list[Judged] = []
    for size in sizes:
        if found and found[-1].judge_s * (size / found[-1].events) > _TOO_LONG_S:
            print(f"{size} events left out: they would take more than {_TOO_LONG_S:g} s")
            break
        found.append(_apart(size))
        print(found[-1], flush=True)
    facts = {"days": ", ".join(str(j.events) for j in found)}
    return finish("judge", [*_rows(found, sizes), *_record_rows()], facts)


def _apart(size: int) -> Judged:
    """Judge one day in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_judged, size).result()


def _judged(size: int) -> Judged:
    bare_mb = _peak_mb()
    case = day(size)
    made_mb = _peak_mb()
    before_s = time.process_time()
    ruling = judge(case)
    took_s = time.process_time() - before_s
    return Judged(
        events=len(case.events),
        messages=len(ruling.messages_received),
        findings=len(ruling.findings),
        made_mb=made_mb - bare_mb,
        judge_s=took_s,
        judge_mb=_peak_mb() - made_mb,
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _rows(found: list[Judged], sizes: list[int]) -> list[Row]:
    rows = []
    for j in found:
        rate = j.events / j.judge_s
        rows.append(Row(f"{j.events} events: events a second", rate, "1/s",
                        f"at least {_GOAL_PER_S}", rate >= _GOAL_PER_S))  # fmt: skip
        rows.append(Row(f"{j.events} events: peak memory of judging", j.judge_mb, "MB", "", None))
    growth = _growth(found)
    rows.append(Row("time an event, longest to shortest day", growth, "", f"at most {_LINEAR}",
                    growth <= _LINEAR))  # fmt: skip
    rows.append(Row("longest day judged", found[-1].events, "events", f"{sizes[-1]}",
                    found[-1].events >= sizes[-1]))  # fmt: skip
    return rows


def _growth(found: list[Judged]) -> float:
    first, last = found[0], found[-1]
    return (last.judge_s / last.events) / (first.judge_s / first.events)


def _record_rows() -> list[Row]:
    """How fast a timeline is written and read."""
    events = day(20_000).events
    before_s = time.process_time()
    text = events_to_jsonl(events)
    written_s = time.process_time()
    events_from_jsonl(text)
    read_s = time.process_time()
    return [
        Row("timeline written, events a second", len(events) / (written_s - before_s), "1/s", "",
            None),
        Row("timeline read, events a second", len(events) / (read_s - written_s), "1/s", "", None),
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
