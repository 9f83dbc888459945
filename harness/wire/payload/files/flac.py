"""FLAC (RFC 9639): blocks of metadata, then frames, each with a sum over its head and over all."""

import re

from harness.wire.payload.files.frames import Framed

FLAC = b"fLaC"
_STREAM_INFO, _BLOCK_HEAD, _INFO_BYTES, _COUNT_BITS = 0, 4, 34, 36
_LAST_INFO = bytes([0x80]) + _INFO_BYTES.to_bytes(3)
_SYNC = re.compile(rb"\xff[\xf8\xf9]")
"""Frames of a fixed number of samples, and of one that varies."""
_MOST_LOST = 64
"""After so many heads without a frame nothing more is looked for: each costs a megabyte's sum."""
_LONGEST_HEAD = 16
_SIZE_BYTES, _RATE_BYTES = {6: 1, 7: 2}, {12: 1, 13: 2, 14: 2}
"""So many bytes of a head say the size or the rate, for these of the short codes."""
_LONGEST_FRAME = 1 << 20
"""65,535 samples of eight channels in plain form."""


def _table(polynomial: int, bits: int) -> tuple[int, ...]:
    found = []
    for byte in range(256):
        value = byte << (bits - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial if value >> (bits - 1) else 0)
            value &= (1 << bits) - 1
        found.append(value)
    return tuple(found)


_CRC_8, _CRC_16 = _table(0x07, 8), _table(0x8005, 16)


def open_flac(data: bytes) -> Framed:
    """A FLAC file by its frames. What its head says of its length is not believed."""
    left, info, at, last = list[bytes](), b"", len(FLAC), False
    while not last and at + _BLOCK_HEAD <= len(data):
        last, kind = bool(data[at] & 0x80), data[at] & 0x7F
        end = at + _BLOCK_HEAD + int.from_bytes(data[at + 1 : at + _BLOCK_HEAD])
        if kind == _STREAM_INFO and not info:
            info = data[at + _BLOCK_HEAD : end]
        else:
            left.append(data[at:end])
        at = end
    frames, rest = frames_of(data[at:])
    spare = b"".join(left) + rest
    if len(info) != _INFO_BYTES:
        return Framed(b"", data)
    count = sum(_samples(frame) for frame in frames)
    rate_hz = int.from_bytes(info[10:13]) >> 4
    fields = (int.from_bytes(info[10:18]) >> _COUNT_BITS << _COUNT_BITS | count).to_bytes(8)
    # Without the sum over all samples: it is of those that the head claims.
    head = FLAC + _LAST_INFO + info[:10] + fields + bytes(16)
    return Framed(head + b"".join(frames), spare, count / rate_hz if rate_hz else None)


def frames_of(data: bytes) -> tuple[list[bytes], bytes]:
    """The frames of FLAC in `data`, and what of it is none.

    A frame ends where the next begins, or the data, and the sum over it holds.
    """
    frames, left, start, lost = list[bytes](), list[bytes](), 0, 0
    while start < len(data) and lost < _MOST_LOST:
        end = _end_of_frame(data, start) if _begins_frame(data, start) else None
        if end is None:
            lost += 1
            end = _next_frame(data, start + 1)
            left.append(data[start:end])
        else:
            frames.append(data[start:end])
        start = end
    return frames, b"".join((*left, data[start:]))


def _end_of_frame(data: bytes, start: int) -> int | None:
    """Where the frame at `start` ends; None where no frame after it, nor the end, fits its sum."""
    at, crc = start, 0
    while at < len(data):
        end = _next_frame(data, at + 1)
        for byte in data[at:end]:
            crc = (crc << 8 & 0xFFFF) ^ _CRC_16[crc >> 8 ^ byte]
        if crc == 0:
            return end
        at = end
        if at - start > _LONGEST_FRAME:
            return None
    return None


def _next_frame(data: bytes, start: int) -> int:
    """Where the next head of a frame stands, at `start` or later; the end where there is none."""
    for sync in _SYNC.finditer(data, start):
        if _begins_frame(data, sync.start()):
            return sync.start()
    return len(data)


def _begins_frame(data: bytes, at: int) -> bool:
    """Whether a head of a frame stands at `at`: it is well formed, and its own sum holds."""
    head = data[at : at + _LONGEST_HEAD]
    if len(head) < 6 or not _SYNC.match(head) or head[3] & 1:
        return False
    size, rate, number = head[2] >> 4, head[2] & 0x0F, _length_of_number(head[4])
    if size == 0 or rate == 0x0F or number == 0:
        return False
    end = 4 + number + _SIZE_BYTES.get(size, 0) + _RATE_BYTES.get(rate, 0)
    if end >= len(head):
        return False
    crc = 0
    for byte in head[:end]:
        crc = _CRC_8[crc ^ byte]
    return crc == head[end]


def _samples(frame: bytes) -> int:
    """How many samples of each channel a frame holds."""
    size = frame[2] >> 4
    at = 4 + _length_of_number(frame[4])
    if size in _SIZE_BYTES:
        return int.from_bytes(frame[at : at + _SIZE_BYTES[size]]) + 1
    return 192 if size == 1 else 576 << (size - 2) if size < 6 else 256 << (size - 8)


def _length_of_number(first: int) -> int:
    """Bytes of the number that begins so: as UTF-8, but up to seven; 0 where none begins so."""
    ones = 8 - (first ^ 0xFF).bit_length()
    return {0: 1, 1: 0, 8: 0}.get(ones, ones)
