"""DNS messages of uncommon shape, multicast DNS and DHCP: rare, so read in plain Python.

Whatever makes no sense raises `struct.error`, `IndexError` or `UnicodeDecodeError`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from harness.wire.dns_name import read_name

_A, _AAAA, _SERVICE = 1, 28, (64, 65)
_ADDRESSES_4, _KEYS, _ADDRESSES_6 = 4, 5, 6
"""Parameters of a service (RFC 9460): hints of its addresses, keys of an encrypted ClientHello."""
_ECH_VERSION = 0xFE0D
_MOST_RECORDS = 512
_COOKIE = b"\x63\x82\x53\x63"
_HOST_NAME, _REQUESTED, _VENDOR_CLASS, _FQDN, _PAD, _END = 12, 50, 60, 81, 0, 255


@dataclass(frozen=True, slots=True)
class DhcpRequest:
    """What a host asked for: its MAC address, the names it gives itself, the address it wants."""

    mac: int
    host_name: str | None
    vendor_class: str | None
    address: bytes | None


def dns_text(wire: bytes) -> str | None:
    """A name written out, as text in small letters; None when it is no name of printable ASCII."""
    try:
        name, _ = read_name(wire, 0)
    except (IndexError, UnicodeDecodeError):
        return None
    return name


def dns_questions(message: bytes) -> tuple[tuple[tuple[str, int, int], ...], int]:
    """(name, type, class) of every question that a message asks, and where the last one ends."""
    (count,) = struct.unpack_from("!H", message, 4)
    if count > _MOST_RECORDS:
        raise IndexError
    found, at = [], 12
    for _ in range(count):
        name, at = read_name(message, at)
        found.append((name, *struct.unpack_from("!HH", message, at)))
        at += 4
    return tuple(found), at


def dns_addresses(message: bytes, is_asked: bool) -> Iterator[tuple[bytes, str]]:
    """(address, name) of every address record, and of every hint that a record of a service gives;
    of an answer to one question, the name asked for.

    `is_asked`: False for multicast DNS, where records name themselves.
    """
    for name, kind, data in _records(message, is_asked):
        if (kind, len(data)) in ((_A, 4), (_AAAA, 16)):
            yield data, name
        elif kind in _SERVICE:
            told = dict(_parameters(data))
            for key, size in ((_ADDRESSES_4, 4), (_ADDRESSES_6, 16)):
                listed = told.get(key, b"")
                if len(listed) % size:
                    raise IndexError
                for at in range(0, len(listed), size):
                    yield listed[at : at + size], name


def dns_public_names(message: bytes) -> Iterator[str]:
    """The names that clients show instead of the one they mean, by the keys that an answer gives
    for encrypting it (RFC 9849).
    """
    for _, kind, data in _records(message, is_asked=True):
        if kind in _SERVICE:
            yield from _public_names(dict(_parameters(data)).get(_KEYS, b""))


def _parameters(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Key and value of every parameter of a service; an alias of another name has none."""
    _, at = read_name(data, 2)
    while at < len(data):
        key, size = struct.unpack_from("!HH", data, at)
        at += 4 + size
        if at > len(data):
            raise IndexError
        yield key, data[at - size : at]


def _public_names(listed: bytes) -> Iterator[str]:
    """Of each configuration in a list of them, of versions that are known."""
    at = 2
    while at < len(listed):
        version, size = struct.unpack_from("!HH", listed, at)
        config, at = listed[at + 4 : at + 4 + size], at + 4 + size
        if at > len(listed):
            raise IndexError
        if version != _ECH_VERSION:
            continue
        key = 5 + int.from_bytes(config[3:5], "big")
        name = key + 3 + int.from_bytes(config[key : key + 2], "big")
        shown = config[name + 1 : name + 1 + config[name]]
        text = printable(shown)
        if text is None or len(shown) < config[name]:
            raise IndexError
        yield text.lower()


def _records(message: bytes, is_asked: bool) -> Iterator[tuple[str, int, bytes]]:
    """Name, type and data of every record that answers."""
    _, flags, questions, *counts = struct.unpack_from("!HHHHHH", message)
    if not flags & 0x8000 or sum(counts) > _MOST_RECORDS or questions > _MOST_RECORDS:
        return
    asked, at = last_question(message, questions)
    for name, kind, data in records(message, at, counts[0] if is_asked else sum(counts)):
        yield asked if is_asked and asked is not None else name, kind, data


def last_question(message: bytes, questions: int) -> tuple[str | None, int]:
    """The name that the last of so many questions asks for, and where the questions end."""
    asked, at = None, 12
    for _ in range(questions):
        asked, at = read_name(message, at)
        at += 4
    return asked, at


def records(message: bytes, at: int, count: int) -> Iterator[tuple[str, int, bytes]]:
    """Name, type and data of so many records from `at` on."""
    for _ in range(count):
        name, at = read_name(message, at)
        kind, _, _, size = struct.unpack_from("!HHIH", message, at)
        data = message[at + 10 : at + 10 + size]
        if len(data) < size:
            raise IndexError
        at += 10 + size
        yield name, kind, data


def dhcp_request(message: bytes) -> DhcpRequest | None:
    """What a host says of itself; None for what a server says."""
    if len(message) < 240 or message[236:240] != _COOKIE:
        raise IndexError
    if message[0] != 1:
        return None
    options = dict(_options(message[240:]))
    name = options.get(_HOST_NAME)
    if name is None and _FQDN in options:
        name = options[_FQDN][3:]
    return DhcpRequest(
        int.from_bytes(message[28:34], "big"),
        printable(name),
        printable(options.get(_VENDOR_CLASS)),
        options.get(_REQUESTED),
    )


def _options(raw: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(raw) and raw[at] != _END:
        if raw[at] == _PAD:
            at += 1
            continue
        size = raw[at + 1]
        if at + 2 + size > len(raw):
            raise IndexError
        yield raw[at], raw[at + 2 : at + 2 + size]
        at += 2 + size


def printable(raw: bytes | None) -> str | None:
    """Text of printable ASCII, without zeros at its end; None for any other, or none."""
    text = "" if raw is None else raw.rstrip(b"\0").decode("ascii", "replace")
    return text if text and text.isascii() and text.isprintable() else None
