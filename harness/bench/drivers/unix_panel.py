"""Buttons and light of a virtual device, on a Unix socket that the device connects to.

JSON lines: `{"mute": true}` to the device, `{"light": "listening"}` from it. The mute button is a
switch: a device that connects anew, after a power cut, is told its position.
"""

import json
import selectors
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.bench.drivers.listening_panel import ListeningPanel
from harness.bench.ports.device import PanelEvent
from harness.clock import Clock
from harness.errors import RigError
from harness.model.timeline import LightState

_LONGEST_PATH = 107
_LONGEST_LINE = 64 * 1024


class UnixPanel(ListeningPanel):
    """Listens from the moment it is made until `close`."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Listen on `path`, which the device gets as DEVICE_PANEL."""
        self._path = path
        self._mute: bool | None = None
        self._pending = b""
        super().__init__(_listen(path), clock, "panel")

    def press_mute(self, on: bool) -> None:
        """Set the mute switch; a device that is off or not yet connected is told once it is."""
        with self._lock:
            self._mute = on
            self._tell_mute()

    def malformed(self) -> tuple[str, ...]:
        """What the device sent that is no panel message, each with the reason; never hidden."""
        with self._lock:
            return tuple(self._malformed)

    def close(self) -> None:
        """Hang up and remove the socket. Safe to call twice."""
        if self._wake.fileno() < 0:
            return
        super().close()
        self._path.unlink(missing_ok=True)

    def __enter__(self) -> Self:
        """The panel itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _accept(self) -> None:
        self._hang_up()  # one device, one panel: after a power cycle the newest is the one
        self._device, _ = self._listener.accept()
        self._device.setblocking(False)  # a device that does not read must not stop the harness
        self._selector.register(self._device, selectors.EVENT_READ)
        self._seen = True
        self._tell_mute()

    def _hang_up(self) -> None:
        if self._device is not None:
            self._selector.unregister(self._device)
            self._device.close()
            self._device = None
        if self._pending:
            self._note_malformed(self._pending, "the line has no end")
            self._pending = b""

    def _tell_mute(self) -> None:
        if self._device is None or self._mute is None:
            return
        try:
            self._device.sendall(json.dumps({"mute": self._mute}).encode() + b"\n")
        except OSError:  # the device has just died; it is told when it comes back
            self._hang_up()

    def _receive(self) -> None:
        assert self._device is not None
        now_s = self._clock.now_s()
        try:
            chunk = self._device.recv(65_536)
        except OSError:  # killed with our last words unread: the same as hanging up
            chunk = b""
        if not chunk:
            self._hang_up()
            return
        *lines, self._pending = (self._pending + chunk).split(b"\n")
        for line in lines:
            self._take(line, now_s)
        if len(self._pending) > _LONGEST_LINE:
            self._note_malformed(self._pending, f"a line longer than {_LONGEST_LINE} bytes")
            self._pending = b""
            self._hang_up()

    def _take(self, line: bytes, now_s: float) -> None:
        try:
            message = json.loads(line)
            light = LightState(message["light"])
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            self._note_malformed(line, f"{type(error).__name__}: {error}")
        else:
            self._events.append(PanelEvent(now_s, light))

    def _note_malformed(self, line: bytes, why: str) -> None:
        self._malformed.append(f"{line[:80]!r}: {why}")


def _listen(path: Path) -> socket.socket:
    if len(str(path).encode()) > _LONGEST_PATH:
        raise RigError(
            f"panel: {path} is longer than the {_LONGEST_PATH} bytes that a Unix socket's path may "
            "have. Give the bench a shorter folder."
        )
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.unlink(missing_ok=True)
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen()
    except OSError as error:
        listener.close()
        raise RigError(f"panel: cannot listen on {path}: {error}") from error
    return listener
