"""A capture with its keys into what each of the device's connections carried."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.wire.payload import http1, http2, http3, mqtt, rtp, wyoming
from harness.wire.payload.body import Body
from harness.wire.payload.parts import Leaf, leaves
from harness.wire.payload.plain import PlainContent
from harness.wire.payload.quic import Datagram, Stream
from harness.wire.payload.timed import Timed
from harness.wire.payload.tshark import Packet, Plain, Segment, is_mac, packets

MOST_BYTES = 256 << 20
"""Of one connection no more than this is read; what lies beyond counts as unread."""
_SAME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Connection:
    """What the device sent over one connection, of TCP or of QUIC, or by one way of UDP.

    `segments`: (Unix time in s, bytes, how many of them frame content that was decrypted, or were
    sent before), in order of time. `leaves`: what its requests carried, taken apart as far as it
    goes. `holed`: the capture misses packets of it, so that nobody knows what else was sent.
    `changed`: under numbers of TCP that had passed, other bytes were sent: who is in it reads both.
    """

    number: int
    segments: tuple[tuple[float, int, int], ...]
    leaves: tuple[Leaf, ...]
    holed: bool = False
    changed: bool = False

    def holds(self, from_unix_s: float, until_unix_s: float) -> bool:
        """Whether a segment left at each of two Unix times (s): the ends of a burst."""
        return all(
            any(abs(at_s - end_s) <= _SAME_S for at_s, _, _ in self.segments)
            for end_s in (from_unix_s, until_unix_s)
        )

    def framing(self, from_unix_s: float, until_unix_s: float) -> int:
        """How many bytes between two Unix times (s), both included, only framed what else left."""
        low_s, high_s = from_unix_s - _SAME_S, until_unix_s + _SAME_S
        return sum(framing for at_s, _, framing in self.segments if low_s <= at_s <= high_s)


@dataclass(slots=True)
class _Gathered:
    """Of a connection of TCP."""

    segments: list[tuple[float, int, int]] = field(default_factory=list)
    content: list[tuple[bytes, float]] = field(default_factory=list)
    size: int = 0
    plain: PlainContent = field(default_factory=lambda: PlainContent(MOST_BYTES))

    def add(self, segment: Segment) -> None:
        self.segments.append((segment.unix_s, segment.size, segment.framing))
        self.size += len(segment.content)
        if self.size <= MOST_BYTES:
            self.content.append((segment.content, segment.unix_s))
        self.plain.add(segment)

    def connection(self, number: int, encrypted: bool, holed: bool) -> Connection:
        """What was sent, taken apart; `encrypted`: whether TLS records were seen either way."""
        plain, changed = self.plain.joined()
        sent = Timed.of(self.content if encrypted else plain)
        return Connection(number, tuple(self.segments), _taken_apart(sent), holed, changed)


@dataclass(slots=True)
class _Streams:
    """Of a connection of QUIC, between the same two addresses and ports."""

    segments: list[tuple[float, int, int]] = field(default_factory=list)
    streams: dict[int, Stream] = field(default_factory=dict)
    loose: list[tuple[bytes, float]] = field(default_factory=list)
    numbers: set[int] = field(default_factory=set)
    acknowledged: dict[int, int] = field(default_factory=dict)
    size: int = 0

    def add(self, sent: Datagram) -> None:
        again = 0
        self.numbers.update(sent.numbers)
        for part in sent.parts:
            self.size += len(part.content)
            if self.size <= MOST_BYTES:
                again += self.streams.setdefault(part.stream, Stream()).add(part, sent.unix_s)
        self.loose += [(content, sent.unix_s) for content in sent.loose]
        self.segments.append((sent.unix_s, sent.size, sent.framing + again))

    def acknowledge(self, sent: Datagram) -> None:
        for first, last in sent.acknowledged:
            self.acknowledged[first] = max(last, self.acknowledged.get(first, last))

    def is_holed(self) -> bool:
        """Whether a byte of a stream is missing, or a packet that arrived is not in the capture."""
        if any(missing for _, missing in (stream.joined() for stream in self.streams.values())):
            return True
        there = sorted(self.numbers)
        return any(
            bisect_right(there, last) - bisect_left(there, first) != last - first + 1
            for first, last in self.acknowledged.items()
        )

    def bodies(self) -> list[Body]:
        streams = {n: (stream.joined()[0], stream.ended) for n, stream in self.streams.items()}
        loose = [Body(Timed.of(self.loose))] if self.loose else []
        return http3.bodies(streams) + loose


@dataclass(slots=True)
class _Way:
    """Of UDP that is not QUIC, between the same two addresses and ports."""

    sent: list[tuple[float, bytes]] = field(default_factory=list)
    size: int = 0

    def add(self, datagram: Plain) -> None:
        self.size += len(datagram.content)
        # What is too much to be kept counts as sent, and as nothing that could be read.
        content = datagram.content if self.size <= MOST_BYTES else b""
        self.sent.append((datagram.unix_s, content))

    def connection(self, number: int) -> Connection:
        leaves, framing = rtp.read(self.sent)
        segments = zip(self.sent, framing, strict=True)
        sizes = tuple((unix_s, len(content), around) for (unix_s, content), around in segments)
        return Connection(number, sizes, tuple(leaves))


def read_connections(path: Path, device_address: str) -> tuple[Connection, ...]:
    """Every connection over which the device sent something: of TCP, of QUIC, other UDP.

    `device_address`: its IP address, or its MAC address. Raises `RigError` when tshark is missing
    or cannot read the capture.
    """
    return connections_of(packets(path, by_mac=is_mac(device_address)), device_address)


def connections_of(sent: Iterable[Packet], device_address: str) -> tuple[Connection, ...]:
    """The same from segments and datagrams."""
    gathered: dict[int, _Gathered] = {}
    ways: dict[int, _Way] = {}
    holed, encrypted = set[int](), set[int]()
    links: dict[tuple[int, int], _Streams] = {}
    for packet in sent:
        if isinstance(packet, Datagram):
            if packet.connection is not None:
                # A connection that moves is one for each of its links, so that none holds it all.
                link = links.setdefault((packet.connection, packet.link), _Streams())
                mine = packet.source == device_address
                link.add(packet) if mine else link.acknowledge(packet)
            continue
        if isinstance(packet, Plain):
            if packet.source == device_address:
                ways.setdefault(packet.link, _Way()).add(packet)
            continue
        if packet.tls:
            encrypted.add(packet.stream)
        if packet.lost:
            holed.add(packet.stream)
        if packet.source == device_address:
            gathered.setdefault(packet.stream, _Gathered()).add(packet)
    over_tcp = [
        found.connection(number, number in encrypted, number in holed)
        for number, found in sorted(gathered.items())
    ]
    first = max(gathered, default=-1) + 1
    over_quic = [
        Connection(number, tuple(link.segments), _leaves(link.bodies()), link.is_holed())
        for number, link in enumerate((k for k in links.values() if k.segments), first)
    ]
    first += len(over_quic)
    by_udp = [way.connection(number) for number, way in enumerate(ways.values(), first)]
    return (*over_tcp, *over_quic, *by_udp)


def _taken_apart(sent: Timed) -> tuple[Leaf, ...]:
    """What one direction of a connection of TCP carried."""
    if mqtt.speaks(sent):
        return mqtt.leaves(sent)
    if wyoming.speaks(sent) and not http1.speaks(sent):
        return wyoming.leaves(sent)
    is_http2 = sent.data.startswith(http2.PREFACE)
    return _leaves(http2.bodies(sent) if is_http2 else http1.bodies(sent))


def _leaves(bodies: Iterable[Body]) -> tuple[Leaf, ...]:
    return tuple(leaf for body in bodies if body.content.data for leaf in leaves(body))
