"""The tap by dumpcap, on any link where it may capture.

The kernel hands packets to dumpcap in batches (every 250 ms), and a dumpcap that is told to stop
leaves the last batch behind *and counts it nowhere*: it reports 0 dropped. So `stop` first sends a
mark of its own and waits until that is in the file: all that came before it is there then, too.
"""

import os
import re
import secrets
import selectors
import signal
import socket
import subprocess
from pathlib import Path

from harness.bench.drivers.capture_end import dropped_packets
from harness.bench.drivers.guests import Guest, ending, find_program
from harness.bench.drivers.tap_point import TapPoint
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.bench.ports.tap import Tap, TapReport
from harness.clock import Clock
from harness.errors import RigError

_LIMIT_S = 5.0
_POLL_S = 0.02
# The kernel clears the whole buffer before it captures, and lets nothing else run on that processor
# meanwhile: 64 MiB hold up the bench's sound for 250 ms. A device's link sends far less than
# 1 MB/s, so this is over 16 s deep; drops are counted all the same.
_BUFFER_MIB = 16
_PIECE = 2**20
_CAPTURED = re.compile(r"Packets captured: (\d+)")
_DROPPED = re.compile(r"Packets received/dropped on interface '[^']*': \d+/(\d+)")


class DumpcapTap(Tap):
    """Captures the link into a pcapng file, packets at full length, with the kernel's time."""

    def __init__(self, point: TapPoint, clock: Clock) -> None:
        """Nothing is captured before `start`."""
        self._point = point
        self._clock = clock
        self._dumpcap: Guest | None = None
        self._path = Path()
        self._said = b""
        self._link: socket.socket | None = None
        self._marks: list[bytes] = []

    def start(self, path: Path) -> None:
        """Capture into `path` (made private); returns only once dumpcap says that it is armed."""
        if self._dumpcap is not None:
            raise RigError(f"tap: already capturing into {self._path}; stop it first")
        self._make_private(path)
        program = find_program("dumpcap", "wireshark-common")
        options = ["-q", "-B", str(_BUFFER_MIB), "-s", "0", "-i", self._point.interface]
        command = self._point.command([program, *options, "-w", str(path.absolute())])
        self._path, self._said, self._marks = path, b"", []
        self._device_side()  # now: it takes a process, which no scene should wait for
        self._dumpcap = Guest(command, self._clock, stderr=subprocess.PIPE)
        if not self._hear(b"File: "):
            said = self._end()
            raise RigError(f"tap: dumpcap did not start capturing within {_LIMIT_S:.0f} s: {said}")

    def trouble(self) -> str | None:
        """Why it is not capturing although it should be."""
        if self._dumpcap is None:
            return None
        code = self._dumpcap.ended()
        if code is not None:
            return f"tap: dumpcap ended by itself ({ending(code)}): {self._heard_so_far()}"
        if not self._path.exists():
            return f"tap: the capture file {self._path} was removed"
        return None

    def stop(self) -> TapReport:
        """End the capture once all packets are in the file, and report."""
        if self._dumpcap is None:
            raise RigError("tap: nothing is being captured; start it first")
        try:
            trouble = self.trouble()
            if trouble is not None:
                raise RigError(f"{trouble}. What was captured until then is in {self._path}.")
            self._drain()
            self._dumpcap.send(signal.SIGTERM, self._point.depth)
            if self._dumpcap.wait(_LIMIT_S) is None:
                raise RigError(f"tap: dumpcap did not end within {_LIMIT_S:.0f} s of SIGTERM")
        finally:
            said = self._end()
        return self._report(said)

    def send_canary(self, nonce: bytes) -> float:
        """Put one datagram holding `nonce` on the link, from the device's side.

        The kernel stamps the packet while the call lasts, and the middle of the call is returned.
        """
        to = self._point.canary_to, CANARY_PORT
        link = self._device_side()
        before_s = self._clock.now_s()
        try:
            link.sendto(CANARY_MARK + nonce, to)
        except OSError as error:
            why = self._point.trouble() or error
            raise RigError(
                f"tap canary: could not be sent from the device's side: {why}. Is its link up?"
            ) from error
        return (before_s + self._clock.now_s()) / 2

    def close(self) -> None:
        """Kill a capture that still runs; for teardown. Safe to call twice."""
        if self._dumpcap is not None:
            self._end()
        if self._link is not None:
            self._link.close()
            self._link = None

    def _device_side(self) -> socket.socket:
        if self._link is None:
            self._link = self._point.socket()
        return self._link

    def _make_private(self, path: Path) -> None:
        if path.exists() and not path.is_file():
            raise RigError(f"tap: {path} is no ordinary file; name one that is, or a new one")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            path.chmod(0o600)
        except OSError as error:
            raise RigError(f"tap: cannot write {path}: {error}. Free or open the place.") from error

    def _drain(self) -> None:
        """Return once a mark sent now has reached the file."""
        mark = secrets.token_hex(8).encode()
        seen = max(0, self._path.stat().st_size - len(mark))
        self._marks.append(b"end " + mark)
        self.send_canary(self._marks[-1])
        deadline_s = self._clock.monotonic_s() + _LIMIT_S
        with self._path.open("rb") as file:
            while True:
                file.seek(seen)
                fresh = file.read(_PIECE)
                if mark in fresh:
                    return
                seen += max(0, len(fresh) - len(mark))
                if len(fresh) == _PIECE:
                    continue
                trouble = self.trouble()
                if trouble is not None or self._clock.monotonic_s() > deadline_s:
                    raise RigError(trouble or self._blind())
                self._clock.wait_s(_POLL_S)

    def _blind(self) -> str:
        return (
            f"tap: blind: a packet sent {_LIMIT_S:.0f} s ago is not in {self._path}. "
            "Is the disk full? What was captured until then is in the file."
        )

    def _hear(self, word: bytes) -> bool:
        """Whether dumpcap says `word` in time."""
        deadline_s = self._clock.monotonic_s() + _LIMIT_S
        while word not in self._said:
            left_s = deadline_s - self._clock.monotonic_s()
            if left_s <= 0 or not self._read(left_s):
                return False
        return True

    def _read(self, limit_s: float) -> bool:
        """Take in what dumpcap says within `limit_s`; False at its end, or when it is silent."""
        pipe = self._dumpcap.process.stderr if self._dumpcap else None
        assert pipe is not None
        with selectors.DefaultSelector() as selector:
            selector.register(pipe, selectors.EVENT_READ)
            if not selector.select(limit_s):
                return False
        chunk = os.read(pipe.fileno(), 65_536)
        self._said += chunk
        return bool(chunk)

    def _heard_so_far(self) -> str:
        while self._read(0.0):
            continue
        return self._said.decode(errors="replace").strip() or "it said nothing"

    def _end(self) -> str:
        """Make sure that dumpcap is gone; all that it said."""
        assert self._dumpcap is not None
        self._dumpcap.kill(self._point.depth)
        said = self._heard_so_far()
        if self._dumpcap.process.stderr is not None:
            self._dumpcap.process.stderr.close()
        self._dumpcap = None
        return said

    def _report(self, said: str) -> TapReport:
        captured, dropped = _CAPTURED.search(said), _DROPPED.search(said)
        in_file = dropped_packets(self._path)
        if captured is None or dropped is None or in_file is None:
            raise RigError(f"tap: dumpcap says nothing of dropped packets: {said}")
        lost = max(int(dropped[1]), in_file)
        return TapReport(self._path, int(captured[1]), lost, tuple(self._marks))
