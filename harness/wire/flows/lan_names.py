"""What hosts say of themselves on a local network: DHCPv6 (RFC 8415), NetBIOS names (RFC 1002).

Rare, so read in plain Python. Whatever makes no sense raises `struct.error`, `IndexError` or
`UnicodeDecodeError`.
"""

import struct
from collections.abc import Iterator

from harness.wire.dns_name import read_name
from harness.wire.flows.messages import DhcpRequest, last_question, printable, records

_CLIENTS_6 = (1, 3, 4, 5, 6, 8, 9, 11)
"""Kinds of messages that a client sends; others are a server's or a relay's."""
_HEAD_6, _MOST_OPTIONS = 4, 256
_ADDRESSES, _ADDRESS, _VENDOR, _FQDN = 3, 5, 16, 39
_RESPONSE, _REGISTERS, _CODES = 0x8000, (5, 6, 8), 0x7800
_NETBIOS, _ENCODED, _LETTERS = 0x20, 32, 15
_MOST_RECORDS = 64


def dhcp6_request(message: bytes, mac: int) -> DhcpRequest | None:
    """What a host says of itself; None for what a server or a relay says. `mac`: its address."""
    if len(message) < _HEAD_6:
        raise IndexError
    if message[0] not in _CLIENTS_6:
        return None
    name = vendor = address = None
    for code, data in _options(message[_HEAD_6:]):
        if code == _FQDN:
            name = _domain(data[1:])
        elif code == _VENDOR:
            vendor = _first_text(data[4:])
        elif code == _ADDRESSES:
            leased = dict(_options(data[12:])).get(_ADDRESS)
            address = address or (leased[:16] if leased is not None else None)
    return DhcpRequest(mac, name, vendor, address)


def netbios_names(message: bytes) -> Iterator[tuple[bytes, str]]:
    """(address, name) of every address that a host has answered with, or registers for itself."""
    _, flags, questions, *counts = struct.unpack_from("!HHHHHH", message)
    is_told = flags & _RESPONSE or (flags & _CODES) >> 11 in _REGISTERS
    if not is_told or sum(counts) > _MOST_RECORDS or questions > _MOST_RECORDS:
        return
    _, at = last_question(message, questions)
    for name, kind, data in records(message, at, sum(counts)):
        text = _decoded(name)
        if kind == _NETBIOS and text is not None:
            for place in range(0, len(data) - 5, 6):
                yield data[place + 2 : place + 6], text


def _options(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for _ in range(_MOST_OPTIONS):
        if at == len(raw):
            return
        code, size = struct.unpack_from("!HH", raw, at)
        at += 4 + size
        if at > len(raw):
            raise IndexError
        yield code, raw[at - size : at]


def _domain(raw: bytes) -> str | None:
    """A name as DNS writes it; one that is only a part of one has no end."""
    return printable(read_name(raw + b"\0", 0)[0].encode()) if raw else None


def _first_text(raw: bytes) -> str | None:
    (size,) = struct.unpack_from("!H", raw)
    if 2 + size > len(raw):
        raise IndexError
    return printable(raw[2 : 2 + size])


def _decoded(name: str) -> str | None:
    """A name of 16 bytes, of which the last is its kind, out of twice as many letters."""
    letters = name.partition(".")[0].encode().upper()
    if len(letters) != _ENCODED or not all(0x41 <= each <= 0x50 for each in letters):
        return None
    halves = zip(letters[::2], letters[1::2], strict=True)
    raw = bytes((high - 0x41) << 4 | (low - 0x41) for high, low in halves)
    text = printable(raw[:_LETTERS].rstrip(b" "))
    return None if text is None else text.lower()
