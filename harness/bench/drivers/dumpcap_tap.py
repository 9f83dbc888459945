"""The tap by dumpcap, on an interface that the device's packets pass; one file, or a ring of them.

The kernel hands packets to dumpcap in batches (every 250 ms), and a dumpcap that is told to stop
leaves the last batch behind *and counts it nowhere*: it reports 0 dropped. So `stop` first sends a
mark of its own and waits until that is in a file: all that came before it is there then, too.
"""

import re
import secrets
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from harness.bench.drivers.capture_end import append_statistics, dropped_packets
from harness.bench.drivers.capture_program import CaptureProgram, LocalDumpcap
from harness.bench.drivers.capture_tail import CaptureTail
from harness.bench.drivers.tap_flood import FloodWatch
from harness.bench.drivers.tap_options import TapText
from harness.bench.drivers.tap_point import TapPoint
from harness.bench.drivers.tap_stall import StallWatch
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.bench.ports.capture_files import capture_files
from harness.bench.ports.tap import Tap, TapReport
from harness.clock import Clock, Deadline
from harness.errors import RigError

Begin = Callable[[TapPoint, Sequence[str], Path, Clock], CaptureProgram]
_LIMIT_S = 5.0
_POLL_S = 0.02
_CAPTURED = re.compile(r"Packets captured: (\d+)")
_DROPPED = re.compile(r"Packets received/dropped on interface '[^']*': (\d+)/(\d+)")


class DumpcapTap(Tap):
    """Captures a link into pcapng files, with the kernel's time.

    The kernel clears the whole buffer before it captures, and lets nothing else run on that
    processor meanwhile: 64 MiB hold up the bench's sound for 250 ms. A device's link sends far
    less than 1 MB/s, so 16 MiB are over 16 s deep; drops are counted all the same.
    """

    def __init__(
        self,
        point: TapPoint,
        clock: Clock,
        options: TapText | None = None,
        begin: Begin = LocalDumpcap,
    ) -> None:
        """Nothing is captured before `start`. `options`: whole packets, one file, where absent.

        `begin`: starts dumpcap at a point, with arguments, into a file.
        """
        self._point, self._clock, self._begin = point, clock, begin
        self._options = TapText() if options is None else options
        self._dumpcap: CaptureProgram | None = None
        self._path, self._newest = Path(), Path()
        self._link: socket.socket | None = None
        self._marks: list[bytes] = []
        self._stall = StallWatch(clock)
        self._flood = FloodWatch(clock)

    def start(self, path: Path) -> None:
        """Capture into `path` (made private); returns only once dumpcap says that it is armed."""
        if self._dumpcap is not None:
            raise RigError(f"tap: already capturing into {self._path}; stop it first")
        if (why := self._point.trouble()) is not None:
            raise RigError(why)
        self._make_private(path)
        self._path, self._marks = path, []
        self._device_side()  # now: it takes a process, which no scene should wait for
        self._dumpcap = self._begin(self._point, self._options.arguments(), path, self._clock)
        if not self._arms():
            within_s, why = self._dumpcap.arms_within_s, self._dumpcap.trouble()
            said = self._end()
            raise RigError(
                why or f"tap: dumpcap did not start capturing within {within_s:.0f} s: {said}"
            )
        self._newest = path
        if self._options.ring is None:
            self._flood.begin(lambda: path.stat().st_size)

    def trouble(self) -> str | None:
        """Why it is not capturing although it should be, or what keeps it from being of use."""
        return self._over() or self._flood.trouble() or self._stall.trouble()

    def _over(self) -> str | None:
        """Why the capture is over although it should not be."""
        if self._dumpcap is None:
            return None
        if (why := self._dumpcap.trouble()) is not None:
            return why
        if not self._newest.exists():
            # The ring has gone on, unless nothing is there at all.
            files = capture_files(self._path).paths
            if not files:
                return f"tap: the capture file {self._path} was removed"
            self._newest = files[-1]
        return None

    def stop(self) -> TapReport:
        """End the capture once all packets are in a file, and report."""
        if self._dumpcap is None:
            raise RigError("tap: nothing is being captured; start it first")
        try:
            trouble = self._over() or self._stall.trouble()  # a flood is for the judge, too
            if trouble is not None:
                raise RigError(f"{trouble}. What was captured until then is in {self._path}.")
            self._drain()
            self._dumpcap.finish()
        finally:
            said = self._end()
        return self._report(said)

    def send_canary(self, nonce: bytes) -> float:
        """Put one datagram holding `nonce` on the link.

        The kernel stamps the packet while the call lasts, and the middle of the call is returned.
        While it captures, `trouble` tells where the datagram does not reach a file.
        """
        if self._dumpcap is not None:
            tail = CaptureTail(self._path)
            self._stall.expect(lambda: tail.holds(nonce))
        return self._send(nonce)

    def _send(self, nonce: bytes) -> float:
        to = self._point.canary_to, CANARY_PORT
        link = self._device_side()
        before_s = self._clock.now_s()
        try:
            link.sendto(CANARY_MARK + nonce, to)
        except OSError as error:
            why = self._point.trouble() or error
            raise RigError(
                f"tap canary: could not be sent over the device's link: {why}. Is it up?"
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
        is_ring = self._options.ring is not None
        if is_ring and capture_files(path).paths:
            raise RigError(f"tap: there is a capture {path} already; move it away, or name another")
        try:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not is_ring:  # dumpcap makes those of a ring, for its owner only
                path.touch(mode=0o600)
                path.chmod(0o600)
        except OSError as error:
            raise RigError(f"tap: cannot write {path}: {error}. Free or open the place.") from error

    def _drain(self) -> None:
        """Return once a mark sent now has reached a file."""
        mark = secrets.token_hex(8).encode()
        tail = CaptureTail(self._path)
        self._marks.append(b"end " + mark)
        self._send(self._marks[-1])
        deadline_s = self._clock.monotonic_s() + _LIMIT_S
        while not tail.holds(mark):
            trouble = self._over()
            if trouble is not None or self._clock.monotonic_s() > deadline_s:
                raise RigError(trouble or self._blind())
            self._clock.wait_s(_POLL_S)

    def _blind(self) -> str:
        other = "" if self._options.mac is None else f" Is {self._options.mac} the device's MAC?"
        return (
            f"tap: blind: a packet sent {_LIMIT_S:.0f} s ago is not in {self._path}. "
            f"Is the disk full?{other} What was captured until then is in the file."
        )

    def _arms(self) -> bool:
        """Whether dumpcap says in time that it captures."""
        assert self._dumpcap is not None
        deadline = Deadline.after(self._clock, self._dumpcap.arms_within_s)
        while not self._dumpcap.armed():
            if deadline.passed() or self._dumpcap.trouble() is not None:
                return self._dumpcap.armed()
            self._clock.wait_s(_POLL_S)
        return True

    def _end(self) -> str:
        """Make sure that dumpcap is gone; all that it said."""
        self._stall.forget()
        self._flood.end()
        assert self._dumpcap is not None
        self._dumpcap.kill()
        said = self._dumpcap.said()
        self._dumpcap = None
        return said

    def _report(self, said: str) -> TapReport:
        captured, counts = _CAPTURED.search(said), _DROPPED.search(said)
        files = capture_files(self._path)
        if captured is None or counts is None or not files.paths:
            raise RigError(f"tap: dumpcap says nothing of dropped packets: {said}")
        received, lost = int(counts[1]), int(counts[2])
        last = files.paths[-1]
        in_file = dropped_packets(last)
        if in_file is None:
            if self._options.ring is None:
                raise RigError(f"tap: {last} says nothing of dropped packets: {said}")
            append_statistics(last, received, lost)  # of a ring dumpcap writes none
        lost = max(lost, in_file or 0)
        marks = tuple(self._marks)
        return TapReport(self._path, int(captured[1]), lost, marks, files.paths, files.overwritten)
