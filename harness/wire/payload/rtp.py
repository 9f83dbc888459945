"""Sound in plain RTP (RFC 3550), out of the datagrams that a device sent by one way.

No port and no number of a payload says surely that something is RTP, or in which form its sound is.
So a stream is what looks like one: packets of version 2 with one source and one payload type, whose
numbers go on by one, and whose time goes on by the same step or by each packet's own length. What
form a packet has these say, and in the end the microphone does. A stream that is encrypted (SRTP)
looks the same, and its sound is none that was heard.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from harness.wire.payload.files.opus import RATE_HZ as OPUS_HZ
from harness.wire.payload.files.opus import is_packet, nothing_like, ogg_of, packet_s
from harness.wire.payload.parts import Leaf
from harness.wire.payload.timed import Timed

_HEAD = 12
_VERSION, _PADDED, _EXTENDED, _SOURCES = 2, 0x20, 0x10, 0x0F
_REPORTS = range(192, 224)
_LEAST_PACKETS = 10
_ALIKE = 0.9
"""So many of a stream's steps must be alike, in number and in time."""
_PAUSE_S, _MOST_MISSING = 0.5, 50
_FIXED = {
    0: ("audio/PCMU", 1),
    8: ("audio/PCMA", 1),
    9: ("audio/G722", 1),
    10: ("audio/L16; rate=44100; channels=2", 4),
    11: ("audio/L16; rate=44100", 2),
}
"""Payload types that mean one form, with its bytes a tick (RFC 3551)."""
_UNNAMED = {1: "audio/PCMU", 2: "audio/L16", 4: "audio/L16; channels=2"}
_SAMPLES = tuple(_UNNAMED)
_NO_SOUND = {"audio/PCMU": b"\xff", "audio/PCMA": b"\xd5"}
Datagram = tuple[float, bytes]


@dataclass(frozen=True, slots=True)
class Packet:
    """A packet of RTP. `at`: its datagram's place. `number`, `stamp`: counted on beyond their 16
    and 32 bits. `spare`: bytes of the datagram that are neither its payload nor the usual head.
    """

    at: int
    unix_s: float
    number: int
    stamp: int
    payload: bytes
    spare: int


@dataclass(slots=True)
class Stream:
    """The packets of one source and payload type, each number once, in the order of numbers.

    `late`: how many came after one with a higher number; `again`: those that came twice, byte for
    byte; `other`: places of datagrams under a number that was there with something else.
    """

    packets: list[Packet] = field(default_factory=list)
    late: int = 0
    again: list[int] = field(default_factory=list)
    other: list[int] = field(default_factory=list)

    @property
    def missing(self) -> int:
        """How many numbers between the first and the last are not there."""
        if not self.packets:
            return 0
        return self.packets[-1].number - self.packets[0].number + 1 - len(self.packets)

    @property
    def step(self) -> int:
        """How far time goes on from a packet to the next; 0 where that is not the same for most."""
        return self._usual(self._steps(), _ALIKE)

    @property
    def per_tick(self) -> int:
        """How many bytes go with each tick of time, where they are samples of one size; else 0."""
        steps = self._steps()
        ratios = [len(before.payload) / ticks if ticks else 0.0 for before, ticks in steps]
        found = self._usual(list(zip((b for b, _ in steps), ratios, strict=True)), _ALIKE)
        return found if found in _SAMPLES else 0

    @property
    def is_one(self) -> bool:
        """Whether it looks like a stream, not like something else whose bytes happen to fit."""
        by_one = len(self._steps())
        enough = len(self.packets) >= _LEAST_PACKETS
        alike = enough and by_one >= _ALIKE * (len(self.packets) - 1)
        return alike and (self.per_tick > 0 or self.step > 0)

    def _steps(self) -> list[tuple[Packet, float]]:
        """Each packet after which the next number came, and how far its time was then."""
        pairs = pairwise(self.packets)
        return [(a, b.stamp - a.stamp) for a, b in pairs if b.number - a.number == 1]

    @staticmethod
    def _usual(counts: Sequence[tuple[Packet, float]], share: float) -> int:
        """What most are, if it is a whole number above 0 and so large a share are the same."""
        if not counts:
            return 0
        (value, count), *_ = Counter(value for _, value in counts).most_common(1)
        return int(value) if count >= share * len(counts) and value > 0 and value % 1 == 0 else 0

    @property
    def note(self) -> str:
        """What became of its packets on the way, in words."""
        return (
            f"RTP: {len(self.packets)} packets, {self.missing} missing, {self.late} late, "
            f"{len(self.again)} twice"
        )


def read(sent: Sequence[Datagram]) -> tuple[list[Leaf], list[int]]:
    """The sound of all streams, what is in no stream as one leaf, and how many bytes of each
    datagram are none but a usual head or a repetition.

    `sent`: datagrams of one way, each with its Unix time (s), in the order captured.
    """
    found, framing, loose = list[Leaf](), [0] * len(sent), set(range(len(sent)))
    for kind, stream in _streams(sent):
        if not stream.is_one:
            continue
        loose.difference_update(packet.at for packet in stream.packets)
        loose.difference_update(stream.again)
        found += _leaves(kind, stream)
        for packet in stream.packets:
            framing[packet.at] = _HEAD
        for place in stream.again:
            framing[place] = len(sent[place][1])
    rest = Timed.of([(sent[at][1], sent[at][0]) for at in sorted(loose)])
    return [*found, Leaf(rest, len(rest))] if rest.data else found, framing


def _streams(sent: Sequence[Datagram]) -> list[tuple[int, Stream]]:
    """By payload type, and by source."""
    sources: dict[tuple[bytes, int], list[Packet]] = {}
    for at, (unix_s, data) in enumerate(sent):
        packet = _packet(at, unix_s, data)
        if packet is not None:
            sources.setdefault((data[8:12], data[1] & 0x7F), []).append(packet)
    return [(kind, _stream(packets)) for (_, kind), packets in sources.items()]


def _packet(at: int, unix_s: float, data: bytes) -> Packet | None:
    if len(data) <= _HEAD or data[0] >> 6 != _VERSION or data[1] in _REPORTS:
        return None
    begins = _HEAD + 4 * (data[0] & _SOURCES)
    if data[0] & _EXTENDED:
        begins += 4 + 4 * int.from_bytes(data[begins + 2 : begins + 4])
    end = len(data) - (data[-1] if data[0] & _PADDED else 0)
    if begins >= end:
        return None
    spare = len(data) - (end - begins) - _HEAD
    number, stamp = int.from_bytes(data[2:4]), int.from_bytes(data[4:8])
    return Packet(at, unix_s, number, stamp, data[begins:end], spare)


def _stream(packets: Sequence[Packet]) -> Stream:
    """Packets in order of their numbers, which go round at 16 bits, as their time does at 32."""
    stream, there, highest = Stream(), dict[int, Packet](), packets[0].number
    stamp = packets[0].stamp
    for packet in packets:
        number = highest + _nearest(packet.number - highest, 16)
        stamp += _nearest(packet.stamp - stamp, 32)
        counted = Packet(packet.at, packet.unix_s, number, stamp, packet.payload, packet.spare)
        known = there.setdefault(number, counted)
        if known is not counted:
            same = (known.payload, known.stamp, known.spare) == (packet.payload, stamp, 0)
            (stream.again if same else stream.other).append(packet.at)
            continue
        stream.late += number < highest
        highest = max(highest, number)
    stream.packets = [there[number] for number in sorted(there)]
    return stream


def _nearest(difference: int, bits: int) -> int:
    """A difference of two numbers that go round, as small as it can be."""
    half = 1 << (bits - 1)
    return (difference + half) % (1 << bits) - half


def _leaves(kind: int, stream: Stream) -> list[Leaf]:
    """A leaf for each stretch without a pause: what came later is another upload's."""
    clock = _Clock(stream.step, stream.per_tick)
    stretches = [[stream.packets[0]]]
    for before, packet in pairwise(stream.packets):
        is_pause = packet.unix_s - before.unix_s > _PAUSE_S
        if is_pause or not -1 < clock.missing(before, packet) <= _MOST_MISSING:
            stretches.append([])
        stretches[-1].append(packet)
    return [_leaf(kind, clock, stretch, stream.note) for stretch in stretches]


@dataclass(frozen=True, slots=True)
class _Clock:
    """How a stream's time goes on: by `step` each packet, or by its bytes, so many a tick."""

    step: int
    per_tick: int

    def missing(self, before: Packet, packet: Packet) -> float:
        """How many packets like the one before are missing between two."""
        step = len(before.payload) / self.per_tick if self.per_tick else self.step
        return (packet.stamp - before.stamp) / step - 1

    def filling(self, before: Packet, packet: Packet, nothing: bytes) -> bytes:
        """Bytes of `nothing` for the time that went by between two."""
        return nothing * round(len(before.payload) * max(0.0, self.missing(before, packet)))


def _leaf(kind: int, clock: _Clock, packets: Sequence[Packet], note: str) -> Leaf:
    """A stretch, with silence for what is missing in it."""
    wire = sum(len(packet.payload) for packet in packets)
    if not clock.per_tick and _is_opus(packets, clock.step):
        # What is no packet of Opus stands in none of its pages, and excuses nothing.
        wire = sum(len(packet.payload) for packet in packets if is_packet(packet.payload))
        return Leaf(_opus(packets, clock), wire, "audio/ogg", note=note)
    claimed = _kind(kind, clock.per_tick)
    nothing = _NO_SOUND.get(claimed, b"\0") if clock.per_tick else b""
    pieces = [(packets[0].payload, packets[0].unix_s)]
    for before, packet in pairwise(packets):
        pieces.append((clock.filling(before, packet, nothing), packet.unix_s))
        pieces.append((packet.payload, packet.unix_s))
    return Leaf(Timed.of(pieces), wire, claimed, note=note)


def _kind(kind: int, per_tick: int) -> str:
    """The form of samples by the number of their payload type, if that fits; else by their size."""
    fixed, size = _FIXED.get(kind, ("", 0))
    if size == per_tick:
        return fixed
    return _UNNAMED.get(per_tick, "")


def _is_opus(packets: Sequence[Packet], step: int) -> bool:
    """Whether the sound that packets of Opus would hold is as long as their steps of time."""
    sounds = (packet.payload for packet in packets if is_packet(packet.payload))
    fits = sum(round(packet_s(payload) * OPUS_HZ) == step for payload in sounds)
    return fits >= _ALIKE * len(packets)


def _opus(packets: Sequence[Packet], clock: _Clock) -> Timed:
    """An Ogg file of packets of Opus; for each one that is missing, one that holds nothing."""
    filled = [(packets[0].payload, packets[0].unix_s)]
    for before, packet in pairwise(packets):
        count = round(clock.missing(before, packet))
        filled += [(nothing_like(before.payload), packet.unix_s)] * count
        filled.append((packet.payload, packet.unix_s))
    pages = ogg_of(payload for payload, _ in filled)
    times = [filled[0][1], *(unix_s for _, unix_s in filled)]
    return Timed.of(list(zip(pages, times, strict=True)))
