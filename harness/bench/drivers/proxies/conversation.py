"""One connection that goes through a proxy: whoever called, and whom they are put through to."""

import contextlib
import selectors
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from harness.bench.drivers.proxies.pipes import MOST_HELD, Piece, Pipe, break_off, tell_times
from harness.bench.drivers.proxies.record import End, Numbers, Record
from harness.bench.drivers.satellite_events import EventStream


@dataclass(frozen=True, slots=True)
class Lead:
    """A way through: who calls `port` of this machine is put through to `to`.

    `device_calls`: it is the device that calls. `caller`: who alone may, None for anybody.
    """

    port: int
    to: End
    device_calls: bool
    caller: str | None


Heard = Callable[[bool, str, int, int], None]
"""An event has passed: by the device or not, its type, and the two Unix times (ns) of a `Piece`."""


class Conversation:
    """Two sockets and the two pipes between them; `over` once nothing more will pass.

    `worst_ns`: how well the time of what the device sent is known, at worst.
    """

    def __init__(
        self, lead: Lead, caller: socket.socket, now_ns: Callable[[], int], heard: Heard
    ) -> None:
        """Begin to call the other end. Raises `OSError` where that cannot even be tried."""
        self._lead, self._now_ns, self._heard = lead, now_ns, heard
        self.caller, self.called = caller, socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        peer = caller.getpeername()
        self.numbers = Numbers((peer[0], peer[1]), lead.to)
        began_ns = now_ns()
        self.up = Pipe(caller, self.called, now_ns, began_ns)
        self.down = Pipe(self.called, caller, now_ns, began_ns)
        self._streams = {True: EventStream(), False: EventStream()}
        self.connected = self.over = False
        self.worst_ns = 0
        self._before: tuple[int, int] = (0, 0)
        self._local: End = ("", 0)
        for end in (caller, self.called):
            end.setblocking(False)
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            tell_times(end)
        try:
            with contextlib.suppress(BlockingIOError):
                self.called.connect(lead.to)
        except OSError:
            self.called.close()
            raise

    def masks(self) -> dict[socket.socket, int]:
        """What is to be waited for at each end (`selectors`), 0 for nothing."""
        if not self.connected:
            return {self.caller: 0, self.called: selectors.EVENT_WRITE}
        read, write = selectors.EVENT_READ, selectors.EVENT_WRITE
        return {
            self.caller: self.up.wants * read | self.down.owes * write,
            self.called: self.down.wants * read | self.up.owes * write,
        }

    def begin_capture(self) -> None:
        """A capture begins now: what has passed is before it."""
        self._before = self.up.taken, self.down.taken
        self.worst_ns = 0

    def ready(
        self, end: socket.socket, events: int, seen_empty_ns: int, record: Record | None
    ) -> None:
        """Something can be done at an end. Raises nothing of the peers' doing."""
        if not self.connected:
            self._connect(record)
            return
        for pipe in (self.up, self.down):
            try:
                if pipe.source is end and events & selectors.EVENT_READ and pipe.wants:
                    self._pass(pipe, pipe.take(seen_empty_ns), record)
            except OSError:
                self._break(pipe is self.up, record)
                return
            try:
                pipe.give()
            except OSError:  # the receiver has broken off
                pipe.broken = True
                self._break(pipe is not self.up, record)
                return
        if self.up.passed_on and self.down.passed_on:
            self._close()

    def account(self) -> dict[str, Any]:
        """What passed since the capture began, for the driver."""
        caller, called = self.numbers.caller, self.numbers.called
        device, other = (caller, called) if self._lead.device_calls else (called, caller)
        counts = self.up.taken - self._before[0], self.down.taken - self._before[1]
        by_device, by_other = counts if self._lead.device_calls else counts[::-1]
        from_device = self.up if self._lead.device_calls else self.down
        waiting = sum(len(p.held) for p in (self.up, self.down) if not p.broken)
        cut = sum(len(p.held) for p in (self.up, self.down) if p.broken)
        lost = sum(p.taken - p.given - len(p.held) for p in (self.up, self.down))
        changed = any(not p.held and not p.whole for p in (self.up, self.down))
        return {
            "device": device,
            "other": other,
            "ours": ("", self._lead.port) if self._lead.device_calls else self._local,
            "from_device": by_device,
            "from_other": by_other,
            "odd": sum(stream.odd for stream in self._streams.values()),
            "lost": lost + changed,
            "cut": cut,
            "waiting": waiting,
            "held_back": not from_device.broken and len(from_device.held) >= MOST_HELD,
            "worst_ns": self.worst_ns,
        }

    def hang_up(self, record: Record | None) -> None:
        """Break off both ends: the proxy ends, or may not go on."""
        self._break(None, record)

    def _connect(self, record: Record | None) -> None:
        if self.called.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
            self._break(None, None)
            return
        self.connected = True
        mine = self.called.getsockname()
        self._local = mine[0], mine[1]
        if record is not None:
            record.opened(self.numbers, self._now_ns())

    def _pass(self, pipe: Pipe, piece: Piece | None, record: Record | None) -> None:
        by_caller = pipe is self.up
        if piece is None:
            if pipe.over and record is not None:
                record.ended(self.numbers, by_caller, self._now_ns(), broken=False)
            return
        by_device = by_caller is self._lead.device_calls
        if by_device:
            self.worst_ns = max(self.worst_ns, piece.came_ns - piece.empty_ns)
        if record is not None:
            record.sent(self.numbers, by_caller, piece.data, piece.came_ns)
        for kind in self._streams[by_caller].take(piece.data):
            self._heard(by_device, kind, piece.empty_ns, piece.came_ns)

    def _break(self, by_caller: bool | None, record: Record | None) -> None:
        """One end broke off, or (None) neither: the other one is broken off, too."""
        if record is not None and self.connected and not self.over:
            record.ended(self.numbers, by_caller is not False, self._now_ns(), broken=True)
        self.up.broken = self.down.broken = self.over = True
        break_off(self.caller)
        break_off(self.called)

    def _close(self) -> None:
        self.over = True
        self.caller.close()
        self.called.close()
