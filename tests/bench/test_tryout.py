"""Each part of a bench tried out as it is chosen, against what answers as the hardware does."""

from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.bench.drivers.interface_streams import Callbacks, Setup, Streams
from harness.bench.rig_writer import Asker, rig_text
from harness.bench.rigfile import load_rig
from harness.bench.tryout import RealTryout
from harness.clock import RealClock, SimulatedClock
from harness.errors import RigError
from tests.bench.controller.pico import Pico
from tests.bench.switches import emulators
from tests.bench.test_rig_writer import ANSWERS, FOUND

WIRING = {"interface": "x", "outputs": {"table": 1, "sofa": 2}, "inputs": {"listener": 2}}
BLOCK = 480


class Room(SimulatedClock):
    """An interface with two outputs and two inputs; time and sound go on when somebody waits.

    `gains`: how loud each output is at input 2, 20 ms later. `noise`: of that microphone.
    """

    def __init__(self, gains: tuple[float, float] = (0.1, 0.1), noise: float = 1e-4) -> None:
        super().__init__()
        self._gains, self._noise = np.array(gains, np.float32), noise
        self._dice = np.random.default_rng(5)
        self._callbacks: Callbacks | None = None
        self._on_way = deque(np.zeros(960, np.float32))

    @contextmanager
    def opens(self, setup: Setup, callbacks: Callbacks) -> Iterator[Streams]:
        if setup.interface != "x":
            raise RigError(f"the sound interface `{setup.interface}` is not there")
        self._callbacks = callbacks
        yield Streams("Scarlett 18i8", lambda: True)
        self._callbacks = None

    def wait_s(self, seconds: float) -> None:
        super().wait_s(seconds)
        for _ in range(round(seconds * 48_000 / BLOCK)):
            self._block()

    def _block(self) -> None:
        if self._callbacks is None:
            return
        sent = np.ones((BLOCK, 2), np.float32)
        self._callbacks.out(sent, BLOCK, None, None)
        self._on_way.extend(sent @ self._gains)
        heard = np.zeros((BLOCK, 2), np.float32)
        heard[:, 1] = [self._on_way.popleft() for _ in range(BLOCK)]
        heard[:, 1] += self._noise * self._dice.standard_normal(BLOCK).astype(np.float32)
        self._callbacks.hear(heard, BLOCK, None, None)


def test_a_sound_interface_is_listened_to_and_each_loudspeaker_heard() -> None:
    room = Room()
    tried = RealTryout(room, {}, room.opens).sound(WIRING, play=True)
    opened, noise, table, sofa = tried.told
    assert tried.works and opened == "Scarlett 18i8 is open: 48000 Hz"
    assert noise.startswith("microphone listener: noise floor -80.")
    assert table.startswith("loudspeaker table: heard at -4") and "36 dB over the noise" in table
    assert "20 ms after" in sofa or "30 ms after" in sofa


def test_silence_is_kept_where_nobody_asked_for_sound() -> None:
    room = Room(gains=(100.0, 100.0))
    tried = RealTryout(room, {}, room.opens).sound(WIRING, play=False)
    assert tried.works and len(tried.told) == 2


@pytest.mark.parametrize(
    ("room", "wiring", "why"),
    [
        (Room(gains=(0.1, 0.0)), WIRING, "loudspeaker sofa: its sweep was not heard; is the amp"),
        (Room(noise=0.0), WIRING, "microphone listener: nothing but zeros"),
        (Room(noise=0.5), WIRING, "it clips"),
        (Room(), WIRING | {"interface": "y"}, "interface `y` is not there"),
        (Room(), WIRING | {"driver": "alsa"}, "`driver`: Input should be"),
    ],
)
def test_what_is_wrong_with_sound_is_told(room: Room, wiring: dict[str, Any], why: str) -> None:
    tried = RealTryout(room, {}, room.opens).sound(wiring, play=True)
    assert not tried.works and any(why in line for line in tried.told)


def test_an_interface_that_gives_no_sound_does_not_hold_anybody_up() -> None:
    room, clock = Room(), SimulatedClock()
    tried = RealTryout(clock, {}, room.opens).sound(WIRING, play=False)
    assert not tried.works and "only 0.0 s of sound came in 2.5 s" in tried.told[-1]


def test_a_board_is_asked_and_not_switched() -> None:
    board = emulators.kmtronic(2)
    board.states[2] = True
    tried = RealTryout(RealClock(), {}).driver(
        "power", "kmtronic", {"port": board.path, "channel": 2, "channels": 2}
    )
    assert tried.works and tried.told[-1] == "its contact is closed"
    assert board.states == {1: False, 2: True}
    board.unplug()


def test_a_controller_tests_itself(tmp_path: Path) -> None:
    pico = Pico(tmp_path)
    try:
        tried = RealTryout(RealClock(), {}).driver(
            "panel", "controller", {"port": pico.port, "mute": "switch"}
        )
    finally:
        pico.unplug()
    assert tried.works and tried.told[0].startswith("it answers: controller")
    assert tried.told[-1].startswith("its self-test: ")


def test_an_inbox_is_read(tmp_path: Path) -> None:
    tryout = RealTryout(RealClock(), {"MAIL": "x"})
    (tmp_path / "Anna").mkdir()
    (tmp_path / "Anna" / "a.txt").write_text("milk")
    options = {"folder": str(tmp_path), "times": {"delivery_s": 1}}
    assert tryout.driver("inbox", "folder", options).told == ("it answers: 1 message lies there",)
    gone = tryout.driver("inbox", "folder", options | {"folder": str(tmp_path / "no")})
    assert not gone.works and "cannot be read" in gone.told[0]
    mail = {
        "host": "127.0.0.1",
        "port": 1,
        "user": "bench",
        "password": {"env": "MAIL"},
        "contacts": {"Anna": "anna@bench.test"},
        "times": {"delivery_s": 1},
    }
    assert "is the server up" in tryout.driver("inbox", "imap", mail).told[0]
    assert "OTHER" in tryout.driver("inbox", "imap", mail | {"password": {"env": "OTHER"}}).told[0]


def test_a_link_is_captured_for_a_second(wire: str) -> None:
    tryout = RealTryout(RealClock(), {})
    tried = tryout.tap(wire)
    assert tried.works and f"{wire} is up and dumpcap may capture there" in tried.told[0]
    gone = tryout.tap("nowhere9")
    assert not gone.works and "there is no network interface nowhere9" in gone.told[0]


def test_what_does_not_work_is_chosen_again(tmp_path: Path) -> None:
    """A dead board first, then the right one: only the second is in the file."""
    board, room, told = emulators.kmtronic(2), Room(), list[str]()
    ports = iter(["/dev/no-such", board.path])
    answers = ANSWERS | {"Network interfaces": "", "Loudspeakers and": "table=1 television=2"}
    answers |= {"Microphones": "listener=2", "A cable": "", "Play": "yes"}
    interfaces = iter(["1", "x", ""])  # FOUND's first is not there in this room

    def ask(question: str, usual: str) -> str:
        if question.startswith("Which (number"):
            return next(interfaces)
        if question.startswith("Options of kmtronic"):
            return f"port={next(ports)} channel=1 channels=2"
        return next((a for begins, a in answers.items() if question.startswith(begins)), usual)

    tryout = RealTryout(room, {}, room.opens)
    path = tmp_path / "bench.yaml"
    path.write_text(rig_text(Asker(ask, told.append), FOUND, tryout))
    bench = load_rig(path).bench
    assert bench is not None and bench.power is not None
    assert (bench.sound.interface, bench.power.options["port"]) == ("x", board.path)
    assert any("/dev/no-such cannot be opened" in line for line in told)
    assert any("loudspeaker television: heard" in line for line in told)
    board.unplug()
