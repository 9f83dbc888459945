"""Reads pcapng captures front to back, one block at a time.

Own code, since the libraries raise on the last block of a capture that was killed, or invent
packets from what is left of it. Format: IETF draft-ietf-opsawg-pcapng.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness.errors import RigError

_SECTION, _INTERFACE, _OLD_PACKET, _SIMPLE_PACKET, _STATISTICS, _PACKET = (
    0x0A0D0D0A,
    1,
    2,
    3,
    5,
    6,
)
_ORDERS = {b"\x4d\x3c\x2b\x1a": "<", b"\x1a\x2b\x3c\x4d": ">"}
_LARGEST_BLOCK = 64 * 2**20
_TIME_UNIT, _TIME_OFFSET = 9, 14
_DROPS = (5, 7)


@dataclass(frozen=True, slots=True)
class Frame:
    """A captured frame: Unix time (s), link type, what was kept of it, its length on the wire."""

    unix_s: float
    link_type: int
    data: bytes
    wire_length: int


@dataclass(frozen=True, slots=True)
class _Interface:
    link_type: int
    ticks_a_second: int
    offset_s: int


class Capture:
    """A capture file. After `frames` has run to its end, the attributes tell how it ended.

    `truncated`: the file stops within a block, as that of a killed capture does.
    `dropped`: packets dropped by the capture's own count, None when it says nothing.
    """

    def __init__(self, path: Path) -> None:
        """Nothing is read yet."""
        self.path = path
        self.truncated = False
        self.dropped: int | None = None
        self._order = "<"
        self._interfaces: list[_Interface] = []
        self._parse_packet: Callable[[bytes], tuple[int, ...]] = struct.Struct("<IIIII").unpack_from

    def frames(self) -> Iterator[Frame]:
        """All frames in the file's order. Raises `RigError` naming file and offset on garbage."""
        self.truncated, self.dropped, self._interfaces = False, None, []
        try:
            with self.path.open("rb", buffering=2**20) as file:
                yield from self._blocks(file)
        except OSError as error:
            raise RigError(f"capture: cannot read {self.path}: {error}") from error

    def _blocks(self, file: IO[bytes]) -> Iterator[Frame]:
        offset = 0
        while head := file.read(8):
            block = self._body(file, head, offset)
            if block is None:
                self.truncated = True
                return
            kind, body = block
            try:
                if kind == _PACKET:
                    yield self._packet(body, offset)
                else:
                    self._other(kind, body, offset)
            except (struct.error, IndexError, OverflowError) as error:
                raise self._garbage(offset, f"block type {kind} is too short") from error
            offset += 12 + len(body)
        self.truncated = offset == 0

    def _body(self, file: IO[bytes], head: bytes, offset: int) -> tuple[int, bytes] | None:
        """Type and body of the block that begins with `head`; None when the file ends within."""
        if len(head) < 8:
            return None
        is_section = head[:4] == b"\x0a\x0d\x0d\x0a"
        start = b""
        if is_section:
            start = file.read(4)
            if len(start) < 4:
                return None
            self._begin_section(start, offset)
        elif offset == 0:
            raise self._garbage(0, "it does not begin like a pcapng file")
        kind, length = struct.unpack(self._order + "II", head)
        if length < 12 + len(start) or length % 4 or length > _LARGEST_BLOCK:
            raise self._garbage(offset, f"a block cannot be {length} bytes long")
        rest = file.read(length - 8 - len(start))
        if len(rest) < length - 8 - len(start):
            return None
        if struct.unpack(self._order + "I", rest[-4:])[0] != length:
            raise self._garbage(offset, "the block's two lengths differ")
        return kind, start + rest[:-4]

    def _begin_section(self, magic: bytes, offset: int) -> None:
        if magic not in _ORDERS:
            raise self._garbage(offset, f"unknown byte order {magic.hex()}")
        self._order = _ORDERS[magic]
        self._interfaces = []
        self._parse_packet = struct.Struct(self._order + "IIIII").unpack_from

    def _packet(self, body: bytes, offset: int) -> Frame:
        number, high, low, kept, wire_length = self._parse_packet(body)
        if number >= len(self._interfaces) or kept > len(body) - 20:
            raise self._garbage(
                offset, "a packet of an unknown interface, or longer than its block"
            )
        interface = self._interfaces[number]
        ticks = (high << 32) | low
        unix_s = interface.offset_s + ticks / interface.ticks_a_second
        return Frame(unix_s, interface.link_type, body[20 : 20 + kept], wire_length)

    def _other(self, kind: int, body: bytes, offset: int) -> None:
        if kind == _INTERFACE:
            self._interfaces.append(self._interface(body))
        elif kind == _STATISTICS:
            self._count_drops(body)
        elif kind in (_OLD_PACKET, _SIMPLE_PACKET):
            raise self._garbage(offset, "packets without full times; capture with dumpcap")

    def _interface(self, body: bytes) -> _Interface:
        (link_type,) = struct.unpack_from(self._order + "H", body)
        unit, offset_s = 6, 0
        for code, value in self._options(body[8:]):
            if code == _TIME_UNIT and value:
                unit = value[0]
            elif code == _TIME_OFFSET:
                (offset_s,) = struct.unpack(self._order + "q", value)
        ticks: int = 2 ** (unit & 0x7F) if unit & 0x80 else 10**unit
        return _Interface(link_type, ticks, offset_s)

    def _count_drops(self, body: bytes) -> None:
        for code, value in self._options(body[12:]):
            if code in _DROPS and len(value) == 8:
                (count,) = struct.unpack(self._order + "Q", value)
                self.dropped = (self.dropped or 0) + count

    def _options(self, raw: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 4 <= len(raw):
            code, size = struct.unpack_from(self._order + "HH", raw, at)
            if code == 0:
                return
            yield code, raw[at + 4 : at + 4 + size]
            at += 4 + (size + 3) // 4 * 4

    def _garbage(self, offset: int, why: str) -> RigError:
        return RigError(
            f"capture: {self.path} is not a sound pcapng file: at byte {offset}, {why}. "
            "Its evidence proves nothing; play the scene again."
        )
