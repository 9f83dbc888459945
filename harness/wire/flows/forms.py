"""The two forms of capture files: what is not a packet with a time, read in plain Python.

pcapng: IETF draft-ietf-opsawg-pcapng. pcap: draft-ietf-opsawg-pcap. Both in both byte orders.
"""

import struct
from collections.abc import Callable, Iterator

import numpy as np

from harness.wire.flows.formats import (
    INTERFACE,
    LARGEST_BLOCK,
    LINUX_COOKED,
    SIMPLE_PACKET,
    STATISTICS,
)
from harness.wire.flows.machine import next_block, pcap_pass, pcapng_pass
from harness.wire.flows.room import LINK, Bytes, Int, Room, Table

_PCAPNG = b"\x0a\x0d\x0d\x0a"
_PCAP_TICKS = {0xA1B2C3D4: 10**6, 0xA1B23C4D: 10**9}
_LITTLE, _BIG = b"\x4d\x3c\x2b\x1a", b"\x1a\x2b\x3c\x4d"
_TIME_UNIT, _TIME_OFFSET = 9, 14
_DROPS = (5, 7)
_MOST_TICKS, _MOST_OFFSET_S = 2**62, 2**32
_MOST_INTERFACES = 4096

Pass = Callable[[Bytes, Int, Int, bool, Room], tuple[Int, Int]]


class Form:
    """How a file is to be read. `known` once its first bytes have been seen.

    `resumes`: after damage, the next sound block can be told. `dropped`: counts of drops just read;
    `untimed`: packets without a time just passed over. `cooked`: an interface is Linux's `any`.
    """

    known, foreign, resumes, head_bytes = False, False, False, 0

    def __init__(self) -> None:
        """Nothing of the file was seen."""
        self.big = False
        self.run: Pass = pcapng_pass
        self.interfaces: Table = np.zeros((0, 3), np.int64)
        self.dropped: list[int] = []
        self.untimed = 0
        self.cooked = False

    def block_bytes(self, data: Bytes, at: int) -> int | None:
        """How long the block at `at` is: None when that is not all there, -1 when it cannot be."""
        return -1

    def other(self, block: bytes) -> bool:
        """Read a block that is not a packet; whether it makes sense."""
        return False

    def next_block(self, data: Bytes, at: int) -> int:
        """Where the next sound block begins; nearly the end when none does."""
        return len(data)


class _Foreign(Form):
    known = foreign = True


class _Pcap(Form):
    known, head_bytes = True, 24

    def __init__(self, head: bytes, big: bool) -> None:
        super().__init__()
        self.big, self.run = big, pcap_pass
        order = ">" if big else "<"
        magic, link = struct.unpack(order + "I16xI", head)
        self.interfaces = np.array([[link & 0xFFFF, _PCAP_TICKS[magic], 0]], np.int64)
        self.cooked = link & 0xFFFF in LINUX_COOKED


class _Pcapng(Form):
    known, resumes = True, True

    def block_bytes(self, data: Bytes, at: int) -> int | None:
        if len(data) - at < 12:
            return None
        big = self.big
        if bytes(data[at : at + 4]) == _PCAPNG:
            magic = bytes(data[at + 8 : at + 12])
            if magic not in (_LITTLE, _BIG):
                return -1
            big = magic == _BIG
        size = _number(data, at + 4, big)
        if size < 12 or size % 4 or size > LARGEST_BLOCK:
            return -1
        if len(data) - at < size:
            return None
        return size if _number(data, at + size - 4, big) == size else -1

    def other(self, block: bytes) -> bool:
        try:
            if block[:4] == _PCAPNG:
                self.big = block[8:12] == _BIG
                self.interfaces = self.interfaces[:0]
                self.cooked = False
                return len(block) >= 28
            self._body(struct.unpack_from(self._order + "I", block)[0], block[8:-4])
        except (struct.error, IndexError, OverflowError):
            return False
        return True

    def next_block(self, data: Bytes, at: int) -> int:
        return int(next_block(data, at, len(data), self.big))

    @property
    def _order(self) -> str:
        return ">" if self.big else "<"

    def _body(self, kind: int, body: bytes) -> None:
        if kind == INTERFACE:
            line = np.array([self._interface(body)], np.int64)
            if len(self.interfaces) >= _MOST_INTERFACES:
                raise OverflowError
            self.interfaces = np.concatenate([self.interfaces, line])
            self.cooked |= line[0, LINK] in LINUX_COOKED
        elif kind == STATISTICS:
            for code, value in self._options(body[12:]):
                if code in _DROPS and len(value) == 8:
                    self.dropped += struct.unpack(self._order + "Q", value)
        elif kind == SIMPLE_PACKET:
            self.untimed += 1

    def _interface(self, body: bytes) -> tuple[int, int, int]:
        """Link type, ticks a second, offset (s)."""
        (link,) = struct.unpack_from(self._order + "H", body)
        unit, offset_s = 6, 0
        for code, value in self._options(body[8:]):
            if code == _TIME_UNIT and value:
                unit = value[0]
            elif code == _TIME_OFFSET:
                (offset_s,) = struct.unpack(self._order + "q", value)
        ticks: int = 2 ** (unit & 0x7F) if unit & 0x80 else 10**unit
        if ticks > _MOST_TICKS or abs(offset_s) > _MOST_OFFSET_S:
            raise OverflowError
        return link, ticks, offset_s

    def _options(self, raw: bytes) -> Iterator[tuple[int, bytes]]:
        at = 0
        while at + 4 <= len(raw):
            code, size = struct.unpack_from(self._order + "HH", raw, at)
            if code == 0:
                return
            yield code, raw[at + 4 : at + 4 + size]
            at += 4 + (size + 3) // 4 * 4


def _number(data: Bytes, at: int, big: bool) -> int:
    return int.from_bytes(data[at : at + 4].tobytes(), "big" if big else "little")


def form_of(head: bytes) -> Form:
    """The form of the file that begins with these 24 bytes."""
    if head[:4] == _PCAPNG:
        return _Pcapng()
    for big in (False, True):
        (magic,) = struct.unpack_from(">I" if big else "<I", head)
        if magic in _PCAP_TICKS:
            return _Pcap(head, big)
    return _Foreign()
