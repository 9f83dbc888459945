"""Ogg (RFC 3533): pages into packets; Opus (RFC 7845), Vorbis and FLAC in it."""

from collections.abc import Iterator
from dataclasses import replace

from harness.wire.payload.files.flac import open_flac
from harness.wire.payload.files.frames import Framed

OGG, _PAGE_HEAD = b"OggS", 27
_FLAC, _OPUS, _OPUS_TAGS, _VORBIS_TAGS = b"\x7fFLAC", b"OpusHead", b"OpusTags", b"\x03vorbis"
_BEFORE_FLAC = 9
_WHOLE = 255
_COUNTED, _IS_PADDED = 3, 0x40


def open_ogg(data: bytes) -> Framed:
    """An Ogg file by the packets of its first stream."""
    left, packets, part = list[bytes](), list[bytes](), bytearray()
    for page, is_first_stream in _pages(data):
        if not is_first_stream:
            left.append(page)
            continue
        at = _PAGE_HEAD + page[_PAGE_HEAD - 1]
        for size in page[_PAGE_HEAD:at]:
            part += page[at : at + size]
            at += size
            if size < _WHOLE:
                packets.append(bytes(part))
                part.clear()
    packets += [bytes(part)] if part else []
    first = packets[0] if packets else b""
    if first.startswith(_FLAC):
        inside = open_flac(first[_BEFORE_FLAC:] + b"".join(packets[1:]))
        return replace(inside, spare=b"".join(left) + inside.spare)
    left += [_spare(first, packet) for packet in packets[1:]]
    held_s = sum(map(_opus_s, packets[2:])) if first.startswith(_OPUS) else None
    return Framed(data, b"".join(left), held_s)


def _pages(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """Each page, and whether it is of the first stream; what is no page counts as of another."""
    at, serial = 0, data[14:18]
    while data.startswith(OGG, at) and at + _PAGE_HEAD <= len(data):
        lengths = data[at + _PAGE_HEAD : at + _PAGE_HEAD + data[at + _PAGE_HEAD - 1]]
        size = _PAGE_HEAD + len(lengths) + sum(lengths)
        yield data[at : at + size], data[at + 14 : at + 18] == serial
        at += size
    if at < len(data):
        yield data[at:], False


def _spare(first: bytes, packet: bytes) -> bytes:
    """What of a packet is no sound; `first`: the stream's first packet, which says its form."""
    if packet.startswith((_OPUS_TAGS, _VORBIS_TAGS)):
        return packet
    return packet[len(packet) - _padding(packet) :] if first.startswith(_OPUS) else b""


def _opus_s(packet: bytes) -> float:
    """How long the sound of a packet of Opus lasts (RFC 6716, 3.1)."""
    if not packet:
        return 0.0
    config, code = packet[0] >> 3, packet[0] & 0b11
    if config < 12:
        frame_s = (0.01, 0.02, 0.04, 0.06)[config & 0b11]
    elif config < 16:
        frame_s = (0.01, 0.02)[config & 1]
    else:
        frame_s = (0.0025, 0.005, 0.01, 0.02)[config & 0b11]
    counted = packet[1] & 0x3F if len(packet) > 1 else 0
    return frame_s * (1, 2, 2, counted)[code]


def _padding(packet: bytes) -> int:
    """How many bytes at the end of a packet of Opus are none of its frames' (RFC 6716, 3.2.5)."""
    if len(packet) < 3 or packet[0] & 0b11 != _COUNTED or not packet[1] & _IS_PADDED:
        return 0
    count = 0
    for said in packet[2:]:
        count += min(said, _WHOLE - 1)
        if said < _WHOLE:
            break
    return min(count, len(packet) - 2)
