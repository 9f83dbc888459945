"""A hub's port by uhubctl: against a program that prints what uhubctl 2.5 does."""

import sys
from pathlib import Path

import pytest

from harness.bench.conformance import switch_faults
from harness.bench.drivers.switches.hub import Uhubctl
from harness.clock import SimulatedClock
from harness.errors import RigError

PROGRAM = """\
#!{python}
import pathlib, sys
state = pathlib.Path({state!r})
asked = dict(zip(sys.argv[1::2], sys.argv[2::2]))
mode = state.with_name("mode").read_text()
if mode == "no right":
    print("No compatible devices detected!\\nRun with -h to get usage info.", file=sys.stderr)
    sys.exit(1)
def show(what):
    told = "0503 power highspeed enable connect" if state.read_text() == "on" else "0000 off"
    print(what, "status for hub 1-1 [2109:3431 USB2.0 Hub, USB 2.10, 4 ports, ppps]")
    print("  Port " + asked["--ports"] + ":", told)
if asked["--location"] != "1-1":
    sys.exit(0)
show("Current")
if "--action" in asked:
    if mode != "stuck":
        state.write_text(asked["--action"])
    print("Sent power", asked["--action"], "request")
    show("New")
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "state").write_text("on")
    (tmp_path / "mode").write_text("")
    path = tmp_path / "uhubctl"
    path.write_text(PROGRAM.format(python=sys.executable, state=str(tmp_path / "state")))
    path.chmod(0o700)
    return path


def test_it_conforms(program: Path) -> None:
    hub = Uhubctl(str(program), "1-1", 2)
    assert hub.identify().startswith("port 2 of the hub 2109:3431")
    hub.set(False)
    assert (program.parent / "state").read_text() == "off"
    hub.set(True)
    assert (program.parent / "state").read_text() == "on"
    assert hub.reads_back is False and hub.read() is None  # type: ignore[func-returns-value]
    assert switch_faults(hub, SimulatedClock()) == []


def test_what_does_not_switch_is_told(program: Path) -> None:
    hub = Uhubctl(str(program), "1-1", 2)
    (program.parent / "mode").write_text("stuck")
    with pytest.raises(RigError, match="did not go off"):
        hub.set(False)
    (program.parent / "mode").write_text("no right")
    with pytest.raises(RigError, match="needs the right to the hub"):
        hub.identify()


def test_a_hub_that_is_not_there_is_named(program: Path) -> None:
    with pytest.raises(RigError, match="no port 2 on a hub 2-1"):
        Uhubctl(str(program), "2-1", 2).identify()
    with pytest.raises(RigError, match="cannot be run"):
        Uhubctl("/no/such/uhubctl", "1-1", 2).identify()
