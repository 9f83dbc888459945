"""The process that a proxy runs in; it hands on bytes whatever its parent does, until that ends.

Commands come as JSON lines, and so do its answers: `{"capture": PATH}`, `{"stop": true}`. By itself
it tells the light that the satellite's own events amount to, and what it cannot do any more.
"""

import json
import os
import re
import socket
import sys
import time
from pathlib import Path
from typing import Any

from harness.bench.drivers.proxies.conversation import Lead
from harness.bench.drivers.proxies.record import Record
from harness.bench.drivers.proxies.switchboard import Switchboard, Words
from harness.bench.drivers.satellite_events import EventStream, SatelliteLight
from harness.errors import RigError
from harness.model.timeline import LightState

ALIVE_S = 0.25
_SOUND = "audio-chunk"
_NAME, _NO_NAME = re.compile(r"[a-z0-9_-]{1,40}"), "(no name of an event)"
"""Types are kept where recordings are taken out, so that they must not hold what was said."""
_STDIN = 0


class Worker:
    """The proxy's process. `told`: what its parent has it do, as `WyomingProxy` writes it."""

    def __init__(self, told: dict[str, Any], alive: Path) -> None:
        """Listen; raises `OSError` for a port that is taken."""
        leads = tuple(
            Lead(each["port"], (each["to"][0], each["to"][1]), each["device_calls"], each["caller"])
            for each in told["leads"]
        )
        events = None if told["events"] is None else (told["events"], self._words)
        self._board = Switchboard(leads, told["device"], time.time_ns, self._heard, events)
        self._events = -1
        self._pending = b""
        self._running = True
        self._light = LightState.IDLE
        self._alive = os.open(alive, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.set_blocking(_STDIN, False)
        self._board.watch(_STDIN, self._command)
        self._alive_at_s = -ALIVE_S

    def run(self) -> None:
        """Hand on until the parent says so, or is gone."""
        self._sign()  # first: one that hangs from now on is known to
        tell({"ready": True, "canaries": self._board.canaries.getsockname()})
        while self._running:
            try:
                self._board.go_round()
            except RigError as error:  # of its own files: what passes is handed on all the same
                self._give_up(f"its capture cannot be written: {error}. Is the disk full?")
            self._sign()
        self._board.close()

    def _sign(self) -> None:
        """Say now and then that it lives."""
        now_s = time.monotonic()
        if now_s - self._alive_at_s >= ALIVE_S:
            self._alive_at_s = now_s
            os.pwrite(self._alive, f"{now_s:20.6f}".encode(), 0)

    def _give_up(self, why: str) -> None:
        self._board.record = None
        tell({"error": why})

    # Commands --------------------------------------------------------------------------------

    def _command(self) -> None:
        data = os.read(_STDIN, 65_536)
        if not data:
            self._running = False
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in filter(None, lines):
            told = json.loads(line)
            if "capture" in told:
                tell({"id": told["id"], **self._capture(Path(told["capture"]))})
            elif "stop" in told:
                tell({"id": told["id"], **self._stop()})
            elif "quit" in told:
                self._running = False

    def _capture(self, path: Path) -> dict[str, Any]:
        try:
            record = Record(path)
            self._events = os.open(
                path.with_suffix(".events"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600
            )
        except (RigError, OSError) as error:
            return {"failed": str(error)}
        self._board.begin_capture(record)
        return {}

    def _stop(self) -> dict[str, Any]:
        self._board.settle()
        accounts, tally, record = self._board.accounts(), self._board.tally, self._board.record
        lost = sum(each["lost"] for each in accounts)
        self._board.record = None
        if record is not None:
            record.close(lost)
        if self._events >= 0:
            os.close(self._events)
            self._events = -1
        return {
            "packets": 0 if record is None else record.packets,
            "passed": accounts,
            "refused": tally.refused,
            "strangers": tally.strangers,
        }

    # What it hears ---------------------------------------------------------------------------

    def _heard(self, by_device: bool, kind: str, empty_ns: int, came_ns: int) -> None:
        if self._events >= 0 and kind != _SOUND:
            name = kind if _NAME.fullmatch(kind) else _NO_NAME
            fact = [came_ns / 1e9, (came_ns - empty_ns) / 1e9, by_device, name]
            try:
                os.write(self._events, json.dumps(fact).encode() + b"\n")
            except OSError as error:
                raise RigError(str(error)) from error

    def _words(self, connection: socket.socket) -> Words:
        stream, light = EventStream(), SatelliteLight()

        def take(data: bytes, unix_s: float) -> None:
            known = stream.odd
            for kind in stream.take(data):
                shown = light.after(kind)
                if shown is not None:
                    self._show(shown, unix_s)
            if stream.odd > known and stream.odd <= len(stream.malformed):
                tell({"odd": stream.malformed[-1]})

        def end(unix_s: float) -> None:
            if light.streaming:
                tell({"odd": "the satellite hung up and had not said that its stream ended"})
            self._show(LightState.IDLE, unix_s)

        tell({"connected": True})
        return Words(connection, take, end)

    def _show(self, light: LightState, unix_s: float) -> None:
        if light is not self._light:
            self._light = light
            tell({"light": light.value, "unix_s": unix_s})


def tell(fact: dict[str, Any]) -> None:
    """A fact to the parent, at once."""
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def main() -> int:
    """Run until standard input ends. Arguments: what it is told, as JSON, and its sign of life."""
    try:
        worker = Worker(json.loads(sys.argv[1]), Path(sys.argv[2]))
    except OSError as error:
        tell({"ready": False, "failed": str(error)})
        return 2
    worker.run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
