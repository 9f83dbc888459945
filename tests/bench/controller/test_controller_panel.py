"""The driver against the real firmware on a pty: presses, light, time, and everything lost."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.controller_learn import learn
from harness.bench.drivers.controller_options import ControllerPanelText, SensorText
from harness.bench.drivers.controller_panel import ControllerPanel
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.timeline import LightState
from tests.bench.controller.pico import INTERPRETERS, ROOT, Pico, until

SENSOR = SensorText(dark=6000, lit=30000)
CLOCK_MS = 100.0  # on a machine that does other things too


def options(pico: Pico, **values: object) -> ControllerPanelText:
    fixed = {"port": pico.port, "mute": "switch", "ring": SENSOR, "lamp": SENSOR}
    lit = {"ring_lit": LightState.LISTENING, "clock_ms": CLOCK_MS}
    return ControllerPanelText.model_validate({**fixed, **lit, **values})


@pytest.fixture(params=INTERPRETERS, ids=lambda path: Path(path).name)
def pico(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pico]:
    # Its microseconds begin again at 0 while the test runs, and run fast.
    made = Pico(tmp_path, request.param, TICKS_AT_START=str(2**30 - 700_000), TICKS_PPM="90")
    yield made
    made.unplug()


def lights(panel: ControllerPanel) -> list[LightState]:
    return [event.light for event in panel.events()]


def test_presses_are_confirmed_and_light_is_seen_when_it_was(pico: Pico) -> None:
    with ControllerPanel(options(pico), RealClock()) as panel:
        assert panel.present()
        assert panel.identify() == "controller e660583883724a32"
        assert until(lambda: lights(panel) == [LightState.IDLE])
        before_s = time.time()
        panel.press_mute(True)
        after_s = time.time()
        assert until(lambda: lights(panel)[-1] is LightState.MUTED)
        seen_s = panel.events()[-1].unix_s
        off_s = panel.clock_uncertainty_s + 0.002
        assert before_s - off_s <= seen_s <= after_s + off_s
        panel.press_mute(False)
        assert until(lambda: lights(panel)[-1] is LightState.IDLE)
        pico.world(ring=1, flicker=1)  # dimmed: bright for 2 ms of each 7
        assert until(lambda: lights(panel)[-1] is LightState.LISTENING)
        time.sleep(0.3)
        pico.world(ring=0)
        assert until(lambda: lights(panel)[-1] is LightState.IDLE)
        assert lights(panel) == [
            LightState.IDLE,
            LightState.MUTED,
            LightState.IDLE,
            LightState.LISTENING,
            LightState.IDLE,
        ]
        panel.press_action()
        event_s, off_s = panel.mark()
        assert abs(event_s - time.time()) < 1.0 and off_s < CLOCK_MS / 1e3
        assert "ring=whole lamp=whole" in panel.self_test()
        time.sleep(0.9)  # past the wrap of its microseconds
        panel.press_mute(True)
        assert until(lambda: abs(panel.events()[-1].unix_s - time.time()) < 2.0)
        assert panel.malformed() == ()
        assert panel.trouble() is None
    assert [deed for deed in pico.deeds() if "action" in deed][:2] == ["action 1", "action 0"]


def test_a_button_that_toggles_is_pressed_only_when_it_must_be(pico: Pico) -> None:
    pico.world(button="toggle", muted=1)
    with ControllerPanel(options(pico, mute="toggle", leave_muted=True), RealClock()) as panel:
        assert until(lambda: lights(panel) == [LightState.MUTED])
        panel.press_mute(True)
        assert "mute 1" not in pico.deeds()
        panel.press_mute(False)
        assert lights(panel)[-1] is LightState.IDLE
        assert panel.malformed() == ()
    # It was left unmuted, and is to be left muted.
    assert until(lambda: pico.deeds().count("mute 1") == 2)


def test_a_press_that_does_not_reach_the_button_is_told(pico: Pico) -> None:
    pico.world(button="jammed")
    with ControllerPanel(options(pico, mute="toggle"), RealClock()) as panel:
        assert until(lambda: lights(panel) == [LightState.IDLE])
        with pytest.raises(RigError, match="does the press reach the button"):
            panel.press_mute(True)
    pico.world(button="welded")
    with (
        ControllerPanel(options(pico), RealClock()) as panel,
        pytest.raises(RigError, match="its pin stands at"),
    ):
        panel.press_mute(True)


def test_bent_and_lost_lines_are_never_hidden(tmp_path: Path) -> None:
    pico = Pico(tmp_path)
    with ControllerPanel(options(pico), RealClock()) as panel:
        assert until(lambda: lights(panel) == [LightState.IDLE])
        pico.to_host = lambda said: said.replace(b" h ", b" H ", 1)
        assert until(lambda: any("makes no sense" in why for why in panel.malformed()))
        assert until(lambda: any("were lost" in why for why in panel.malformed()))
        pico.to_host = lambda said: said
        pico.to_pico = lambda said: said.replace(b"time", b"tame")
        assert until(lambda: any("complains: bad-line" in why for why in panel.malformed()))
        pico.to_pico = lambda said: said
        assert until(panel.present)
        panel.press_mute(True)
    pico.unplug()


def test_a_restart_a_hang_and_a_pulled_cable_are_named(tmp_path: Path) -> None:
    pico = Pico(tmp_path)
    with ControllerPanel(options(pico), RealClock()) as panel:
        assert until(lambda: lights(panel) == [LightState.IDLE])
        pico.restart(CAUSE="watchdog")
        assert until(lambda: any("restarted by itself (watchdog)" in w for w in panel.malformed()))
        assert until(panel.present)
        pico.unplug()
        assert until(lambda: any("went away" in why for why in panel.malformed()))
        assert not panel.present()
        assert "plug it in" in (panel.trouble() or "")
        with pytest.raises(RigError, match="did not confirm `press mute 1`"):
            panel.press_mute(True)
        pico.plug_in()
        assert until(panel.present)
        panel.press_mute(True)
        assert until(lambda: lights(panel)[-1] is LightState.MUTED)
        pico.freeze()
        assert until(lambda: "it hangs" in (panel.trouble() or ""))
    pico.unplug()


def test_a_cut_cable_of_a_sensor_is_no_darkness(pico: Pico) -> None:
    pico.world(ring=1)
    with ControllerPanel(options(pico), RealClock()) as panel:
        assert until(lambda: lights(panel) == [LightState.LISTENING])
        pico.world(ring=1, cut="ring")
        assert until(lambda: any("broken ring" in why for why in panel.malformed()))
        with pytest.raises(RigError, match="check its cable"):
            panel.self_test()


def test_what_is_bright_is_learned(pico: Pico) -> None:
    def ready(what: str) -> None:
        pico.world(ring=int("ON" in what), flicker=1)
        time.sleep(0.1)

    with ControllerPanel(options(pico, ring=None, lamp=None), RealClock()) as panel:
        assert learn(panel, "ring", ready, 0.2) == SENSOR
        with pytest.raises(ValueError, match="cannot tell light from dark"):
            learn(panel, "ring", lambda _what: None, 0.05)


def test_a_killed_harness_leaves_the_device_as_it_should(tmp_path: Path) -> None:
    pico = Pico(tmp_path)
    program = (
        "import signal\n"
        "from harness.bench.drivers.controller_options import ControllerPanelText\n"
        "from harness.bench.drivers.controller_panel import ControllerPanel\n"
        "from harness.clock import RealClock\n"
        f"options = ControllerPanelText(port={pico.port!r}, mute='switch', leave_muted=False, "
        "leave_after_s=2.0)\n"
        "panel = ControllerPanel(options, RealClock())\n"
        "panel.press_mute(True)\n"
        "panel._press('action', True)\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    harness = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert harness.stdout is not None
    assert harness.stdout.readline() == "ready\n"
    time.sleep(2.5)  # as long as it lives, nothing is let go
    assert pico.deeds() == ["mute 1", "action 1"]
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait(5)
    harness.stdout.close()
    assert until(lambda: pico.deeds() == ["mute 1", "action 1", "action 0", "mute 0"])
    pico.unplug()


def test_nothing_that_is_no_controller_is_taken_for_one(tmp_path: Path) -> None:
    pico = Pico(tmp_path)
    with ControllerPanel(options(pico), RealClock()), pytest.raises(RigError, match="another"):
        ControllerPanel(options(pico), RealClock())
    pico.to_host = lambda said: b""
    with pytest.raises(RigError, match="did not confirm `hello`"):
        ControllerPanel(options(pico), RealClock())
    pico.unplug()
    with pytest.raises(RigError, match="cannot be opened"):
        ControllerPanel(options(pico), RealClock())


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"mute": "toggle"}, "nothing would tell whether a press muted it"),
        ({"mute": "switch", "ring": {"dark": 6000, "lit": 30000}}, "no `ring_lit`"),
        ({"mute": "switch", "lamp": {"dark": 6000, "lit": 7000}}, "cannot tell light from dark"),
    ],
)
def test_options_that_cannot_work_are_refused(values: dict[str, object], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        ControllerPanelText.model_validate({"port": "/dev/x", **values})
