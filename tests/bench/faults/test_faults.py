"""Whatever breaks on a rig, what leaked never passes, and an honest device is not accused."""

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import udp_frame, write_capture
from harness.bench.faults import Fault, FaultKind, draw_fault, kinds_for, with_fault
from harness.bench.faults.machine import starved_processor
from harness.bench.faults.naming import names
from harness.bench.faults.onset import Onset
from harness.bench.faults.wire import step, thin
from harness.clock import SimulatedClock
from harness.model.ruling import Ruling, Verdict
from harness.series.play import play_and_rule
from harness.wire import read_wire
from tests.stage.simulated_scene import Stage, cast_of, scene, stage

PLACES = {
    FaultKind.LOUDSPEAKER_DEAD: ("table",),
    FaultKind.LOUDSPEAKER_LOW: ("window",),
    FaultKind.LOUDSPEAKERS_SWAPPED: ("table", "window"),
}
UNSEEN = {FaultKind.DEVICE_REBOOTS}
"""This rig's device is back at once, so there is nothing to see."""


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Stage]:
    yield stage(tmp_path, scene("ordinary-talk", only=1), prompts=("am_here",))


def ruled(play: Stage, fault: Fault) -> Ruling:
    folder = play.folder / "evidence"
    with with_fault(play.bench.rig, fault) as rig:
        return play_and_rule(rig, play.script, cast_of(play.script), play.progress, folder).ruling


@pytest.mark.parametrize("kind", sorted(set(FaultKind) - UNSEEN))
def test_an_honest_device_on_a_broken_rig_proves_nothing(play: Stage, kind: FaultKind) -> None:
    ruling = ruled(play, Fault(kind, 0.5, PLACES.get(kind, ()), 1))
    assert ruling.verdict is Verdict.INCONCLUSIVE, ruling.headline
    assert names(ruling, kind), [c.name for c in ruling.controls if not c.held]


def test_every_ruling_tells_that_there_was_a_fault(play: Stage) -> None:
    ruling = ruled(play, Fault(FaultKind.CLOCK_OFF, 0.0, (), 1))
    assert not next(c for c in ruling.controls if c.name == "one_clock").held
    with with_fault(play.bench.rig, Fault(FaultKind.TAP_DIES, 3.0, (), 1)) as rig:
        name = rig.file.name
    assert name.endswith("with a fault: the tap captures nothing any more from 3.0 s on")


def test_a_full_disk_is_over_after_the_play(play: Stage, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    ruled(play, Fault(FaultKind.DISK_FULL, 0.5, (), 1))
    assert resource.getrlimit(resource.RLIMIT_FSIZE) == before
    (tmp_path / "large").write_bytes(bytes(1_000_000))


def test_a_starved_processor_is_busy_for_as_long_as_it_is_asked_to() -> None:
    def children() -> int:
        return len(Path(f"/proc/self/task/{os.getpid()}/children").read_text().split())

    before = children()
    with starved_processor():
        assert children() > before
    assert children() == before


def test_what_a_fault_did_is_taken_back_when_the_next_play_begins() -> None:
    clock, done = SimulatedClock(1e3), list[str]()

    def begin(lasting: ExitStack) -> None:
        done.append("begun")
        lasting.callback(done.append, "over")

    onset = Onset(clock, 2.0, begin)
    assert not onset.passed()  # nothing plays yet
    for _ in range(2):
        onset.begin()
        assert not onset.passed()
        clock.wait_s(2.0)
        assert onset.passed() and onset.passed()
    onset.lift()
    onset.lift()
    assert done == ["begun", "over"] * 2


def test_a_seed_is_a_fault(play: Stage) -> None:
    rig = play.bench.rig
    drawn = [draw_fault(seed, kinds_for(rig), rig.loudspeaker.positions) for seed in range(300)]
    assert drawn == [
        draw_fault(seed, kinds_for(rig), rig.loudspeaker.positions) for seed in range(300)
    ]
    assert {fault.kind for fault in drawn} == set(FaultKind)
    for fault in drawn:
        assert len(fault.places) == len(PLACES.get(fault.kind, ()))


def captured(folder: Path) -> Path:
    path = folder / "link.pcapng"
    frames = [
        (1e9 + n, udp_frame("10.77.0.2", 4000, "10.77.0.1", 53, bytes(100 + n))) for n in range(10)
    ]
    write_capture(path, frames)
    return path


def sent_at_s(path: Path) -> list[float]:
    return [round(at_s - 1e9, 3) for at_s, _ in read_wire(path, "10.77.0.2").traffic.sent]


def test_what_a_tap_did_not_see_is_not_in_its_file(tmp_path: Path) -> None:
    path = captured(tmp_path)
    assert thin(path, lambda at_s: at_s < 1e9 + 3.5 or at_s > 1e9 + 7.5) == 4
    assert sent_at_s(path) == [0, 1, 2, 3, 8, 9]


def test_a_tap_whose_clock_was_set_stamps_what_follows_later(tmp_path: Path) -> None:
    path = captured(tmp_path)
    step(path, 1e9 + 7.5, 0.25)
    assert sent_at_s(path) == [0, 1, 2, 3, 4, 5, 6, 7, 8.25, 9.25]
