"""Ogg (RFC 3533): pages into packets; Opus (RFC 7845), Vorbis and FLAC in it."""

from collections.abc import Iterator
from dataclasses import replace

from harness.wire.payload.files.flac import open_flac
from harness.wire.payload.files.frames import Framed
from harness.wire.payload.files.opus import OPUS_HEAD, OPUS_TAGS, is_packet, packet_s, padding

OGG, _PAGE_HEAD = b"OggS", 27
_FLAC, _VORBIS_TAGS = b"\x7fFLAC", b"\x03vorbis"
_BEFORE_FLAC = 9
_WHOLE = 255


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
    held_s = sum(map(packet_s, packets[2:])) if first.startswith(OPUS_HEAD) else None
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
    if packet.startswith((OPUS_TAGS, _VORBIS_TAGS)):
        return packet
    if not first.startswith(OPUS_HEAD):
        return b""
    return packet[len(packet) - padding(packet) :] if is_packet(packet) else packet
