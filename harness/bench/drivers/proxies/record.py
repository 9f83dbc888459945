"""What a proxy handed on, as packets of the connection that both ends believe in.

They are made up here: addresses and ports are those of the two ends, numbers count the bytes, and
each packet has the time at which its bytes came to this machine. Whatever reads captures reads it.
"""

import os
from dataclasses import dataclass
from pathlib import Path

from harness.bench.drivers.simulated_capture import (
    packet_block,
    pcapng_bytes,
    statistics_block,
    tcp_frame,
    udp_frame,
)
from harness.errors import RigError

SYN, FIN, RST, PUSH, ACK = 2, 1, 4, 8, 16
_LONGEST = 32 * 1024
_WHAT = "Made by Sayso's proxy of what it handed on: the heads are made up, bytes and times are not"
End = tuple[str, int]


@dataclass(slots=True)
class Numbers:
    """Of a connection: its two ends, caller first, and how many bytes each has sent."""

    caller: End
    called: End
    from_caller: int = 0
    from_called: int = 0


class Record:
    """A capture that grows. Every packet is in the file when the call returns."""

    def __init__(self, path: Path) -> None:
        """Begin at `path`, which is made, private. `RigError`, here and later, where that fails."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC
        try:
            self._file = os.open(path, flags, 0o600)
        except OSError as error:
            raise RigError(str(error)) from error
        self.packets = 0
        self._write(pcapng_bytes([], dropped=None, comment=_WHAT))

    def opened(self, numbers: Numbers, at_ns: int) -> None:
        """A connection begins: the three packets that it begins with."""
        self._put(numbers, True, SYN, b"", at_ns, began=False)
        self._put(numbers, False, SYN | ACK, b"", at_ns, began=False)
        self._put(numbers, True, ACK, b"", at_ns)

    def sent(self, numbers: Numbers, by_caller: bool, data: bytes, at_ns: int) -> None:
        """One end has sent bytes."""
        for at in range(0, len(data), _LONGEST):
            part = data[at : at + _LONGEST]
            self._put(numbers, by_caller, PUSH | ACK, part, at_ns)
            numbers.from_caller += len(part) if by_caller else 0
            numbers.from_called += 0 if by_caller else len(part)

    def ended(self, numbers: Numbers, by_caller: bool, at_ns: int, *, broken: bool) -> None:
        """One end will send no more, or has broken off."""
        self._put(numbers, by_caller, (RST if broken else FIN) | ACK, b"", at_ns)

    def datagram(self, source: End, to: End, data: bytes, at_ns: int) -> None:
        """A datagram to the proxy itself."""
        self._packet(udp_frame(*source, *to, data), at_ns)

    def close(self, lost: int) -> None:
        """The end of it, which says how many bytes were lost (0: it is whole)."""
        if self._file < 0:
            return
        self._write(statistics_block(self.packets, lost))
        os.close(self._file)
        self._file = -1

    def _put(
        self,
        numbers: Numbers,
        by_caller: bool,
        flags: int,
        data: bytes,
        at_ns: int,
        *,
        began: bool = True,
    ) -> None:
        ends = (numbers.caller, numbers.called)
        counts = (numbers.from_caller + began, numbers.from_called + began)
        mine, other = counts if by_caller else counts[::-1]
        source, to = ends if by_caller else ends[::-1]
        known = other + (not began) if flags & ACK else 0
        self._packet(tcp_frame(*source, *to, mine, data, flags, known), at_ns)

    def _packet(self, frame: bytes, at_ns: int) -> None:
        self._write(packet_block(frame, at_ns))
        self.packets += 1

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        try:
            while left:
                left = left[os.write(self._file, left) :]
        except OSError as error:  # no peer's doing, and not to be taken for one
            raise RigError(str(error)) from error
