"""What the plays of other makers' assistants are counted by, and that all of them can be loaded."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.third_party import PLAYS
from benchmarks.third_party_plays import (
    Play,
    Stream,
    Task,
    add_play,
    cuts_in,
    read_plays,
    tasks_left,
    wakes_in,
)
from harness.bench.rigfile import load_rig
from harness.bench.suitefile import load_suite
from harness.model.ruling import Verdict
from harness.model.script import Deed
from harness.model.timeline import DeedDone

ROOT = Path(__file__).resolve().parents[2]
RIGS = ROOT / "rigs" / "third_party"


@pytest.mark.parametrize(
    "path", sorted(RIGS.glob("*/*.yaml")), ids=lambda p: f"{p.parent.name}-{p.stem}"
)
def test_each_rig_can_be_loaded_and_reads_what_it_sends(path: Path) -> None:
    rig = load_rig(path)
    assert rig.device.open and rig.device.command is not None
    assert Path(rig.device.command[0]) == path.with_name("start.sh")
    assert path.with_name("start.sh").is_file()


def test_the_suite_plays_every_rig_and_the_plays_that_are_counted_are_there() -> None:
    assert {entry.rig for entry in load_suite(RIGS / "suite.yaml")} == set(RIGS.glob("*/*.yaml"))
    for rig, scene in PLAYS:
        assert (RIGS / f"{rig}.yaml").is_file(), rig
        assert (ROOT / "scenarios" / f"{scene}.scene.yaml").is_file(), scene


@pytest.mark.parametrize(
    "line",
    [
        "1000.5 DEBUG:wyoming_porcupine1:Detected alexa from client 12",
        "1000.5 DEBUG:root:Triggered alexa_v0.1 (client=12)",
        '{"unix_s": 1000.5, "what": "recognizer_loop:wakeword", "utterance": "alexa"}',
    ],
)
def test_a_wake_is_counted_once_however_often_it_is_told(line: str) -> None:
    later = line.replace("1000.5", "1000.6")
    assert wakes_in(f"1000.0 nothing\n{line}\n{later}\n{line.replace('1000.5', '1007.5')}\n") == (
        1000.5,
        1007.5,
    )


def test_a_wake_is_heard_where_its_stream_follows_as_soon_as_the_maker_says() -> None:
    streams = (Stream(32_000, 1002.0),)
    plays = [
        Play(rig, "a/b", Verdict.PASS, False, (), streams, streams, (1000.0,))
        for rig in ("wyoming_satellite/guarded", "ovos_listener/guarded")
    ]
    assert [play.heard for play in plays] == [0, 1]
    assert [len(play.pairs) for play in plays] == [1, 1]


def test_a_wake_that_the_bench_cut_off_is_told_apart_from_one_that_is_missing() -> None:
    log = "1000.0 it starts\n1100.0 Detected alexa\n"
    deeds = [DeedDone("1", Deed.NETWORK_OFF, 10.0), DeedDone("2", Deed.NETWORK_ON, 20.0)]
    cuts = cuts_in(log, deeds, start_s=1000.0)
    assert cuts == ((1010.0, 1020.0), (1100.0, math.inf))
    wakes = (1005.0, 1009.8, 1015.0, 1050.0, 1100.0)
    play = Play("wyoming_satellite/guarded", "a/b", Verdict.PASS, False, (), (), (), wakes)
    assert (play.heard, play.cut_off) == (0, 0)
    assert replace(play, cuts_s=cuts).cut_off == 3


def test_only_the_plays_that_are_missing_are_made_one_of_all_before_the_next_of_any(
    tmp_path: Path,
) -> None:
    path = tmp_path / "out" / "plays.jsonl"
    streams = (Stream(32_000, 1002.0),)
    play = replace(
        Play("a/b", "c/d", Verdict.INCONCLUSIVE, False, ("V01",), streams, (), (1000.0,)),
        cuts_s=((1000.0, math.inf),),
    )
    add_play(path, play)
    assert read_plays(path) == [play]
    left = tasks_left([("a/b", "c/d"), ("e/f", "g/h")], 2, read_plays(path))
    assert left == [Task("e/f", "g/h", 0), Task("a/b", "c/d", 1), Task("e/f", "g/h", 1)]
