"""A relay board on a real pty under the real driver; in mid-scene its cable is pulled."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.drivers.simulated import SimulatedPower
from harness.bench.drivers.simulated_rig import SimulatedBench
from harness.bench.drivers.switches.switched_power import SwitchedPower
from harness.bench.ports.device import Power
from harness.model.ruling import Verdict
from tests.bench.switches import emulators
from tests.bench.switches.opening import opened
from tests.stage.simulated_device import SimulatedDevice
from tests.stage.simulated_scene import Stage, broken_controls, scene, stage


class Cord(Power):
    """The simulated device's power, given and taken by a real driver."""

    def __init__(self, switched: SwitchedPower, device: SimulatedPower) -> None:
        self._switched, self._device = switched, device

    def on(self) -> None:
        self._switched.on()
        self._device.on()

    def off(self) -> None:
        self._switched.off()
        self._device.off()

    def trouble(self) -> str | None:
        return self._switched.trouble() or self._device.trouble()


def wired(folder: Path, board: emulators.PtyBoard, driver: str) -> Stage:
    def pull(_: SimulatedBench, __: SimulatedDevice) -> None:
        board.unplug()

    script = scene("ordinary-talk", only=1)
    play = stage(folder, script, None, {"watching": pull}, prompts=("am_here",))
    switched = SwitchedPower(opened(driver, port=board.path), play.bench.clock)
    play.bench.rig = replace(play.bench.rig, power=Cord(switched, play.bench.power))
    return play


@pytest.mark.parametrize(
    ("driver", "board", "control"),
    [
        ("kmtronic", lambda: emulators.kmtronic(1), None),  # can be read back, and is
        ("lcus", emulators.lcus, "all_collected"),  # is only found gone when it is to switch
    ],
)
def test_a_board_whose_cable_is_pulled_proves_nothing(
    tmp_path: Path, driver: str, board: Callable[[], emulators.PtyBoard], control: str | None
) -> None:
    outcome = wired(tmp_path, board(), driver).play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    said = [*outcome.ruling.reasons, *(c.detail for c in outcome.ruling.controls if not c.held)]
    assert any("serial port" in words for words in said), said
    assert control is None or control in broken_controls(outcome)
