"""Power through a switch: read back, safe when the harness dies, and never believed blindly."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from harness.bench.drivers.switches.keeper import KeptSwitch
from harness.bench.drivers.switches.switch import Switch
from harness.bench.drivers.switches.switched_power import SwitchedPower
from harness.clock import SimulatedClock
from harness.errors import RigError
from tests.bench.switches import emulators
from tests.bench.switches.opening import opened

ROOT = Path(__file__).parents[3]


class Stuck(Switch):
    """A relay whose contacts are welded together."""

    def set(self, closed: bool) -> None:
        pass

    def read(self) -> bool:
        return True

    def identify(self) -> str:
        return "stuck"

    def close(self) -> None:
        pass


def test_on_off_and_cycle() -> None:
    board = emulators.kmtronic(1)
    switch = opened("kmtronic", port=board.path)
    power = SwitchedPower(switch, SimulatedClock())
    power.on()
    assert board.states[1] is True
    power.cycle()
    assert board.states[1] is True
    power.off()
    assert board.states[1] is False
    assert power.trouble() is None
    assert power.waited_s() is None
    switch.close()
    board.unplug()


def test_the_normally_closed_contact() -> None:
    board = emulators.kmtronic(1)
    switch = opened("kmtronic", port=board.path)
    power = SwitchedPower(switch, SimulatedClock(), powered_when_closed=False)
    power.off()
    assert board.states[1] is True
    power.on()
    assert board.states[1] is False
    switch.close()
    board.unplug()


def test_welded_contacts_are_no_power_cut() -> None:
    power = SwitchedPower(Stuck(), SimulatedClock())
    power.on()
    with pytest.raises(RigError, match="switched off, and the hardware says it is on"):
        power.off()


def test_a_relay_that_falls_off_by_itself_is_trouble() -> None:
    board, clock = emulators.kmtronic(1), SimulatedClock()
    switch = opened("kmtronic", port=board.path)
    power = SwitchedPower(switch, clock)
    power.on()
    board.states[1] = False
    assert power.trouble() is None  # it is looked at once a second
    clock.wait_s(1.5)
    assert "the hardware says it is off" in (power.trouble() or "")
    board.unplug()
    clock.wait_s(1.5)
    assert board.path in (power.trouble() or "")
    switch.close()


def test_what_cannot_be_asked_proves_nothing() -> None:
    board = emulators.lcus()
    switch = opened("lcus", port=board.path)
    power = SwitchedPower(switch, SimulatedClock())
    power.on()
    assert power.proves_itself is False
    assert power.trouble() is None
    switch.close()
    board.unplug()


def test_a_kept_switch_obeys_and_is_left_open(tmp_path: Path) -> None:
    board = emulators.devantech()
    kept = KeptSwitch("devantech", {"port": board.path}, "open", tmp_path)
    assert kept.reads_back
    assert kept.identify() == "Devantech USB-RLY16, version 3"
    kept.set(True)
    assert kept.read() is True
    assert board.states[1] is True
    kept.close()
    assert board.states[1] is False
    board.unplug()


def test_a_keeper_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="cannot be opened"):
        KeptSwitch("devantech", {"port": "/dev/no-such"}, "open", tmp_path)


@pytest.mark.parametrize(("leave", "closed"), [("open", False), ("closed", True)])
def test_a_killed_harness_leaves_the_device_as_it_should(
    leave: str, closed: bool, tmp_path: Path
) -> None:
    board = emulators.devantech()
    board.states[1] = not closed
    program = (
        "import sys, pathlib, signal\n"
        "from harness.bench.drivers.switches.keeper import KeptSwitch\n"
        f"kept = KeptSwitch('devantech', {{'port': {board.path!r}}}, {leave!r}, "
        f"pathlib.Path({str(tmp_path)!r}))\n"
        f"kept.set({not closed})\n"
        "print('ready', flush=True)\n"
        "signal.pause()\n"
    )
    harness = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert harness.stdout is not None
    assert harness.stdout.readline() == "ready\n"
    assert board.states[1] is not closed
    os.kill(harness.pid, signal.SIGKILL)
    harness.wait(5)
    harness.stdout.close()
    for _ in range(200):
        if board.states[1] is closed:
            break
        threading.Event().wait(0.05)
    assert board.states[1] is closed
    board.unplug()
