"""Every switch against something that answers as its manual says, byte for byte."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.drivers.switches.kinds import KINDS, SwitchPlace, open_switch
from harness.errors import RigError, UserError
from tests.bench.switches import emulators
from tests.bench.switches.emulators import HttpPlug, PtyBoard


@dataclass(frozen=True)
class Made:
    """A switch to be tried: how its peer is made, and what the peer calls the contact."""

    kind: str
    peer: Callable[[], PtyBoard | HttpPlug]
    channel: int | None
    contact: int
    channels: int = 1
    says: str = ""

    def place(self, peer: PtyBoard | HttpPlug) -> SwitchPlace:
        at = peer.path if isinstance(peer, PtyBoard) else peer.host
        return SwitchPlace(self.kind, at, self.channel, self.channels)


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
    assert {made.kind for made in SWITCHES} == set(KINDS)


@pytest.mark.parametrize("made", SWITCHES, ids=name)
def test_it_conforms(made: Made) -> None:
    peer = made.peer()
    switch = open_switch(made.place(peer))
    try:
        assert switch.identify().startswith(made.says)
        for closed in (True, True, False, True, False):
            switch.set(closed)
            # Where it can be asked, the answer also waits until the board has read the order.
            known = switch.read()
            assert known is (closed if switch.reads_back else None)
            if switch.reads_back:
                others = {n: on for n, on in peer.states.items() if n != made.contact}
                assert peer.states[made.contact] is closed
                assert not any(others.values())
    finally:
        switch.close()
        switch.close()
        peer.unplug()


def test_lcus_sends_what_the_manual_says() -> None:
    board = emulators.lcus()
    switch = open_switch(SwitchPlace("lcus", board.path))
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
    place = made.place(peer)
    peer.unplug()
    if isinstance(peer, HttpPlug):
        with pytest.raises(RigError, match="did not answer"):
            open_switch(place).read()
        return
    silent = emulators.mute_board()
    switch = open_switch(SwitchPlace(place.kind, silent.path, place.channel, place.channels))
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
    switch = open_switch(made.place(peer))
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
    switch = open_switch(SwitchPlace("devantech", str(steady)))
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
    switch = open_switch(SwitchPlace("devantech", board.path))
    with pytest.raises(RigError, match="another program"):
        open_switch(SwitchPlace("devantech", board.path))
    switch.close()
    board.unplug()


def test_a_board_of_another_kind_is_named() -> None:
    board = emulators.devantech(module=77)
    switch = open_switch(SwitchPlace("devantech", board.path))
    with pytest.raises(RigError, match="no Devantech relay board"):
        switch.identify()
    switch.close()
    board.unplug()


def test_a_supply_that_refuses_is_heard() -> None:
    board = emulators.supply(refuses=True)
    switch = open_switch(SwitchPlace("scpi", board.path))
    with pytest.raises(RigError, match="Settings conflict"):
        switch.set(True)
    switch.close()
    board.unplug()


def test_a_plug_of_another_kind_is_named() -> None:
    plug = emulators.shelly1()
    with pytest.raises(RigError, match="kind"):
        open_switch(SwitchPlace("shelly2", plug.host)).set(True)
    with pytest.raises(RigError, match="kind"):
        open_switch(SwitchPlace("tasmota", plug.host)).read()
    assert plug.states == {0: False}
    plug.unplug()


@pytest.mark.parametrize(
    ("place", "why"),
    [
        (SwitchPlace("kettle", "x"), "no switch of kind `kettle`; there are: kmtronic"),
        (SwitchPlace("kmtronic", "usb:zz"), "names no serial port"),
    ],
)
def test_what_makes_no_sense_is_the_users_mistake(place: SwitchPlace, why: str) -> None:
    with pytest.raises(UserError, match=why):
        open_switch(place)


def test_channels_that_are_not_there_are_refused() -> None:
    board = emulators.kmtronic(4)
    for kind, channel, channels in (("kmtronic", 5, 4), ("kmtronic", 1, 3), ("devantech", 9, 1)):
        with pytest.raises(UserError):
            open_switch(SwitchPlace(kind, board.path, channel, channels))
    board.unplug()


def test_a_board_that_is_not_plugged_in_is_named() -> None:
    with pytest.raises(RigError, match="usb:dead:beef is not plugged in"):
        open_switch(SwitchPlace("lcus", "usb:dead:beef"))
