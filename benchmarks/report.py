"""How long reports take: the first page and Allure's over 5,000 results.

python -m benchmarks.report [--quick] [--plays N] [--runs DIR]

With --runs also what reporting on each run below a folder adds to the time that its play took.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.report_nights import MADE_KINDS, MadePlay, NightMaker
from benchmarks.table import Row, finish
from harness.evidence import layout
from harness.evidence.read import read_ruling
from harness.model.ruling import Ruling
from harness.report.allure_build import build
from harness.report.allure_night import write_play
from harness.report.explain import explain
from harness.report.junit import junit_of_results
from harness.report.nights import answer, read_nights
from harness.report.nights.page import build_first_page
from harness.report.page import page_of_folder
from harness.series.soak.journal import read_journal

T = TypeVar("T")
_NIGHTS, _SCENES, _MOST_S, _MOST_PERCENT = 10, 40, 60.0, 3.0


def main(arguments: list[str] | None = None) -> int:
    """Make nights, report on them, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="500 plays")
    parser.add_argument("--plays", type=int, default=5000, help="of all nights together (5000)")
    parser.add_argument("--runs", type=Path, help="evidence, or a night, that was really played")
    parsed = parser.parse_args(arguments)
    plays = 500 if parsed.quick else parsed.plays
    with tempfile.TemporaryDirectory(prefix="sayso-report-") as scratch:
        rows = _rows(Path(scratch), plays)
    if parsed.runs is not None:
        rows += _run_rows([path.parent for path in parsed.runs.rglob(layout.PAGE)])
    return finish("report", rows, {"plays": str(plays), "nights": str(_NIGHTS)})


def _rows(folder: Path, plays: int) -> list[Row]:
    maker = NightMaker(folder)
    for number in range(_NIGHTS):
        maker.night(f"night-{number}", _drawn(number, plays // _NIGHTS), 1.79e9 + 86_400 * number)
    nights = sorted(folder.glob("night-*"))
    page_s, size = _timed(lambda: _first_page(nights, folder))
    results = folder / "results"
    write_s, _ = _timed(lambda: _write_results(nights, results))
    junit_s, _ = _timed(lambda: junit_of_results(results))
    allure_s, built = _timed(lambda: build(results, folder / "allure"))
    rows = [
        Row("first page", page_s, "s", f"under {_MOST_S:g} s", page_s < _MOST_S),
        Row("its size", size / 1e6, "MB", "", None),
        Row("JUnit XML", junit_s, "s", f"under {_MOST_S:g} s", junit_s < _MOST_S),
        Row("Allure's results, written", write_s, "s", "", None),
    ]
    if built is not None:
        rows.append(Row("Allure's page", allure_s, "s", f"under {_MOST_S:g} s", allure_s < _MOST_S))
        rows.append(Row("its size", built.stat().st_size / 1e6, "MB", "", None))
    return rows


def _run_rows(runs: list[Path]) -> list[Row]:
    """CPU time of ruling in words and page, over the time that scene and watch take in a room."""
    shares = []
    for run in runs:
        ruling = read_ruling(run)
        before_s = time.process_time()
        _told(run, ruling)
        took_s = time.process_time() - before_s
        shares.append(100 * took_s / (ruling.scene_s + ruling.watched_s))
    if not shares:
        return []
    goal, worst = f"under {_MOST_PERCENT:g} %", max(shares)
    return [
        Row("reporting, of a run's time, median", median(shares), "%", "", None),
        Row("reporting, of a run's time, most", worst, "%", goal, worst < _MOST_PERCENT),
    ]


def _told(run: Path, ruling: Ruling) -> int:
    return len(explain(ruling, run)) + len(page_of_folder(run, ruling))


def _drawn(night: int, count: int) -> list[MadePlay]:
    """Plays of many scenes, one in fifty of them no pass."""
    return [
        MadePlay(
            f"made/scene-{number % _SCENES:02}",
            MADE_KINDS[1 + number % 3] if (number + night) % 50 == 0 else MADE_KINDS[0],
        )
        for number in range(count)
    ]


def _first_page(nights: list[Path], out: Path) -> int:
    read = read_nights(nights)
    return len(build_first_page(read, answer(read), out).encode())


def _write_results(nights: list[Path], results: Path) -> int:
    for number, night in enumerate(nights):
        told = read_journal(night)
        head = told.head.model_copy(update={"rig": f"{told.head.rig}-{number}"})
        for count in range(1, len(told.plays) + 1):
            write_play(results, night, head, told.plays[:count])
    return 0


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    began_s = time.perf_counter()
    done = work()
    return time.perf_counter() - began_s, done


if __name__ == "__main__":
    sys.exit(main())
