"""A capture with its keys into what each of the device's connections carried."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.wire.payload import http1, http2, wyoming
from harness.wire.payload.parts import Leaf, leaves
from harness.wire.payload.plain import PlainContent
from harness.wire.payload.timed import Timed
from harness.wire.payload.tshark import Segment, segments

MOST_BYTES = 256 << 20
"""Of one connection no more than this is read; what lies beyond counts as unread."""
_SAME_S = 1e-6


@dataclass(frozen=True, slots=True)
class Connection:
    """What the device sent over one connection.

    `segments`: (Unix time in s, bytes, TLS records that ended in it), in order of time. `leaves`:
    what its requests carried, taken apart as far as it goes. `holed`: the capture misses packets of
    it, so that nobody knows what else was sent.
    """

    number: int
    segments: tuple[tuple[float, int, int], ...]
    leaves: tuple[Leaf, ...]
    holed: bool = False

    def holds(self, from_unix_s: float, until_unix_s: float) -> bool:
        """Whether a segment left at each of two Unix times (s): the ends of a burst."""
        return all(
            any(abs(at_s - end_s) <= _SAME_S for at_s, _, _ in self.segments)
            for end_s in (from_unix_s, until_unix_s)
        )

    def records(self, from_unix_s: float, until_unix_s: float) -> int:
        """How many TLS records left between two Unix times (s), both included."""
        low_s, high_s = from_unix_s - _SAME_S, until_unix_s + _SAME_S
        return sum(records for at_s, _, records in self.segments if low_s <= at_s <= high_s)


@dataclass(slots=True)
class _Gathered:
    segments: list[tuple[float, int, int]] = field(default_factory=list)
    content: list[tuple[bytes, float]] = field(default_factory=list)
    size: int = 0
    plain: PlainContent = field(default_factory=lambda: PlainContent(MOST_BYTES))

    def add(self, segment: Segment) -> None:
        self.segments.append((segment.unix_s, segment.size, segment.records))
        self.size += len(segment.content)
        if self.size <= MOST_BYTES:
            self.content.append((segment.content, segment.unix_s))
        self.plain.add(segment)

    def sent(self, encrypted: bool) -> Timed:
        return Timed.of(self.content if encrypted else self.plain.pieces())


def read_connections(path: Path, device_address: str) -> tuple[Connection, ...]:
    """Every connection over which the device sent something, in the order of their numbers.

    Raises `RigError` when tshark is missing or cannot read the capture.
    """
    return connections_of(segments(path), device_address)


def connections_of(sent: Iterable[Segment], device_address: str) -> tuple[Connection, ...]:
    """The same from segments."""
    gathered: dict[int, _Gathered] = {}
    holed, encrypted = set[int](), set[int]()
    for segment in sent:
        if segment.records:
            encrypted.add(segment.stream)
        if segment.lost:
            holed.add(segment.stream)
        if segment.source == device_address:
            gathered.setdefault(segment.stream, _Gathered()).add(segment)
    return tuple(
        Connection(
            number,
            tuple(found.segments),
            _leaves(found.sent(number in encrypted)),
            number in holed,
        )
        for number, found in sorted(gathered.items())
    )


def _leaves(sent: Timed) -> tuple[Leaf, ...]:
    if wyoming.speaks(sent):
        return wyoming.leaves(sent)
    bodies = http2.bodies(sent) if sent.data.startswith(http2.PREFACE) else http1.bodies(sent)
    return tuple(leaf for body in bodies if body.content.data for leaf in leaves(body))
