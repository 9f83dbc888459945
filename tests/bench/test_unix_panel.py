"""The virtual panel over its real socket."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.unix_panel import UnixPanel
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.timeline import LightState


@pytest.fixture
def panel(tmp_path: Path) -> Iterator[UnixPanel]:
    """A panel that nobody has connected to."""
    with UnixPanel(tmp_path / "panel.sock", RealClock()) as panel:
        yield panel


def connect(folder: Path) -> socket.socket:
    """What a device does at start."""
    device = socket.socket(socket.AF_UNIX)
    device.settimeout(30)
    device.connect(str(folder / "panel.sock"))
    return device


def until(condition: Callable[[], object]) -> None:
    """Return once the panel's thread has seen what was sent."""
    deadline_s = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline_s, "it never came to be"
        time.sleep(0.002)


def test_light_changes_come_with_their_time(panel: UnixPanel, tmp_path: Path) -> None:
    assert not panel.present()
    before_s = time.time()
    with connect(tmp_path) as device:
        device.sendall(b'{"light": "listening"}\n{"light": "idle"}\n')
        until(lambda: len(panel.events()) == 2)
    assert panel.present()
    assert [event.light for event in panel.events()] == [LightState.LISTENING, LightState.IDLE]
    assert all(before_s <= event.unix_s <= time.time() for event in panel.events())


def test_a_line_may_come_in_pieces(panel: UnixPanel, tmp_path: Path) -> None:
    with connect(tmp_path) as device:
        for piece in (b'{"lig', b'ht": "speak', b'ing"}', b"\n"):
            device.sendall(piece)
        until(panel.events)
    assert panel.events()[0].light is LightState.SPEAKING
    assert panel.malformed() == ()


def test_mute_reaches_the_device_also_after_a_power_cycle(panel: UnixPanel, tmp_path: Path) -> None:
    panel.press_mute(True)  # before the device is there
    with connect(tmp_path) as device:
        assert json.loads(device.recv(100)) == {"mute": True}
        panel.press_mute(False)
        assert json.loads(device.recv(100)) == {"mute": False}
        device.sendall(b'{"light": "idle"}\n')
        until(panel.events)
    with connect(tmp_path) as device:
        assert json.loads(device.recv(100)) == {"mute": False}
        device.sendall(b'{"light": "listening"}\n')
        until(lambda: len(panel.events()) == 2)


def test_a_device_that_never_muted_is_told_nothing(panel: UnixPanel, tmp_path: Path) -> None:
    with connect(tmp_path) as device:
        device.settimeout(0.1)
        with pytest.raises(TimeoutError):
            device.recv(1)


@pytest.mark.parametrize(
    "line",
    [b"light on", b"[]", b"4", b'{"light": "purple"}', b"\xff\xfe", b'{"light": []}', b"[" * 9999],
)
def test_malformed_lines_are_kept_with_a_reason(
    panel: UnixPanel, tmp_path: Path, line: bytes
) -> None:
    with connect(tmp_path) as device:
        device.sendall(line + b'\n{"light": "idle"}\n')
        until(panel.events)
    assert len(panel.malformed()) == 1 and panel.trouble() is None


def test_a_line_without_end_does_not_fill_the_memory(panel: UnixPanel, tmp_path: Path) -> None:
    with connect(tmp_path) as device, pytest.raises(OSError):
        while True:
            device.sendall(b"x" * 50_000)
    until(panel.malformed)
    assert "longer than" in panel.malformed()[0]


def test_a_device_killed_within_a_line(panel: UnixPanel, tmp_path: Path) -> None:
    with connect(tmp_path) as device:
        device.sendall(b'{"light": "idle"}\n{"light": "lis')
    until(panel.malformed)
    assert len(panel.events()) == 1


def test_a_device_that_reads_nothing_does_not_stop_the_harness(
    panel: UnixPanel, tmp_path: Path
) -> None:
    with connect(tmp_path):
        until(panel.present)
        for _ in range(50_000):
            panel.press_mute(True)
    assert panel.trouble() is None


def test_close_removes_the_socket_and_may_be_called_twice(tmp_path: Path) -> None:
    panel = UnixPanel(tmp_path / "panel.sock", RealClock())
    panel.close()
    panel.close()
    assert list(tmp_path.iterdir()) == []
    assert panel.trouble() is None


def test_a_socket_left_by_a_killed_harness_is_replaced(tmp_path: Path) -> None:
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "panel.sock"))
    left.close()
    with UnixPanel(tmp_path / "panel.sock", RealClock()), connect(tmp_path):
        assert (tmp_path / "panel.sock").stat().st_mode & 0o077 == 0


def test_a_path_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(RigError, match="shorter folder"):
        UnixPanel(tmp_path / ("x" * 120), RealClock())
