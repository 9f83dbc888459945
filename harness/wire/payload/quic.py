"""Datagrams of QUIC as tshark decrypts them, and the streams that they carry (RFC 9000).

tshark 4.0 joins the streams of HTTP/3 itself, but tells what they held only where a frame ends, and
gives the bytes of one that was sent again twice. So each piece of a stream is taken from it where
it is, and joined here: each byte once, with the time at which it first left.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from harness.wire.payload.timed import Timed

FIELDS = (
    "quic.connection.number",
    "udp.stream",
    "udp.length",
    "quic.long.packet_type",
    "quic.packet_number",
    "quic.frame_type",
    "quic.stream.stream_id",
    "quic.stream.offset",
    "quic.stream_data",
    "quic.dg",
    "quic.padding_length",
    "quic.ack.largest_acknowledged",
    "quic.ack.first_ack_range",
    "quic.ack.gap",
    "quic.ack.ack_range",
)
"""What tshark is asked for of each datagram."""
_UDP_HEAD = 8
_STREAM, _LAST_STREAM, _HAS_OFFSET, _FIN = 0x08, 0x0F, 0x04, 0x01
_ACKS = (2, 3)
_EARLY = 1
_PACKET_BYTES = 48
"""Around the content of a packet: its head with the longest name of a connection, its tag, the head
of a frame or what it acknowledges. More could hide things."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a stream: the stream's number, where in it the piece begins, if it is the last."""

    stream: int
    offset: int
    content: bytes
    last: bool


@dataclass(frozen=True, slots=True)
class Datagram:
    """A datagram of QUIC.

    `connection`: its number in the capture, None where tshark knows none; `link`: that of its
    addresses and ports. `size`: bytes of it. `framing`: how many of them QUIC may have put around
    the content, padding that is none but zeros included; 0 where it could not be decrypted.
    `parts`: of streams; `loose`: what belongs to none (RFC 9221). `numbers`: of its packets with
    content of an application; `acknowledged`: those, from and up to, of which it says that they
    arrived.
    """

    unix_s: float
    connection: int | None
    link: int
    source: str
    size: int
    framing: int = 0
    parts: tuple[Part, ...] = ()
    loose: tuple[bytes, ...] = ()
    numbers: tuple[int, ...] = ()
    acknowledged: tuple[tuple[int, int], ...] = ()


def datagram(at_s: float, source: str, fields: Sequence[str]) -> Datagram:
    """A datagram from what tshark says of `FIELDS`; `ValueError` where that makes no sense."""
    texts = dict(zip(FIELDS, fields, strict=True))
    kinds = _numbers(texts["quic.frame_type"])
    parts = _parts(kinds, texts)
    loose = tuple(_bytes(texts["quic.dg"]))
    numbers = _numbers(texts["quic.packet_number"])
    size = (_numbers(texts["udp.length"]) or [_UDP_HEAD])[0] - _UDP_HEAD
    rest = size - sum(len(part.content) for part in parts) - sum(map(len, loose))
    framing = _PACKET_BYTES * len(numbers) + sum(_numbers(texts["quic.padding_length"]))
    longs = _numbers(texts["quic.long.packet_type"])
    known = _numbers(texts["quic.connection.number"])
    return Datagram(
        unix_s=at_s,
        connection=known[0] if known else None,
        link=(_numbers(texts["udp.stream"]) or [-1])[0],
        source=source,
        size=size,
        framing=max(0, min(rest, framing)),
        parts=parts,
        loose=loose,
        numbers=tuple(n for at, n in enumerate(numbers) if at >= len(longs) or longs[at] == _EARLY),
        acknowledged=() if longs else _acknowledged(kinds, texts),
    )


def _parts(kinds: Sequence[int], texts: dict[str, str]) -> tuple[Part, ...]:
    """An offset of 0 is not written: which pieces have one, the kinds of their frames tell."""
    streams = [kind for kind in kinds if _STREAM <= kind <= _LAST_STREAM]
    numbers = _numbers(texts["quic.stream.stream_id"])
    offsets = iter(_numbers(texts["quic.stream.offset"]))
    contents = _bytes(texts["quic.stream_data"], len(streams))
    return tuple(
        Part(number, next(offsets) if kind & _HAS_OFFSET else 0, content, bool(kind & _FIN))
        for kind, number, content in zip(streams, numbers, contents, strict=True)
    )


def _acknowledged(kinds: Sequence[int], texts: dict[str, str]) -> tuple[tuple[int, int], ...]:
    if sum(kind in _ACKS for kind in kinds) != 1:
        return ()
    (until,) = _numbers(texts["quic.ack.largest_acknowledged"])
    (count,) = _numbers(texts["quic.ack.first_ack_range"])
    found = [(until - count, until)]
    gaps, counts = _numbers(texts["quic.ack.gap"]), _numbers(texts["quic.ack.ack_range"])
    for gap, more in zip(gaps, counts, strict=True):
        until = found[-1][0] - gap - 2
        found.append((until - more, until))
    return tuple(found)


def _numbers(text: str) -> list[int]:
    return [int(word, 0) for word in text.split(",")] if text else []


def _bytes(text: str, count: int | None = None) -> list[bytes]:
    """Several values; an empty one among them is a frame with nothing in it."""
    if not text and not count:
        return []
    return [bytes.fromhex(word.replace(":", "")) for word in text.split(",")]


@dataclass(slots=True)
class Stream:
    """A stream, piece by piece, each byte once. `ended`: its last piece came."""

    ended: bool = False
    _starts: list[int] = field(default_factory=list)
    _pieces: list[tuple[bytes, float]] = field(default_factory=list)

    def add(self, part: Part, unix_s: float) -> int:
        """Take a piece that left then; how many bytes of it are the same as were there already."""
        self.ended |= part.last
        same, at, end = 0, part.offset, part.offset + len(part.content)
        while at < end:
            place = bisect_right(self._starts, at)
            there = self._starts[place - 1] if place else 0
            old = self._pieces[place - 1][0] if place else b""
            if at < there + len(old):
                until = min(end, there + len(old))
                mine = part.content[at - part.offset : until - part.offset]
                same += len(mine) * (mine == old[at - there : until - there])
            else:
                until = min(end, self._starts[place]) if place < len(self._starts) else end
                self._starts.insert(place, at)
                piece = part.content[at - part.offset : until - part.offset]
                self._pieces.insert(place, (piece, unix_s))
            at = until
        return same

    def joined(self) -> tuple[Timed, bool]:
        """Its bytes up to the first that is missing, and whether one before its end is."""
        count = 0
        for number, (start, (piece, _)) in enumerate(zip(self._starts, self._pieces, strict=True)):
            if start != count:
                return Timed.of(self._pieces[:number]), True
            count += len(piece)
        return Timed.of(self._pieces), False
