"""Every switch against something that answers as its manual says, byte for byte."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.bench.conformance import switch_faults
from harness.bench.drivers.registry import BUILT_IN
from harness.clock import RealClock
from harness.errors import RigError, UserError
from tests.bench.switches import emulators
from tests.bench.switches.emulators import HttpPlug, PtyBoard
from tests.bench.switches.opening import opened


@dataclass(frozen=True)
class Made:
    """A switch to be tried: how its peer is made, and what the peer calls the contact."""

    kind: str
    peer: Callable[[], PtyBoard | HttpPlug]
    channel: int | None
    contact: int
    channels: int = 1
    says: str = ""

    def options(self, peer: PtyBoard | HttpPlug) -> dict[str, Any]:
        at = {"port": peer.path} if isinstance(peer, PtyBoard) else {"host": peer.host}
        relay = "output" if self.kind == "scpi" else "channel"
        several = {"channels": self.channels} if self.kind == "kmtronic" else {}
        return {**at, relay: self.channel, **several}


SWITCHES = [
    Made("kmtronic", lambda: emulators.kmtronic(1), None, 1, 1, "KMTronic, 1 relays"),
    Made("kmtronic", lambda: emulators.kmtronic(2), 2, 2, 2, "KMTronic, 2 relays"),
    Made("kmtronic", lambda: emulators.kmtronic(8), 7, 7, 8, "KMTronic, 8 relays"),
    Made("lcus", emulators.lcus, 2, 2, 1, "LCUS"),
    Made("devantech", emulators.devantech, 8, 8, 1, "Devantech USB-RLY16, version 3"),
    Made("numato", emulators.numato, None, 0, 1, "Numato, version 00000008"),
    Made("numato", emulators.numato, 11, 11, 1, "Numato, version 00000008"),
    Made("scpi", emulators.supply, None, 1, 1, "MAKER,PSU-1"),
    Made("scpi", emulators.supply, 2, 2, 1, "MAKER,PSU-1"),
    Made("shelly1", emulators.shelly1, None, 0, 1, "Shelly SHPLG-S"),
    Made("shelly2", emulators.shelly2, None, 0, 1, "Shelly PlusPlugS, firmware 1.4.4"),
    Made("tasmota", emulators.tasmota, None, 0, 1, "Tasmota 14.2.0(release)"),
]
READABLE = [made for made in SWITCHES if made.kind != "lcus"]


def name(made: Made) -> str:
    return f"{made.kind}-{made.contact}-of-{made.channels}"


def test_every_kind_is_tried() -> None:
    # uhubctl is no protocol but a program: test_hub.py.
    assert {made.kind for made in SWITCHES} | {"uhubctl"} == set(BUILT_IN["power"])


@pytest.mark.parametrize("made", SWITCHES, ids=name)
def test_it_conforms(made: Made) -> None:
    peer = made.peer()
    switch = opened(made.kind, **made.options(peer))
    assert switch.identify().startswith(made.says)

    def stands() -> bool:
        others = {n: on for n, on in peer.states.items() if n != made.contact}
        assert not any(others.values())
        return peer.states[made.contact]

    try:
        assert switch_faults(switch, RealClock(), stands) == []
    finally:
        peer.unplug()


def test_lcus_sends_what_the_manual_says() -> None:
    board = emulators.lcus()
    switch = opened("lcus", port=board.path)
    switch.set(True)
    switch.set(False)
    switch.close()
    for _ in range(500):
        if len(board.asked) == 8:
            break
        threading.Event().wait(0.01)
    assert bytes(board.asked) == b"\xa0\x01\x01\xa2\xa0\x01\x00\xa1"
    board.unplug()


@pytest.mark.parametrize("made", READABLE, ids=name)
def test_what_does_not_answer_is_an_error_and_no_state(made: Made) -> None:
    peer = made.peer()
    options = made.options(peer)
    peer.unplug()
    if isinstance(peer, HttpPlug):
        with pytest.raises(RigError, match="did not answer"):
            opened(made.kind, **options).read()
        return
    silent = emulators.mute_board()
    switch = opened(made.kind, **{**options, "port": silent.path})
    with pytest.raises(RigError, match=r"answered .* with nothing"):
        switch.read()
    switch.close()
    silent.unplug()


@pytest.mark.parametrize(
    "made", [m for m in READABLE if m.kind in ("kmtronic", "devantech", "numato", "scpi")], ids=name
)
def test_a_pulled_cable_is_an_error_that_names_the_port(made: Made) -> None:
    peer = made.peer()
    assert isinstance(peer, PtyBoard)
    switch = opened(made.kind, **made.options(peer))
    switch.set(True)
    assert switch.read() is True
    peer.unplug()
    with pytest.raises(RigError, match=peer.path):
        switch.read()
    with pytest.raises(RigError, match=peer.path):
        switch.set(False)
    switch.close()


def test_a_board_plugged_in_again_is_opened_anew(tmp_path: Path) -> None:
    steady = tmp_path / "by-id"
    first = emulators.devantech()
    steady.symlink_to(first.path)
    switch = opened("devantech", port=str(steady))
    switch.set(True)
    assert switch.read() is True
    first.unplug()
    second = emulators.devantech()
    steady.unlink()
    steady.symlink_to(second.path)
    assert switch.read() is False  # it lost its state with its power: nothing is remembered
    switch.set(True)
    assert second.states[1] is True or switch.read() is True
    switch.close()
    second.unplug()


def test_a_port_in_use_is_refused() -> None:
    board = emulators.devantech()
    switch = opened("devantech", port=board.path)
    with pytest.raises(RigError, match="another program"):
        opened("devantech", port=board.path)
    switch.close()
    board.unplug()


def test_a_board_of_another_kind_is_named() -> None:
    board = emulators.devantech(module=77)
    switch = opened("devantech", port=board.path)
    with pytest.raises(RigError, match="no Devantech relay board"):
        switch.identify()
    switch.close()
    board.unplug()


def test_a_supply_that_refuses_is_heard() -> None:
    board = emulators.supply(refuses=True)
    switch = opened("scpi", port=board.path)
    with pytest.raises(RigError, match="Settings conflict"):
        switch.set(True)
    switch.close()
    board.unplug()


def test_a_plug_of_another_kind_is_named() -> None:
    plug = emulators.shelly1()
    with pytest.raises(RigError, match="`driver`"):
        opened("shelly2", host=plug.host).set(True)
    with pytest.raises(RigError, match="`driver`"):
        opened("tasmota", host=plug.host).read()
    assert plug.states == {0: False}
    plug.unplug()


@pytest.mark.parametrize(
    ("driver", "options", "why"),
    [
        ("kettle", {}, "no power driver `kettle`"),
        ("kmtronik", {}, "kmtronic"),
        ("kmtronic", {"port": "usb:zz"}, "write usb:VENDOR:PRODUCT"),
        ("kmtronic", {"port": "/dev/x", "channels": 3}, "channels"),
        ("kmtronic", {"port": "/dev/x", "colour": "red"}, "colour"),
        ("devantech", {"port": "/dev/x", "channel": 9}, "channel"),
    ],
)
def test_what_makes_no_sense_is_the_users_mistake(
    driver: str, options: dict[str, Any], why: str
) -> None:
    with pytest.raises(UserError, match=why):
        opened(driver, **options)


def test_channels_that_are_not_there_are_refused() -> None:
    board = emulators.kmtronic(4)
    with pytest.raises(UserError, match="it has 1 to 4"):
        opened("kmtronic", port=board.path, channel=5, channels=4)
    board.unplug()


def test_a_board_that_is_not_plugged_in_is_named() -> None:
    with pytest.raises(RigError, match="usb:dead:beef is not plugged in"):
        opened("lcus", port="usb:dead:beef")
