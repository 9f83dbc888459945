"""What the doctor says of a rig, here a simulated one."""

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.series.doctor import prove_controls
from harness.stage.control_facts import required_controls
from tests.stage.simulated_device import CONTROL
from tests.stage.simulated_scene import Stage, scene, stage


def _sleep(play: Stage) -> None:
    play.device.ignores.add(CONTROL)


def _unplug(play: Stage) -> None:
    play.bench.tap.unplugged = True


def _stop_cloud(play: Stage) -> None:
    play.bench.inbox.down = "cloud: down"


@pytest.fixture
def play(tmp_path: Path) -> Stage:
    return stage(tmp_path, scene("ordinary-talk", only=1), prompts=("am_here",))


def test_a_sound_rig(play: Stage) -> None:
    said: list[str] = []
    checks = prove_controls(play.bench.rig, said.append)
    assert len(checks) == len(required_controls()) and all(check.held for check in checks)
    assert "opening controls" in said and "closing controls" in said


@pytest.mark.parametrize(
    ("spoil", "name"),
    [(_sleep, "device_awake"), (_unplug, "tap_canary"), (_stop_cloud, "finished")],
)
def test_a_broken_rig_is_named(play: Stage, spoil: Callable[[Stage], None], name: str) -> None:
    spoil(play)
    checks = prove_controls(play.bench.rig, lambda _: None)
    assert name in {check.name for check in checks if not check.held}


def test_an_interrupt_ends_it(play: Stage) -> None:
    def interrupt(what: str) -> None:
        if what.startswith("opening"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prove_controls(play.bench.rig, interrupt)
