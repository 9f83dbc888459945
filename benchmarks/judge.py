"""Judges long timelines: events a second, whether that is linear, and what memory it takes.

python -m benchmarks.judge [--quick] [--most EVENTS]

Days of growing length (`benchmarks.judge_plays`) are judged whole, and streamed: their events are
made as they are read, so that they are never held. Soaks are streamed too: their script does not
grow with them. Each is judged in a process of its own; times are CPU seconds of that process, so
that other load does not count, less those of making the events. Peak memory is what judging takes
beyond what was there before it: the events where they are held, and the script.
"""

import argparse
import resource
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from benchmarks.judge_plays import RIG, SOAK, day, day_events, day_script, soak_events
from benchmarks.table import Row, finish
from harness.judge import judge, judge_stream
from harness.judge.frame import Read
from harness.model.record import events_from_jsonl, events_to_jsonl
from harness.model.ruling import Ruling
from harness.model.script import Script

_GOAL_PER_S = 200_000
_LINEAR = 1.3
_FLAT_MB = 20.0
_SIZES = (10_000, 100_000, 1_000_000, 5_000_000)
_QUICK = (2_000, 4_000, 8_000)
_TOO_LONG_S = 600.0


@dataclass(frozen=True)
class Judged:
    """One timeline judged: events, CPU seconds, peak memory before judging and by it (MB)."""

    events: int
    messages: int
    findings: int
    made_mb: float
    judge_s: float
    judge_mb: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, measure, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="short timelines only")
    parser.add_argument("--most", type=int, default=_SIZES[-1], help="events of the longest")
    chosen = parser.parse_args(arguments)
    sizes = [n for n in (_QUICK if chosen.quick else _SIZES) if n <= chosen.most]
    whole = _all("a day, held whole", _whole_day, sizes)
    streamed = _all("a day, streamed", _streamed_day, sizes)
    soaks = _all("a soak, streamed", _streamed_soak, sizes)
    rows = [
        *_rows("day, whole", whole, sizes),
        *_rows("day, streamed", streamed, sizes),
        *_rows("soak, streamed", soaks, sizes),
        _flat(soaks),
        *_record_rows(),
    ]
    return finish("judge", rows, {"events": ", ".join(str(j.events) for j in whole)})


def _all(what: str, judged: Callable[[int], Judged], sizes: list[int]) -> list[Judged]:
    """Each size in a process of its own, as long as that does not take too long."""
    found: list[Judged] = []
    for size in sizes:
        if found and found[-1].judge_s * (size / found[-1].events) > _TOO_LONG_S:
            print(f"{what}: {size} events left out: they take more than {_TOO_LONG_S:g} s")
            break
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
            found.append(process.submit(judged, size).result())
        print(what, found[-1], flush=True)
    return found


def _whole_day(size: int) -> Judged:
    bare_mb = _peak_mb()
    case = day(size)
    return _measured(lambda: judge(case), len(case.events), 0.0, bare_mb)


def _streamed_day(size: int) -> Judged:
    bare_mb = _peak_mb()
    return _streamed(day_script(size), lambda: day_events(size), bare_mb)


def _streamed_soak(size: int) -> Judged:
    return _streamed(SOAK, lambda: soak_events(size), _peak_mb())


def _streamed(script: Script, read: Read, bare_mb: float) -> Judged:
    before_s = time.process_time()
    count = deque(enumerate(read(), start=1), maxlen=1)[0][0]
    made_s = time.process_time() - before_s
    # The judge reads it twice.
    return _measured(lambda: judge_stream(script, RIG, read), count, 2 * made_s, bare_mb)


def _measured(rule: Callable[[], Ruling], count: int, made_s: float, bare_mb: float) -> Judged:
    made_mb = _peak_mb()
    before_s = time.process_time()
    ruling = rule()
    took_s = time.process_time() - before_s
    return Judged(
        events=count,
        messages=len(ruling.messages_received),
        findings=len(ruling.findings),
        made_mb=made_mb - bare_mb,
        judge_s=took_s - made_s,
        judge_mb=_peak_mb() - made_mb,
    )


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def _rows(what: str, found: list[Judged], sizes: list[int]) -> list[Row]:
    rows = []
    for j in found:
        rate = j.events / j.judge_s
        named = f"{what}, {j.events} events"
        rows.append(Row(f"{named}: events a second", rate, "1/s", f"at least {_GOAL_PER_S}",
                        rate >= _GOAL_PER_S))  # fmt: skip
        rows.append(Row(f"{named}: peak memory of judging", j.judge_mb, "MB", "", None))
    growth = _growth(found)
    rows.append(Row(f"{what}: time an event, longest to shortest", growth, "",
                    f"at most {_LINEAR}", growth <= _LINEAR))  # fmt: skip
    rows.append(Row(f"{what}: longest judged", found[-1].events, "events", f"{sizes[-1]}",
                    found[-1].events >= sizes[-1]))  # fmt: skip
    return rows


def _flat(soaks: list[Judged]) -> Row:
    """Whether a long soak takes no more memory than a short one."""
    more_mb = soaks[-1].judge_mb - soaks[0].judge_mb
    what = "soak, streamed: memory, longest less shortest"
    return Row(what, more_mb, "MB", f"at most {_FLAT_MB:g}", more_mb <= _FLAT_MB)


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
