"""Boards and plugs that answer as their manuals say, on real ptys and sockets.

They know nothing of the drivers: what they read and write stands here in bytes.
"""

import json
import os
import select
import threading
import tty
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import parse_qs, urlsplit

States = dict[int, bool]


class PtyBoard:
    """A board on a pty; `path` is the port. `answer` eats a buffer and writes through `say`.

    The port is a link of its own: the kernel gives the number of a pty that is gone to the next.
    """

    def __init__(self, answer: Callable[["PtyBoard", bytes], bytes], states: States) -> None:
        self.states, self.asked = states, bytearray()
        self._answer = answer
        self._ours, theirs = os.openpty()
        tty.setraw(theirs)
        self._folder = TemporaryDirectory(prefix="board-")
        self.path = str(Path(self._folder.name) / "port")
        Path(self.path).symlink_to(os.ttyname(theirs))
        self._theirs = theirs  # held open, so that a port closed and opened again finds the board
        self._pull, self._pulled = os.pipe()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def say(self, words: bytes) -> None:
        os.write(self._ours, words)

    def unplug(self) -> None:
        """The cable is pulled: the port is gone when this returns."""
        self._folder.cleanup()
        if self._thread.is_alive():
            os.write(self._pulled, b"!")
        self._thread.join()

    def _serve(self) -> None:
        buffer = b""
        while self._pull not in select.select((self._ours, self._pull), (), ())[0]:
            came = os.read(self._ours, 64)
            self.asked += came
            buffer = self._answer(self, buffer + came)
        for descriptor in (self._theirs, self._ours, self._pull, self._pulled):
            os.close(descriptor)


def kmtronic(channels: int, switched: Callable[[int, bool], None] | None = None) -> PtyBoard:
    """`switched`: told of each command, with the channel and whether it closes."""
    states = dict.fromkeys(range(1, channels + 1), False)

    def answer(board: PtyBoard, buffer: bytes) -> bytes:
        while len(buffer) >= 3:
            _ff, channel, what = buffer[:3]
            buffer = buffer[3:]
            if channel == 9 and channels >= 4:
                board.say(bytes(states[n] for n in sorted(states)))
            elif what == 3 and channels <= 2:
                board.say(bytes((0xFF, channel, states[channel])))
            elif what in (0, 1):
                states[channel] = bool(what)
                if switched is not None:
                    switched(channel, bool(what))
        return buffer

    return PtyBoard(answer, states)


def lcus() -> PtyBoard:
    states = {1: False, 2: False}

    def answer(_board: PtyBoard, buffer: bytes) -> bytes:
        table = {
            b"\xa0\x01\x01\xa2": (1, True),
            b"\xa0\x01\x00\xa1": (1, False),
            b"\xa0\x02\x01\xa3": (2, True),
            b"\xa0\x02\x00\xa2": (2, False),
        }
        while len(buffer) >= 4:
            if buffer[:4] in table:
                channel, state = table[buffer[:4]]
                states[channel] = state
            buffer = buffer[4:]
        return buffer

    return PtyBoard(answer, states)


def devantech(module: int = 9) -> PtyBoard:
    states = dict.fromkeys(range(1, 9), False)

    def answer(board: PtyBoard, buffer: bytes) -> bytes:
        for byte in buffer:
            if byte == 0x5A:
                board.say(bytes((module, 3)))
            elif byte == 0x5B:
                board.say(bytes((sum(on << (n - 1) for n, on in states.items()),)))
            elif 0x65 <= byte <= 0x6C:
                states[byte - 0x64] = True
            elif 0x6F <= byte <= 0x76:
                states[byte - 0x6E] = False
        return b""

    return PtyBoard(answer, states)


def numato() -> PtyBoard:
    states = dict.fromkeys(range(16), False)

    def answer(board: PtyBoard, buffer: bytes) -> bytes:
        while b"\r" in buffer:
            line, buffer = buffer.split(b"\r", 1)
            words = line.decode().split()
            reply = b""
            if words[:1] == ["ver"]:
                reply = b"00000008\n\r"
            elif words[:1] == ["relay"]:
                channel = int(words[2], 16)
                if words[1] == "read":
                    reply = b"on\n\r" if states[channel] else b"off\n\r"
                else:
                    states[channel] = words[1] == "on"
            board.say(line + b"\n\r" + reply + b">")
        return buffer

    return PtyBoard(answer, states)


def supply(*, refuses: bool = False) -> PtyBoard:
    states = {1: False, 2: False}
    selected = [1]

    def answer(board: PtyBoard, buffer: bytes) -> bytes:
        while b"\n" in buffer:
            line, buffer = buffer.split(b"\n", 1)
            words = line.decode()
            if words == "*IDN?":
                board.say(b"MAKER,PSU-1,12345,1.0\n")
            elif words == "OUTP?":
                board.say(b"1\n" if states[selected[0]] else b"0\n")
            elif words == "SYST:ERR?":
                board.say(b'-221,"Settings conflict"\n' if refuses else b'0,"No error"\n')
            elif words.startswith("INST:NSEL "):
                selected[0] = int(words.split()[1])
            elif words in ("OUTP ON", "OUTP OFF") and not refuses:
                states[selected[0]] = words.endswith("ON")
        return buffer

    return PtyBoard(answer, states)


def mute_board() -> PtyBoard:
    """A port with nothing behind it that answers."""
    return PtyBoard(lambda _board, _buffer: b"", {1: False})


class HttpPlug:
    """A plug on a real socket; `answer(path, query)` gives what it says, as JSON."""

    def __init__(
        self, states: States, answer: Callable[[str, dict[str, str]], object | None]
    ) -> None:
        self.states = states

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = {k: v[0] for k, v in parse_qs(parts.query, keep_blank_values=True).items()}
                told = answer(parts.path, query)
                self.send_response(404 if told is None else 200)
                self.end_headers()
                self.wfile.write(b"" if told is None else json.dumps(told).encode())

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def unplug(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(5)


def shelly1() -> HttpPlug:
    states = {0: False}

    def answer(path: str, query: dict[str, str]) -> object | None:
        if path == "/shelly":
            return {"type": "SHPLG-S", "fw": "20230913-113421/v1.14.0"}
        if path != "/relay/0":
            return None
        if "turn" in query:
            states[0] = query["turn"] == "on"
        return {"ison": states[0], "has_timer": False, "overpower": False, "source": "http"}

    return HttpPlug(states, answer)


def shelly2() -> HttpPlug:
    states = {0: False}

    def answer(path: str, query: dict[str, str]) -> object | None:
        if path == "/shelly":
            return {"app": "PlusPlugS", "ver": "1.4.4", "gen": 2}
        if query.get("id") != "0":
            return None
        if path == "/rpc/Switch.Set":
            was, states[0] = states[0], query["on"] == "true"
            return {"was_on": was}
        if path == "/rpc/Switch.GetStatus":
            return {"id": 0, "source": "init", "output": states[0], "apower": 2.1}
        return None

    return HttpPlug(states, answer)


def tasmota() -> HttpPlug:
    states = {0: False}

    def answer(path: str, query: dict[str, str]) -> object | None:
        words = query.get("cmnd", "").split()
        if path != "/cm" or not words:
            return None
        if words == ["Status", "2"]:
            return {"StatusFWR": {"Version": "14.2.0(release)"}}
        if words[0] != "Power":
            return {"Command": "Unknown"}
        if len(words) == 2:
            states[0] = words[1] == "On"
        return {"POWER": "ON" if states[0] else "OFF"}

    return HttpPlug(states, answer)
