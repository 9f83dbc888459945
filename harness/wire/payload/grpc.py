"""Messages of gRPC, and the fields of bytes in them, found without anybody's `.proto` file.

A body is messages, each behind its length; a message is fields, each behind its number and kind
(Protocol Buffers). What a field of bytes holds, text or bytes or another message, is not written
there: it is a message where every value that it has in the whole body can be read as one. Sound is
none, by accident: fields have to end where their lengths say so, to the byte, in every piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from harness.wire.payload.packed import unpacked
from harness.wire.payload.timed import Timed

_HEAD = 5
_PACKED, _PLAIN = 1, 0
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_LONGEST_VARINT = 10
_DEEPEST = 8
_MOST_MESSAGES = 200_000
_MOST_FIELDS = 500_000
_FIELD_FRAMING = 6
"""A field's number and length take no more, unless to hide something."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What a field held in all messages, one after the other.

    `path`: its number, below those of the fields that it is in. `framing`: how many bytes of the
    body framed it.
    """

    path: tuple[int, ...]
    content: Timed
    framing: int


@dataclass(frozen=True, slots=True)
class Fields:
    """All fields of bytes of a body, the longest first.

    `other`: bytes of the messages that are in none of them and frame none. `packed`: whether
    messages were compressed. `trouble`: why not all of it was read.
    """

    streams: tuple[Stream, ...]
    other: int
    packed: bool
    trouble: str = ""


@dataclass(slots=True)
class _Budget:
    """How many fields are still read: a body of tiny ones would take all memory."""

    left: int = _MOST_FIELDS


@dataclass(frozen=True, slots=True)
class _Value:
    """A field's value, and how many bytes lead to it from the value before."""

    content: Timed
    framing: int


def fields(content: Timed, most: int) -> Fields | None:
    """Those of a body; None where it is no gRPC. `most`: as in `packed.unpacked`."""
    framed = _messages(content)
    if framed is None:
        return None
    plain, is_packed, left, trouble = list[_Value](), False, most, ""
    for flag, message in framed:
        if flag == _PACKED:
            is_packed = True
            found = unpacked(message, _encoding(message), left)
            if found is None or found.trouble or found.used != len(message):
                trouble = (found.trouble if found else "") or "a message cannot be unpacked"
                continue
            message = found.content
            left -= len(message)
        plain.append(_Value(message, _HEAD))
    streams = _streams([value for value in plain if value.content.data], (), _Budget())
    if not streams:
        return None
    ordered = sorted(streams, key=lambda stream: -len(stream.content))
    read = sum(len(stream.content) + stream.framing for stream in streams)
    whole = sum(len(value.content) + value.framing for value in plain)
    return Fields(tuple(ordered), max(0, whole - read), is_packed, trouble)


def _encoding(message: Timed) -> str:
    """What gRPC calls deflate has zlib's head; what has none may be Brotli, which is tried."""
    return "deflate" if message.data[:1] == b"\x78" else ""


def _messages(content: Timed) -> list[tuple[int, Timed]] | None:
    """Each message with its flag; None unless they fill the body, but for one that is cut short."""
    found, at, data = list[tuple[int, Timed]](), 0, content.data
    while at + _HEAD <= len(data):
        flag, size = data[at], int.from_bytes(data[at + 1 : at + _HEAD], "big")
        if flag not in (_PLAIN, _PACKED) or len(found) >= _MOST_MESSAGES:
            return None
        begins = at + _HEAD
        at = begins + size
        if at <= len(data):
            found.append((flag, content.cut(begins, at)))
    return found or None


def _streams(
    messages: Sequence[_Value], path: tuple[int, ...], budget: _Budget
) -> list[Stream] | None:
    """The fields of bytes of messages of one kind; None where not all of them are messages."""
    values: dict[int, list[_Value]] = {}
    for message in messages:
        parts = _fields(message, budget)
        if parts is None:
            return None
        for number, value in parts:
            values.setdefault(number, []).append(value)
    found: list[Stream] = []
    for number, each in values.items():
        here = (*path, number)
        full = [value for value in each if value.content.data]
        inner = _streams(full, here, budget) if len(here) < _DEEPEST and full else None
        if inner is None:
            content = Timed.joined([value.content for value in full])
            found.append(Stream(here, content, sum(value.framing for value in full)))
        else:
            found += inner
    return found


def _fields(message: _Value, budget: _Budget) -> list[tuple[int, _Value]] | None:
    """The fields of bytes of a message, with their numbers; None where it is none, or too long."""
    found, at, data = list[tuple[int, _Value]](), 0, message.content.data
    around = message.framing
    while at < len(data):
        tag = _varint(data, at)
        budget.left -= 1
        if tag is None or budget.left < 0:
            return None
        number, kind, begins = tag[0] >> 3, tag[0] & 7, tag[1]
        until: int | None = None
        if kind == _VARINT:
            value = _varint(data, begins)
            until = None if value is None else value[1]
        elif kind in (_FIXED64, _FIXED32):
            until = begins + (8 if kind == _FIXED64 else 4)
        elif kind == _BYTES and (size := _varint(data, begins)) is not None:
            begins, until = size[1], size[1] + size[0]
        if until is None or until > len(data) or not 0 < number < 1 << 29:
            return None
        if kind == _BYTES:
            around += min(begins - at, _FIELD_FRAMING)
            found.append((number, _Value(message.content.cut(begins, until), around)))
            around = 0
        at = until
    return found


def _varint(data: bytes, at: int) -> tuple[int, int] | None:
    """A number as Protocol Buffers write it, and where what follows begins."""
    value = 0
    for place, byte in enumerate(data[at : at + _LONGEST_VARINT]):
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at + place + 1
    return None
