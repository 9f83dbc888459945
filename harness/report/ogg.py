"""Ogg streams that repeat: libsndfile draws each stream's serial number by chance.

A page of the container (RFC 3533, section 6) is a header, a table of segment lengths and the
segments; bytes 14 to 17 are the serial number, 22 to 25 a checksum of the page.
"""

from functools import cache

_HEADER, _SERIAL, _CHECKSUM, _SEGMENTS = 27, 14, 22, 26
_POLYNOMIAL = 0x04C11DB7


def repeatable(ogg: bytes) -> bytes:
    """The same stream with serial number 1; what is no Ogg stream is left as it is."""
    pages, at = [], 0
    while ogg[at : at + 4] == b"OggS" and at + _HEADER <= len(ogg):
        lengths = ogg[at + _HEADER : at + _HEADER + ogg[at + _SEGMENTS]]
        end = at + _HEADER + len(lengths) + sum(lengths)
        page = bytearray(ogg[at:end])
        page[_SERIAL : _SERIAL + 4] = (1).to_bytes(4, "little")
        page[_CHECKSUM : _CHECKSUM + 4] = bytes(4)
        page[_CHECKSUM : _CHECKSUM + 4] = _checksum(page).to_bytes(4, "little")
        pages.append(bytes(page))
        at = end
    return b"".join(pages) + ogg[at:]


def _checksum(page: bytearray) -> int:
    table, value = _table(), 0
    for byte in page:
        value = (value << 8) & 0xFFFFFFFF ^ table[value >> 24 ^ byte]
    return value


@cache
def _table() -> tuple[int, ...]:
    rows = []
    for value in range(256):
        value <<= 24
        for _ in range(8):
            value = value << 1 ^ (_POLYNOMIAL if value & 0x80000000 else 0)
        rows.append(value & 0xFFFFFFFF)
    return tuple(rows)
