"""The device's light and mute button, on the Unix socket named in `DEVICE_PANEL`.

JSON lines: `{"mute": true}` comes, `{"light": "listening"}` goes. Without the socket the device
has no panel and works all the same.
"""

import json
import socket
import threading
from collections.abc import Callable

from rigs.reference_device.errors import SetupError


class Panel:
    """A panel that may not be there (`path` None). `on_mute` is called from the panel's thread."""

    def __init__(self, path: str | None, on_mute: Callable[[bool], None]) -> None:
        self._on_mute = on_mute
        self._socket: socket.socket | None = None
        if path is None:
            return
        self._socket = socket.socket(socket.AF_UNIX)
        try:
            self._socket.connect(path)
        except OSError as error:
            raise SetupError(f"DEVICE_PANEL={path}: {error}; unset it to run without") from error
        threading.Thread(target=self._read, name="panel", daemon=True).start()

    def show(self, light: str) -> None:
        """Show a state on the light."""
        if self._socket is None:
            return
        try:
            self._socket.sendall(json.dumps({"light": light}).encode() + b"\n")
        except OSError:
            self._socket = None  # the panel was unplugged; the device works on

    def _read(self) -> None:
        connected = self._socket
        if connected is None:
            return
        with connected.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                pressed = _mute(line)
                if pressed is not None:
                    self._on_mute(pressed)


def _mute(line: str) -> bool | None:
    try:
        message = json.loads(line)
    except ValueError:
        return None
    pressed = message.get("mute") if isinstance(message, dict) else None
    return pressed if isinstance(pressed, bool) else None
