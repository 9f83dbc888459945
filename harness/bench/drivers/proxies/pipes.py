"""Bytes from one TCP connection into another: all of them, in order, and their ends as they come.

What cannot be handed on is not taken in: a slow receiver slows its sender down, as without a proxy.
An end that stops sending (FIN) is passed on as such and the other way goes on; one that breaks off
(RST) breaks the other off.
"""

import contextlib
import hashlib
import socket
import struct
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_HELD = 256 * 1024
"""So many bytes are taken in before the first of them has been handed on."""
_PIECE = 32 * 1024
_STAMPS = 35
"""SO_TIMESTAMPNS: the kernel tells when the last segment came of what is read (Linux 4.17)."""
_STAMP = struct.Struct("@ll")
_NS = 10**9


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes as they were read. They came between two Unix times (ns): the second is that of the
    last of them, by the kernel; at the first none had come.
    """

    data: bytes
    empty_ns: int
    came_ns: int


def tell_times(connection: socket.socket) -> None:
    """Ask the kernel for the time at which segments come."""
    connection.setsockopt(socket.SOL_SOCKET, _STAMPS, 1)


def stamp_of(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    """The kernel's time (Unix ns) with what was read, None where it gave none."""
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, _STAMPS) and len(data) >= _STAMP.size:
            seconds, nanoseconds = _STAMP.unpack_from(data)
            return int(seconds * _NS + nanoseconds)
    return None


@dataclass(slots=True)
class Pipe:
    """One way of a conversation. `taken`, `given`: bytes read, and bytes that the receiver's kernel
    has accepted; `digest` of those read and `handed` of those accepted. `over`: the sender will
    send no more, `passed_on`: the receiver knows. `broken`: the receiver is gone. `empty_ns`: when
    nothing was there to be read; `behind`: it was not looked at since.
    """

    source: socket.socket
    sink: socket.socket
    now_ns: Callable[[], int]
    empty_ns: int
    held: bytearray = field(default_factory=bytearray)
    taken: int = 0
    given: int = 0
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    handed: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    behind: bool = True
    over: bool = False
    passed_on: bool = False
    broken: bool = False

    @property
    def wants(self) -> bool:
        """Whether it takes more in."""
        return not self.over and not self.broken and len(self.held) < MOST_HELD

    @property
    def owes(self) -> bool:
        """Whether it has something to hand on."""
        return bool(self.held) and not self.broken

    def take(self, seen_empty_ns: int) -> Piece | None:
        """Read once; None where nothing was there, or no more will come. `OSError` for a reset.

        `seen_empty_ns`: when nothing was there to be read at last, if it is not known better here.
        """
        began_ns = self.now_ns()
        try:
            data, ancillary, _, _ = self.source.recvmsg(_PIECE, socket.CMSG_SPACE(_STAMP.size))
        except (BlockingIOError, InterruptedError):
            self.empty_ns, self.behind = began_ns, False
            return None
        read_ns = self.now_ns()
        since_ns = self.empty_ns if self.behind else max(self.empty_ns, seen_empty_ns)
        stamped_ns = stamp_of(ancillary)
        came_ns = read_ns if stamped_ns is None else min(max(stamped_ns, since_ns), read_ns)
        # One that is full may have left something behind, that came no earlier than its own end.
        self.behind = len(data) == _PIECE
        if not self.behind:
            self.empty_ns = began_ns
        elif stamped_ns is not None:
            self.empty_ns = came_ns
        if not data:
            self.over = True
            return None
        self.taken += len(data)
        self.digest.update(data)
        self.held += data
        # Nobody looks again before there is room: what comes meanwhile comes when nobody looks.
        self.behind |= not self.wants
        return Piece(data, since_ns, came_ns)

    def give(self) -> None:
        """Hand on what the receiver takes now, and the sender's end after the last byte.

        Raises `OSError` where the receiver has broken off.
        """
        while self.held:
            try:
                count = self.sink.send(memoryview(self.held)[:_PIECE])
            except (BlockingIOError, InterruptedError):
                return
            self.handed.update(memoryview(self.held)[:count])
            self.given += count
            del self.held[:count]
        if self.over and not self.passed_on:
            self.passed_on = True
            with contextlib.suppress(OSError):  # it has gone meanwhile, so nobody is left to tell
                self.sink.shutdown(socket.SHUT_WR)

    @property
    def whole(self) -> bool:
        """Whether all that was taken in was handed on, unchanged."""
        return self.given == self.taken and self.handed.digest() == self.digest.digest()


def break_off(connection: socket.socket) -> None:
    """Close with a reset: the other end sees what this one saw."""
    with contextlib.suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()
