"""TCP where the network is poor: segments that are acknowledged, and sent again where they are not.

What kernels do, in little: a window that opens with each acknowledgement and halves with each
loss (RFC 5681), each segment acknowledged by itself (RFC 2018), a lost one sent again when three
later ones have come or its time is up (RFC 6298). Acknowledgements are not put off.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

SEGMENT_BYTES = 1448
_FIRST_WINDOW, _SMALLEST_WINDOW = 10, 2
_FIRST_TIMEOUT_S, _TIMEOUT_S = 1.0, 0.2
_TRIES = 8
_LATER_ONES = 3


class Ends(Protocol):
    """A connection, as one of its streams sees it."""

    def now_s(self) -> float:
        """Unix time (s)."""
        ...

    def later(self, after_s: float, deed: Callable[[], None]) -> None:
        """Do something so many seconds from now."""
        ...

    def carry(self, upward: bool, start: int, payload: bytes, came: Callable[[], None]) -> None:
        """Put a segment on the link now; `came` when it is at the other end."""
        ...

    def acknowledge(self, upward: bool, end: int, came: Callable[[], None]) -> None:
        """Put an acknowledgement of what goes `upward`, up to byte `end`, on the link now."""
        ...


@dataclass(slots=True, eq=False)
class _Segment:
    start: int
    payload: bytes
    tries: int = 0
    number: int = 0
    sent_s: float = 0.0
    has_come: bool = False
    known: bool = False

    @property
    def end(self) -> int:
        return self.start + len(self.payload)


class PoorStream:
    """One way of a connection, `upward` from the device; `start`: the number of its first byte."""

    def __init__(self, ends: Ends, upward: bool, start: int) -> None:
        self._ends, self._upward = ends, upward
        self._end = self._in_order = start
        self._waiting: list[_Segment] = []
        self._sent: list[_Segment] = []  # and not yet known to have come
        self._came: dict[int, int] = {}
        self._marks: list[tuple[int, Callable[[], None]]] = []
        self._window = float(_FIRST_WINDOW)
        self._there_and_back_s: float | None = None
        self._count = 0
        self._over = False

    def send(self, payload: bytes, then: Callable[[], None]) -> None:
        """Bring this to the other end, after all that was sent before; `then`, when it is there."""
        for at in range(0, len(payload), SEGMENT_BYTES):
            piece = payload[at : at + SEGMENT_BYTES]
            self._waiting.append(_Segment(self._end, piece))
            self._end += len(piece)
        self._marks.append((self._end, then))
        self._push()

    def stop(self) -> None:
        """Whoever sends is gone: what is not on the link yet never will be."""
        self._over = True

    def _push(self) -> None:
        while self._waiting and len(self._sent) < int(self._window) and not self._over:
            segment = self._waiting.pop(0)
            self._sent.append(segment)
            self._transmit(segment)

    def _transmit(self, segment: _Segment) -> None:
        self._count += 1
        segment.tries += 1
        segment.number, segment.sent_s = self._count, self._ends.now_s()
        tried = segment.tries
        known_s = self._there_and_back_s
        patience_s = _FIRST_TIMEOUT_S if known_s is None else _TIMEOUT_S + 2 * known_s
        self._ends.carry(
            self._upward, segment.start, segment.payload, lambda: self._arrived(segment)
        )
        self._ends.later(patience_s * 2 ** (tried - 1), lambda: self._overdue(segment, tried))

    def _overdue(self, segment: _Segment, tried: int) -> None:
        if segment.known or segment.tries != tried or self._over:
            return
        if tried >= _TRIES:
            self.stop()
            return
        self._lost(segment)

    def _lost(self, segment: _Segment) -> None:
        self._window = max(_SMALLEST_WINDOW, self._window / 2)
        self._transmit(segment)

    def _arrived(self, segment: _Segment) -> None:
        segment.has_come = True
        self._came[segment.start] = segment.end
        while self._in_order in self._came:
            self._in_order = self._came.pop(self._in_order)
        end = self._in_order
        self._ends.acknowledge(self._upward, end, lambda: self._known(segment, end))
        while self._marks and self._marks[0][0] <= self._in_order:
            self._marks.pop(0)[1]()

    def _known(self, segment: _Segment, end: int) -> None:
        """An acknowledgement is back: this segment has come, and all before `end`."""
        if segment.tries == 1:
            self._there_and_back_s = self._ends.now_s() - segment.sent_s
        for one in [s for s in self._sent if s is segment or s.end <= end]:
            one.known = True
            self._window += 1
            self._sent.remove(one)
        if not self._over:
            for one in [s for s in self._sent if s.number + _LATER_ONES <= segment.number]:
                self._lost(one)
        self._push()
