"""The blocks of a pcapng file, one after the other, and the times of its packets.

Little-endian files alone, as dumpcap and the simulated tap write them on the machines that Sayso
runs on; packets as enhanced packet blocks, which is what both write.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from harness.errors import RigError

SECTION, INTERFACE, PACKET, STATISTICS = 0x0A0D0D0A, 1, 6, 5
BEGINS = struct.pack("<I", SECTION)
"""What every pcapng file begins with, in either byte order."""
_RESOLUTION, _LITTLE = 9, b"\x4d\x3c\x2b\x1a"
_HEAD, _LEAST = 8, 12


@dataclass(frozen=True, slots=True)
class Block:
    """One block, whole. `per_s`: ticks a second of the interface that a packet came from."""

    kind: int
    data: bytes
    per_s: float = 1.0

    @property
    def unix_s(self) -> float:
        """When a packet was captured, by the clock of who captured it (Unix s)."""
        return self._ticks() / self.per_s

    def later(self, by_s: float) -> "Block":
        """The same packet, stamped `by_s` later."""
        ticks = self._ticks() + round(by_s * self.per_s)
        stamp = struct.pack("<II", ticks >> 32, ticks & 0xFFFFFFFF)
        return Block(self.kind, self.data[:12] + stamp + self.data[20:], self.per_s)

    def _ticks(self) -> int:
        high, low = struct.unpack_from("<II", self.data, 12)
        return int(high << 32 | low)


def read_blocks(path: Path) -> Iterator[Block]:
    """Every block of a file up to where it was cut off, if it was.

    Raises `RigError` for a file in the other byte order, or none of pcapng.
    """
    per_s = list[float]()
    with path.open("rb") as file:
        for kind, data in _raw(file, path):
            if kind == SECTION:
                per_s.clear()
            elif kind == INTERFACE:
                per_s.append(_ticks_per_s(data))
            is_packet = kind == PACKET
            yield Block(kind, data, per_s[struct.unpack_from("<I", data, 8)[0]] if is_packet else 1)


def _raw(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    start = file.read(_LEAST)
    file.seek(0)
    if start and start[8:] != _LITTLE:
        raise RigError(f"{path} is no pcapng file in this machine's byte order")
    while len(head := file.read(_HEAD)) == _HEAD:
        kind, length = struct.unpack("<II", head)
        rest = file.read(max(length - _HEAD, 0))
        if length < _LEAST or len(rest) < length - _HEAD:
            return
        yield kind, head + rest


def _ticks_per_s(block: bytes) -> float:
    """An interface's unit of time (option 9), microseconds where it says none."""
    at = 16
    while at + 4 <= len(block) - 4:
        code, length = struct.unpack_from("<HH", block, at)
        if code == 0:
            break
        if code == _RESOLUTION and length:
            value = block[at + 4]
            return float(2 ** (value & 0x7F) if value & 0x80 else 10**value)
        at += 4 + (length + 3) // 4 * 4
    return 1e6
