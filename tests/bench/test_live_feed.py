"""The feed of a play: what is told stands in a file, and no watcher or disk holds the play up."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from harness.bench.live_feed import FileFeed, feeds_folder, is_written, open_feed
from harness.bench.ports.live import Unwatched
from harness.model.live import (
    Fact,
    Levels,
    LiveLine,
    PhaseBegan,
    PlaceInSeries,
    PlayBegan,
    Untold,
    as_line,
    of_line,
)

LINES = (LiveLine("a", "Dana", "Alexa, send a message", True, ("wake", "request")),)
BEGAN = PlayBegan(
    unix_s=1e9,
    scene="portland/kitchen",
    title="In the kitchen",
    rig="kitchen",
    device="speaker",
    firmware="1",
    device_address="10.0.0.2",
    canary_port=48_557,
    capture="",
    scene_s=30.0,
    watch_s=12.0,
    lines=LINES,
)


@given(st.one_of([st.from_type(kind) for kind in Fact.__args__]))
def test_a_fact_is_the_same_after_it_was_written(fact: Fact) -> None:
    line = as_line(fact)
    assert line.count(b"\n") == 1 and line.endswith(b"\n")
    again = of_line(line)
    assert (again is not None) == all(abs(value) <= 1e12 for value in floats(asdict(fact)))
    assert again is None or as_line(again) == line


def floats(value: object) -> Iterator[float]:
    """Every float inside."""
    if isinstance(value, float):
        yield value
    elif isinstance(value, dict | list | tuple):
        for inside in value.values() if isinstance(value, dict) else value:
            yield from floats(inside)


@given(st.binary(max_size=80) | st.sampled_from([b"{}", b"[]", b'{"fact":"Levels"}', b"7"]))
def test_what_is_no_fact_tells_nothing(line: bytes) -> None:
    assert of_line(line) is None


@contextmanager
def feed(folder: Path, **options: int) -> Iterator[tuple[FileFeed, Path]]:
    path = folder / f"{os.getpid()}-1.jsonl"
    made = FileFeed(path, **options)
    try:
        yield made, path
    finally:
        made.close()


def _lines(path: Path) -> list[bytes]:
    try:
        return path.read_bytes().splitlines()
    except FileNotFoundError:  # also between a play's file and the next one's
        return []


def facts(path: Path, at_least: int) -> list[Fact | None]:
    """What stands in the file, once there is so much."""
    woken = threading.Event()
    for _ in range(3000):
        lines = _lines(path)
        if len(lines) >= at_least:
            return [of_line(line) for line in lines]
        woken.wait(0.01)
    raise AssertionError(f"only {lines}")


def test_each_play_begins_a_file_of_its_own(tmp_path: Path) -> None:
    with feed(tmp_path) as (made, path):
        made.tell(PhaseBegan(0.0, "before any play"))
        made.tell(BEGAN)
        made.tell(PhaseBegan(1.5, "opening controls"))
        assert facts(path, 2) == [BEGAN, PhaseBegan(1.5, "opening controls")]
        assert path.stat().st_mode & 0o777 == 0o600
        with path.open("rb") as read_by_a_watcher:
            made.tell(PlaceInSeries(2, 9, None))
            made.tell(BEGAN)
            made.tell(PhaseBegan(0.5, "again"))
            assert facts(path, 3) == [BEGAN, PlaceInSeries(2, 9, None), PhaseBegan(0.5, "again")]
            assert len(read_by_a_watcher.read().splitlines()) == 2
    assert not path.exists()


def test_a_disk_that_hangs_holds_nobody_up_and_what_is_lost_is_counted(tmp_path: Path) -> None:
    goes_on = threading.Event()
    goes_on.set()

    def slowly(file: int, line: bytes) -> int:
        goes_on.wait()
        return os.write(file, line)

    path = tmp_path / f"{os.getpid()}-1.jsonl"
    made = FileFeed(path, waiting=5, put=slowly)
    made.tell(BEGAN)
    facts(path, 1)
    goes_on.clear()
    with path.open("rb") as file:
        for second in range(20):
            made.tell(PhaseBegan(float(second), "said meanwhile"))
        goes_on.set()
        facts(path, 5)
        made.tell(PhaseBegan(99.0, "after"))
        made.close()
        told = [of_line(line) for line in file]
    dropped = [fact.count for fact in told if isinstance(fact, Untold)]
    assert sum(dropped) >= 14 and sum(dropped) + len(told) - len(dropped) == 22
    assert told[-1] == PhaseBegan(99.0, "after")


def test_a_disk_that_fails_costs_facts_and_no_play(tmp_path: Path) -> None:
    def full(_file: int, _line: bytes) -> int:
        raise OSError(28, "no space")

    made = FileFeed(tmp_path / f"{os.getpid()}-1.jsonl", put=full)
    for _ in range(3):
        made.tell(BEGAN)
    made.close()
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_full_goes_on_without_levels(tmp_path: Path) -> None:
    with feed(tmp_path, most_bytes=2000) as (made, path):
        made.tell(BEGAN)
        facts(path, 1)
        file = path.open("rb")
        for second in range(400):
            made.tell(Levels(float(second), {"listener": -50.0}))
        made.tell(PhaseBegan(400.0, "still told"))
    with file:
        whole = file.read()
    told = [of_line(line) for line in whole.splitlines()]
    levels = [fact for fact in told if isinstance(fact, Levels)]
    (untold,) = (fact for fact in told if isinstance(fact, Untold))
    assert levels and len(levels) + untold.count == 400
    assert told[-1] == PhaseBegan(400.0, "still told") and len(whole) < 2000


def test_a_folder_that_cannot_be_made_leaves_the_rig_unwatched(tmp_path: Path) -> None:
    (tmp_path / "live").write_text("in the way")
    with open_feed("kitchen", tmp_path) as made:
        assert isinstance(made, Unwatched) and not made.is_followed
        made.tell(BEGAN)


def test_what_killed_processes_left_is_cleared_away(tmp_path: Path) -> None:
    folder = feeds_folder("kitchen", tmp_path)
    folder.mkdir(parents=True)
    with open_feed("another", tmp_path):
        assert feeds_folder("another", tmp_path).stat().st_mode & 0o777 == 0o700
    left = folder / "4194399-1.jsonl"  # above the highest number of a process
    left.touch()
    assert not is_written(left)
    with open_feed("kitchen", tmp_path) as made:
        assert not left.exists() and made.is_followed
