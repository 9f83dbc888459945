"""Packets of Opus (RFC 6716), and an Ogg file of them (RFC 7845), which decoders can read."""

from collections.abc import Iterable, Sequence

RATE_HZ = 48_000
"""Opus counts its samples at this rate, whatever was put in."""
OPUS_HEAD, OPUS_TAGS = b"OpusHead", b"OpusTags"
_LEAD = 312
"""An encoder of speech puts so many samples before the first: 6.5 ms (libopus)."""
_COUNTED, _IS_PADDED, _IS_STEREO = 3, 0x40, 0x04
_WHOLE = 255
_LONGEST_S, _LONGEST_FRAME = 0.12, 1275
_FIRST, _LAST = 2, 4
_SERIAL = (1).to_bytes(4, "little")


def packet_s(packet: bytes) -> float:
    """How long the sound of a packet lasts (RFC 6716, 3.1), 0 where it is none."""
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


def padding(packet: bytes) -> int:
    """How many bytes at the end of a packet are none of its frames' (RFC 6716, 3.2.5)."""
    if len(packet) < 3 or packet[0] & 0b11 != _COUNTED or not packet[1] & _IS_PADDED:
        return 0
    count = 0
    for said in packet[2:]:
        count += min(said, _WHOLE - 1)
        if said < _WHOLE:
            break
    return min(count, len(packet) - 2)


def nothing_like(packet: bytes) -> bytes:
    """A packet as long as `packet`, for one that was lost: frames of no bytes are filled in."""
    return bytes([packet[0] & 0xFC]) if packet_s(packet[:1]) else b""


def ogg_of(packets: Iterable[bytes]) -> list[bytes]:
    """The pages of an Ogg file: its two heads, then one for each packet.

    What is no packet gets no page.
    """
    kept = [packet if is_packet(packet) else b"" for packet in packets]
    channels = 2 if any(packet and packet[0] & _IS_STEREO for packet in kept) else 1
    head = OPUS_HEAD + bytes([1, channels]) + _LEAD.to_bytes(2, "little")
    head += RATE_HZ.to_bytes(4, "little") + bytes(3)
    tags = OPUS_TAGS + bytes(8)
    pages, played = [page_of(head, 0, 0, _FIRST) + page_of(tags, 1, 0, 0)], 0
    for number, packet in enumerate(kept, 2):
        if not packet:
            pages.append(b"")
            continue
        played += round(packet_s(packet) * RATE_HZ)
        last = _LAST if number == len(kept) + 1 else 0
        pages.append(page_of(packet, number, played, last))
    return pages


def is_packet(packet: bytes) -> bool:
    """Whether it is well formed (RFC 6716, 3.4), as far as no decoder is needed to tell."""
    if not 0 < packet_s(packet) <= _LONGEST_S + 1e-9:
        return False
    code, size = packet[0] & 0b11, len(packet) - 1
    if size >= _WHOLE * _WHOLE - 1:
        return False  # more than a page of Ogg holds
    if code == 0:
        return size <= _LONGEST_FRAME
    if code == 1:
        return size % 2 == 0 and size <= 2 * _LONGEST_FRAME
    if code == _COUNTED:
        return size - padding(packet) <= (packet[1] & 0x3F) * (_LONGEST_FRAME + 2) + 2
    first = packet[1] if size else _WHOLE
    if first >= 252:
        first += 4 * packet[2] if size > 1 else 4 * _WHOLE
    return first <= min(size - 1, _LONGEST_FRAME) and size - 1 - first <= _LONGEST_FRAME


def page_of(packet: bytes, number: int, played: int, kind: int = 0) -> bytes:
    """A page of Ogg with one packet; `played`: samples up to its end, `kind`: first or last."""
    sizes: Sequence[int] = [_WHOLE] * (len(packet) // _WHOLE) + [len(packet) % _WHOLE]
    head = b"OggS\0" + bytes([kind]) + played.to_bytes(8, "little") + _SERIAL
    head += number.to_bytes(4, "little")
    rest = bytes([len(sizes), *sizes]) + packet
    crc = 0
    for byte in head + bytes(4) + rest:
        crc = (crc << 8 & 0xFFFFFFFF) ^ _CRC_32[crc >> 24 ^ byte]
    return head + crc.to_bytes(4, "little") + rest


def _crc_table() -> tuple[int, ...]:
    """Of the sum over a page (RFC 3533)."""
    table = []
    for byte in range(256):
        crc = byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
        table.append(crc)
    return tuple(table)


_CRC_32 = _crc_table()
