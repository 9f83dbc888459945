"""Whatever breaks on a rig, what leaked never passes, and an honest device is not accused."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import udp_frame, write_capture
from harness.bench.faults import Fault, FaultKind, draw_fault, kinds_for, with_fault
from harness.bench.faults.wire import thin
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
    rig = with_fault(play.bench.rig, fault)
    folder = play.folder / "evidence"
    return play_and_rule(rig, play.script, cast_of(play.script), play.progress, folder).ruling


@pytest.mark.parametrize("kind", sorted(set(FaultKind) - UNSEEN))
def test_an_honest_device_on_a_broken_rig_proves_nothing(play: Stage, kind: FaultKind) -> None:
    ruling = ruled(play, Fault(kind, 0.5, PLACES.get(kind, ()), 1))
    assert ruling.verdict is Verdict.INCONCLUSIVE, ruling.headline
    assert any(not control.held for control in ruling.controls)


def test_every_ruling_tells_that_there_was_a_fault(play: Stage) -> None:
    ruling = ruled(play, Fault(FaultKind.CLOCK_OFF, 0.0, (), 1))
    assert not next(c for c in ruling.controls if c.name == "one_clock").held
    facts = with_fault(play.bench.rig, Fault(FaultKind.TAP_DIES, 3.0, (), 1)).file.name
    assert facts.endswith("with a fault: the tap captures nothing any more from 3.0 s on")


def test_a_seed_is_a_fault(play: Stage) -> None:
    rig = play.bench.rig
    drawn = [draw_fault(seed, kinds_for(rig), rig.loudspeaker.positions) for seed in range(300)]
    assert drawn == [
        draw_fault(seed, kinds_for(rig), rig.loudspeaker.positions) for seed in range(300)
    ]
    assert {fault.kind for fault in drawn} == set(FaultKind)
    for fault in drawn:
        assert len(fault.places) == len(PLACES.get(fault.kind, ()))


def test_what_a_tap_did_not_see_is_not_in_its_file(tmp_path: Path) -> None:
    path = tmp_path / "link.pcapng"
    frames = [
        (1e9 + n, udp_frame("10.77.0.2", 4000, "10.77.0.1", 53, bytes(100 + n))) for n in range(10)
    ]
    write_capture(path, frames)
    assert thin(path, lambda at_s: at_s < 1e9 + 3.5 or at_s > 1e9 + 7.5) == 4
    sent = read_wire(path, "10.77.0.2").traffic.sent
    assert [round(at_s - 1e9) for at_s, _ in sent] == [0, 1, 2, 3, 8, 9]
