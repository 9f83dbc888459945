"""What was published over MQTT (3.1, 3.1.1 and 5), out of one direction of a connection.

Sound comes in many messages under one topic, so those of a topic belong together; some devices
send every piece as a sound file of its own. Heads that say the same as the one before, and number
their messages one by one, frame sound and say nothing; whatever else is sent excuses nothing.
"""

from dataclasses import dataclass, field, replace
from itertools import pairwise

from harness.wire.payload.body import Body
from harness.wire.payload.parts import Leaf
from harness.wire.payload.parts import leaves as parts_of
from harness.wire.payload.timed import Timed

_CONNECT, _PUBLISH = 1, 3
_NAMES = (b"\0\4MQTT", b"\0\6MQIsdp")
_WITH_PROPERTIES = 5
_AGAIN, _QUALITY = 0x08, 0x06
_MOST_TOPICS = 256
_WAVE_HEAD = 44


@dataclass(frozen=True, slots=True)
class _Packet:
    """A control packet: its first byte, its content, where it ends; `whole`: all of it is there."""

    first: int
    content: Timed
    end: int
    whole: bool

    @property
    def kind(self) -> int:
        return self.first >> 4


@dataclass(slots=True)
class _Topic:
    """What was published under one topic. `framing`: bytes that say nothing but that it is more."""

    parts: list[Timed] = field(default_factory=list)
    framing: int = 0
    whole: bool = True


def speaks(sent: Timed) -> bool:
    """Whether a connection begins as MQTT does."""
    packet = _packet(sent, 0)
    if packet is None or packet.kind != _CONNECT:
        return False
    return packet.content.data.startswith(_NAMES)


def leaves(sent: Timed) -> tuple[Leaf, ...]:
    """What each topic was sent, taken apart, and what could not be understood."""
    topics: dict[bytes, _Topic] = {}
    at, level, before, number = 0, 0, b"", 0
    other = list[Timed]()
    while (packet := _packet(sent, at)) is not None:
        begins, at = at, packet.end
        if packet.kind == _CONNECT:
            level = _level(packet.content)
        if packet.kind != _PUBLISH:
            continue
        published = _published(packet, level)
        if published is None or packet.first & _AGAIN or len(topics) >= _MOST_TOPICS:
            other.append(sent.cut(begins, at))
            continue
        head, name, message, payload = published
        topic = topics.setdefault(name, _Topic())
        topic.parts.append(payload)
        topic.whole &= packet.whole
        if head == before and message in (0, number + 1):
            topic.framing += 1 + _size_of(len(packet.content)) + len(packet.content) - len(payload)
        before, number = head, message
    other.append(sent.cut(at, len(sent)))
    found = [leaf for topic in topics.values() for leaf in _leaves(topic)]
    rest = Timed.joined(other)
    unread = Leaf(rest, len(rest), trouble="it is no message of MQTT, or one that is sent again")
    return (*found, unread) if rest.data else tuple(found)


def _leaves(topic: _Topic) -> list[Leaf]:
    """What a topic's messages hold, with the bytes that framed them."""
    kind, contents, heads = _plain_waves(topic.parts)
    content = Timed.joined(contents)
    if not content.data:
        return []
    first, *others = parts_of(Body(content, kind, whole=topic.whole))
    return [replace(first, wire=first.wire + topic.framing + heads), *others]


def _plain_waves(parts: list[Timed]) -> tuple[str, list[Timed], int]:
    """Pieces that are each a file of plain samples, without their heads; how long those were that
    repeat the one before. Others stay as they are.
    """
    heads = [part.data[:_WAVE_HEAD] for part in parts]
    if len(parts) < 2 or not all(_is_wave(part.data) for part in parts):
        return "", parts, 0
    channels, rate = heads[0][22], int.from_bytes(heads[0][24:28], "little")
    alike = sum(head == before for before, head in pairwise(heads))
    contents = [part.cut(_WAVE_HEAD, len(part)) for part in parts]
    return f"audio/L16; rate={rate}; channels={channels}", contents, alike * _WAVE_HEAD


def _is_wave(data: bytes) -> bool:
    """Whether it is a file of 16-bit samples and nothing else."""
    return (
        data[:4] == b"RIFF"
        and data[8:22] == b"WAVEfmt \x10\0\0\0\1\0"
        and data[34:40] == b"\x10\0data"
        and int.from_bytes(data[40:44], "little") == len(data) - _WAVE_HEAD
    )


def _published(packet: _Packet, level: int) -> tuple[bytes, bytes, int, Timed] | None:
    """Head without its number, topic, number (0 without one) and payload; None where it is none."""
    data = packet.content.data
    begins = 2 + int.from_bytes(data[:2], "big")
    topic, number = data[2:begins], 0
    at = begins
    if packet.first & _QUALITY:
        at += 2
        number = int.from_bytes(data[begins:at], "big")
    if level == _WITH_PROPERTIES:
        told = _length(data, at)
        if told is None:
            return None
        at = sum(told)
    if at > len(data) or not topic:
        return None
    head = bytes([packet.first]) + data[:begins] + data[begins + (2 if number else 0) : at]
    return head, topic, number, packet.content.cut(at, len(data))


def _level(content: Timed) -> int:
    """Which version a client says it speaks."""
    at = 2 + int.from_bytes(content.data[:2], "big")
    return content.data[at] if at < len(content) else 0


def _packet(sent: Timed, at: int) -> _Packet | None:
    told = _length(sent.data, at + 1)
    if told is None or not 0 < sent.data[at] >> 4 < 16:
        return None
    size, begins = told
    end = min(begins + size, len(sent))
    return _Packet(sent.data[at], sent.cut(begins, end), end, begins + size <= len(sent))


def _length(data: bytes, at: int) -> tuple[int, int] | None:
    """A length of one to four bytes, and where what it measures begins."""
    size = 0
    for place, byte in enumerate(data[at : at + 4]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return size, at + place + 1
    return None


def _size_of(length: int) -> int:
    """How many bytes a length takes."""
    return 1 if length < 1 << 7 else 2 if length < 1 << 14 else 3 if length < 1 << 21 else 4
