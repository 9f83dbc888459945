"""What the faults' benchmark keeps of a play comes back as it was, and a torn line does not."""

from dataclasses import replace
from pathlib import Path

from benchmarks.faults_plays import Faulted, add_play, read_plays
from harness.bench.faults import FaultKind
from harness.model.ruling import Verdict

PLAYS = [
    Faulted(2, FaultKind.TAP_DIES, "the tap dies", Verdict.FAIL, True, "why", 3.5),
    Faulted(1, FaultKind.DISK_FULL, "the disk is full", None, False, "“no room”", 2.0),
]


def test_plays_come_back_in_order_of_seeds(tmp_path: Path) -> None:
    path = tmp_path / "plays.jsonl"
    assert read_plays(path) == []
    add_play(path, PLAYS[0])
    with path.open("a") as file:
        file.write('{"seed": 3, "kind"')
    add_play(path, PLAYS[1])
    assert read_plays(path) == PLAYS[::-1]


def test_a_seed_played_twice_counts_once_as_the_worse(tmp_path: Path) -> None:
    path = tmp_path / "plays.jsonl"
    passed = replace(PLAYS[0], verdict=Verdict.PASS)
    for play in (PLAYS[0], passed, PLAYS[0], PLAYS[1]):
        add_play(path, play)
    assert read_plays(path) == [PLAYS[1], passed]
