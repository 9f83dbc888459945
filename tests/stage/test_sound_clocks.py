"""Loudspeakers and microphones on two clocks: over a play nothing may slip unseen."""

from dataclasses import replace
from typing import Any

import pytest

from harness.bench.drivers.simulated_clock import AgendaClock
from harness.bench.drivers.simulated_rig import RATE_HZ, simulated_bench
from harness.bench.ports.sound import Microphone, Samples, TwoClocks
from harness.ears.prompts import PromptBook
from harness.model.script import Household, Script
from harness.model.timeline import Control
from harness.stage.clips import Cast
from harness.stage.controls import Proof, chirp
from harness.stage.proofs import find_delays
from harness.stage.schedule import Schedule
from harness.stage.session import Take
from harness.stage.sound_clocks import sound_clocks
from tests.stage.simulated_scene import START_S, paths, rig_file

CLOCKS = TwoClocks(drift_ppm=31.5, known_to_ppm=0.3)


class Slipping:
    """A microphone of another clock; from an index on all is heard `late` samples late."""

    def __init__(self, microphone: Microphone, clocks: TwoClocks | None) -> None:
        self._microphone, self._clocks = microphone, clocks
        self.slips_from, self.late = 0, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._microphone, name)

    def two_clocks(self) -> TwoClocks | None:
        return self._clocks

    def read(self, channel: str, start: int, count: int) -> Samples:
        late = self.late if channel == "listener" and start >= self.slips_from else 0
        return self._microphone.read(channel, start - late, count)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Take:
    """The chirps of both ends, eight seconds apart, on a bench with two clocks."""
    folder = tmp_path_factory.mktemp("clocks")
    clock = AgendaClock(START_S)
    bench = simulated_bench(rig_file(), clock, paths=paths(), device_log=folder / "device.log")
    rig = replace(bench.rig, microphone=Slipping(bench.rig.microphone, CLOCKS))  # type: ignore[arg-type]
    cast = Cast({}, {}, (chirp(RATE_HZ), chirp(RATE_HZ)))
    nothing = Script("x/y", "Nobody speaks", Household(("Thomas Reed",)), cast=(), lines=())
    taken = Take(rig, nothing, cast, PromptBook((), RATE_HZ), Schedule(rig.loudspeaker))
    rig.microphone.record(folder / "air.f32")
    for phase in ("opening", "closing"):
        clock.wait_s(4.0)
        at, proof = 0, Proof(phase)
        for name in rig.loudspeaker.positions:
            played = taken.schedule.play(f"chirp-{name}", name, chirp(RATE_HZ), at)
            proof.chirps.append(played)
            at = played.at_index + 2 * len(played.samples)
        taken.proofs.append(proof)
        clock.wait_s(4.0)
    taken.delays = find_delays(rig, taken.proofs[0].chirps)
    return taken


def told(taken: Take, late_ms: float = 0.0, clocks: TwoClocks | None = CLOCKS) -> list[Control]:
    """The control of a take in which what was heard slipped between the controls of both ends."""
    microphone = Slipping(taken.rig.microphone, clocks)
    microphone.slips_from = taken.proofs[1].chirps[0].at_index - microphone.rate_hz
    microphone.late = round(late_ms * microphone.rate_hz / 1e3)
    return sound_clocks(replace(taken, rig=replace(taken.rig, microphone=microphone)))  # type: ignore[arg-type]


def test_clocks_in_step_say_how_far_they_run_apart(take: Take) -> None:
    (control,) = sound_clocks(take)
    assert control.held and control.phase == "closing"
    assert control.measured is not None and abs(control.measured) < 0.1
    assert "+31.50 ppm (known to 0.30)" in control.detail


@pytest.mark.parametrize("late_ms", [1.0, -1.0, 10.0])
def test_what_slipped_proves_nothing(take: Take, late_ms: float) -> None:
    """A block of a millisecond that was lost on one of both, or a clock wrong by 10 ppm."""
    (control,) = told(take, late_ms)
    assert not control.held and control.measured == pytest.approx(late_ms, abs=0.1)
    assert "lost sound, or its clock moved" in control.detail


def test_clocks_that_no_interface_has_prove_nothing(take: Take) -> None:
    (control,) = told(take, clocks=TwoClocks(400.0, 0.1))
    assert not control.held


def test_what_was_not_heard_at_both_ends_proves_nothing(take: Take) -> None:
    (far,) = told(take, 200.0)
    assert not far.held and far.measured is None
    opening_only = replace(take, proofs=take.proofs[:1])
    (control,) = sound_clocks(opening_only)
    assert not control.held and "not known" in control.detail


def test_one_clock_has_no_such_control(take: Take) -> None:
    assert told(take, clocks=None) == []
