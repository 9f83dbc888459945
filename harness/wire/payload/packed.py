"""What a sender compressed, unpacked: gzip, deflate, Brotli, Zstandard; bounded, each byte with its
time.

A compression bomb costs the limit that is given, and is said to be unread. Heads of HTTP/2 and
HTTP/3 are not read, so that the encoding of most bodies is not known: gzip and Zstandard say
themselves what they are, and what unpacks to its very end and leaves nothing over was packed. Sound
is not, by accident.
"""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from harness.wire.payload.timed import Timed

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_BROTLI, _ZSTD = "br", "zstd"
_ENCODINGS = ("deflate", "gzip", "x-gzip", _BROTLI, _ZSTD)
_MOST_MEMBERS = 1000
"""Of a body of many packed files one after the other, so many are unpacked."""
_STEP = 1 << 20
_BY_CHANCE = 64
"""Less may unpack without having been packed."""
_GZIP_HEAD, _EXTRA, _NAME, _COMMENT = 10, 0x04, 0x08, 0x10
_ZSTD_WINDOW = 23
"""8 MiB, more than which no body may ask of its reader (RFC 9659)."""


@dataclass(frozen=True, slots=True)
class Unpacked:
    """What was unpacked. `used`: of how many packed bytes, from the first on; what lies beyond is
    something else. `trouble`: why it ended there, empty where it was at its end. `is_bomb`: because
    there is more than is unpacked. `spare`: how many of those used are none of the content's, such
    as the name of a file.
    """

    content: Timed
    used: int
    trouble: str = ""
    is_bomb: bool = False
    spare: int = 0


_FLUSHED = b"\0\0\xff\xff"
"""A packed message ends so; it is not sent."""


class _Machine(Protocol):
    """Unpacks one stream."""

    def feed(self, data: bytes, most: int) -> bytes:
        """About `most` bytes at most (64 kB beyond); `ValueError` where it is no such thing."""

    def over(self) -> int | None:
        """How many of the bytes fed lie beyond the end; None where it has not come."""


def unpacked(content: Timed, encoding: str, most: int) -> Unpacked | None:
    """The content without the encoding that is claimed, or that it has; None where it has none.

    `most`: so many bytes are unpacked at most; where there are more, none are given.
    """
    if content.data.startswith(GZIP):
        return _members(content, GZIP, lambda: _Zlib(zlib.MAX_WBITS | 16), most)
    if content.data.startswith(ZSTD):
        if _zstd() is None:
            return Unpacked(Timed(), 0, "its encoding “zstd” needs the package backports.zstd")
        return _members(content, ZSTD, _zstd, most)
    if encoding in ("", "identity"):
        return _guessed(content, most)
    if encoding not in _ENCODINGS:
        return Unpacked(Timed(), 0, f"its encoding “{encoding[:20]}” is not read")
    if encoding == _BROTLI:
        made = _brotli()
        if made is None:
            return Unpacked(Timed(), 0, "its encoding “br” needs the package brotli to be read")
        return _run(content, made, most)
    if encoding == _ZSTD:
        return Unpacked(Timed(), 0, "it is said to be Zstandard, and does not begin so")
    return _run(content, _Zlib(_deflate_bits(content.data)), most)


class Messages:
    """Unpacks messages that are packed one after the other as one stream (RFC 7692)."""

    def __init__(self, most: int) -> None:
        """`most`: so many bytes are unpacked at most, of all together."""
        self._machine, self._left = _Zlib(-zlib.MAX_WBITS), most

    def unpacked(self, message: Timed) -> Timed | None:
        """The next message; None where it cannot be unpacked, nor any that follows."""
        if not message.data:
            return message
        tail = Timed.of([(_FLUSHED, message.until_unix_s)])
        found = _run(Timed.joined([message, tail]), self._machine, self._left)
        if found.is_bomb or found.used < len(message):
            self._left = -1
            return None
        self._left -= len(found.content)
        if not found.trouble:  # it ended its stream, and the next begins another
            self._machine = _Zlib(-zlib.MAX_WBITS)
        return found.content


def _guessed(content: Timed, most: int) -> Unpacked | None:
    """The content of what unpacks to its very end; None where nothing does."""
    if len(content) < _BY_CHANCE:
        return None
    brotli = _brotli()
    machines = [_Zlib(_deflate_bits(content.data)), *([brotli] if brotli else [])]
    for machine in machines:
        found = _run(content, machine, most)
        if found.is_bomb or (not found.trouble and found.used == len(content)):
            return found
    return None


def _members(
    content: Timed, magic: bytes, made: Callable[[], "_Machine | None"], most: int
) -> Unpacked:
    """Packed files one after the other, as gzip and Zstandard allow.

    A frame of Zstandard that decoders skip does not begin with the magic, so it ends the reading.
    """
    parts, used, spare, trouble = list[Timed](), 0, 0, ""
    for _ in range(_MOST_MEMBERS):
        left = most - sum(map(len, parts))
        machine = made()
        assert machine is not None
        spare += _gzip_names(content.data, used) if magic == GZIP else 0
        found = _run(content.cut(used, len(content)), machine, left)
        if found.is_bomb:
            return Unpacked(Timed(), 0, found.trouble)
        parts.append(found.content)
        used, trouble = used + found.used, found.trouble
        if trouble or not content.data.startswith(magic, used):
            break
    return Unpacked(Timed.joined(parts), used, trouble, spare=min(spare, used))


def _gzip_names(data: bytes, at: int) -> int:
    """How many bytes the head of the gzip file at `at` has beyond the first ten (RFC 1952): what it
    says of the file's name and the like.
    """
    flags = data[at + 3] if at + 3 < len(data) else 0
    end = at + _GZIP_HEAD
    if flags & _EXTRA:
        end += 2 + int.from_bytes(data[end : end + 2], "little")
    for flag in (_NAME, _COMMENT):
        if flags & flag:
            end = data.find(b"\0", end) + 1 or len(data)
    return min(end, len(data)) - at - _GZIP_HEAD if end > at + _GZIP_HEAD else 0


def _run(content: Timed, machine: _Machine, most: int) -> Unpacked:
    """One stream, piece by piece as it left, so that times are kept."""
    pieces, total, at = list[tuple[bytes, float]](), 0, 0
    for count, at_s in content.marks:
        for begins in range(at, count, _STEP):
            until = min(begins + _STEP, count)
            try:
                more = machine.feed(content.data[begins:until], most + 1 - total)
            except ValueError as error:
                return Unpacked(Timed.of(pieces), begins, f"it cannot be unpacked ({error})")
            pieces.append((more, at_s))
            total += len(more)
            if total > most:
                why = f"it unpacks to more than {most} bytes"
                return Unpacked(Timed(), len(content), why, is_bomb=True)
            over = machine.over()
            if over is not None:
                return Unpacked(Timed.of(pieces), until - over)
        at = count
    return Unpacked(Timed.of(pieces), len(content), "its end is missing")


def _deflate_bits(data: bytes) -> int:
    """With a head of its own (zlib), or without."""
    return zlib.MAX_WBITS if data[:1] == b"\x78" else -zlib.MAX_WBITS


class _Zlib:
    def __init__(self, bits: int) -> None:
        self._machine = zlib.decompressobj(bits)

    def feed(self, data: bytes, most: int) -> bytes:
        try:
            return self._machine.decompress(data, most)
        except zlib.error as error:
            raise ValueError(str(error)) from error

    def over(self) -> int | None:
        return len(self._machine.unused_data) if self._machine.eof else None


def _brotli() -> _Machine | None:
    """None where the package is not installed."""
    try:
        import brotli
    except ImportError:
        return None

    class Brotli:
        def __init__(self) -> None:
            self._machine = brotli.Decompressor()

        def feed(self, data: bytes, most: int) -> bytes:
            try:
                parts = [self._machine.process(data, output_buffer_limit=most)]
                size = len(parts[0])
                while size < most and not self._machine.can_accept_more_data():
                    parts.append(self._machine.process(b"", output_buffer_limit=most - size))
                    size += len(parts[-1])
            except brotli.error as error:
                raise ValueError(str(error)) from error
            return b"".join(parts)

        def over(self) -> int | None:
            return 0 if self._machine.is_finished() else None

    return Brotli()


def _zstd() -> _Machine | None:
    """None where the package is not installed."""
    try:
        from backports import zstd
    except ImportError:
        return None

    class Zstandard:
        def __init__(self) -> None:
            limits: dict[int, int] = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW}
            self._machine = zstd.ZstdDecompressor(options=limits)

        def feed(self, data: bytes, most: int) -> bytes:
            try:
                return bytes(self._machine.decompress(data, most))
            except zstd.ZstdError as error:
                raise ValueError(str(error)) from error

        def over(self) -> int | None:
            return len(self._machine.unused_data) if self._machine.eof else None

    return Zstandard()
