"""One table of every figure of the wire: none is left out, and none of another day stands in."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.table import Row, finish
from benchmarks.wire_all import BENCHMARKS, run_all


def test_every_benchmark_is_run_once_and_its_figures_are_in_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told: list[tuple[str, tuple[str, ...]]] = []

    def run(name: str, options: Sequence[str]) -> int:
        told.append((name, tuple(options)))
        return finish(name, [Row("speed", len(told), "MB/s", "any", True)], {}, tmp_path)

    assert run_all(["--quick"], run, tmp_path) == 0
    assert told == [(name, ("--quick",)) for name in BENCHMARKS]
    rows = json.loads((tmp_path / "wire_all.json").read_text())["rows"]
    assert [row["figure"] for row in rows] == [f"{name}: speed" for name in BENCHMARKS]
    assert "wire_cause: speed" in capsys.readouterr().out


@pytest.mark.parametrize("ends", ["missed", "dead"])
def test_one_that_misses_a_goal_or_dies_makes_it_end_with_1(tmp_path: Path, ends: str) -> None:
    (tmp_path / "wire_live.json").write_text('{"rows": []}')

    def run(name: str, options: Sequence[str]) -> int:
        if name == "wire_live" and ends == "dead":
            return 2
        good = name != "wire_live"
        return finish(name, [Row("drops", 0 if good else 7, "", "0", good)], {}, tmp_path)

    assert run_all([], run, tmp_path) == 1
    rows = json.loads((tmp_path / "wire_all.json").read_text())["rows"]
    assert [row["holds"] for row in rows].count(False) == 1 and len(rows) == len(BENCHMARKS)
