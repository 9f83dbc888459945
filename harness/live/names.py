"""Names of addresses, as a device asks for them: from DNS answers and from TLS hellos."""

import ipaddress
import struct
from collections.abc import Iterator

from harness.wire.dns_name import read_name

_A, _AAAA = 1, 28
_MOST_RECORDS = 64
_HELLO_RECORD, _CLIENT_HELLO, _SERVER_NAME = 22, 1, 0


def named_in_answer(message: bytes) -> Iterator[tuple[str, str]]:
    """(address, name asked for) of each address in a DNS answer; nothing in what makes no sense."""
    try:
        yield from list(_answers(message))
    except (struct.error, IndexError, UnicodeDecodeError, ValueError):
        return


def named_in_hello(payload: bytes) -> str | None:
    """The server's name in a TLS ClientHello at the start of a stream; None where there is none."""
    try:
        return _server_name(payload)
    except (struct.error, IndexError, UnicodeDecodeError):
        return None


def _answers(message: bytes) -> Iterator[tuple[str, str]]:
    _, flags, questions, answers, _, _ = struct.unpack_from("!HHHHHH", message)
    if not flags & 0x8000 or questions != 1 or answers > _MOST_RECORDS:
        return
    asked, at = read_name(message, 12)
    at += 4
    for _ in range(answers):
        _, at = read_name(message, at)
        kind, _, _, size = struct.unpack_from("!HHIH", message, at)
        data = message[at + 10 : at + 10 + size]
        at += 10 + size
        if (kind, len(data)) in ((_A, 4), (_AAAA, 16)):
            yield str(ipaddress.ip_address(data)), asked


def _server_name(payload: bytes) -> str | None:
    if payload[0] != _HELLO_RECORD or payload[5] != _CLIENT_HELLO:
        return None
    at = 43
    at += 1 + payload[at]  # session
    at += 2 + int.from_bytes(payload[at : at + 2], "big")  # cipher suites
    at += 1 + payload[at]  # compression
    end = at + 2 + int.from_bytes(payload[at : at + 2], "big")
    at += 2
    while at + 4 <= min(end, len(payload)):
        kind, size = struct.unpack_from("!HH", payload, at)
        if kind == _SERVER_NAME:
            length = int.from_bytes(payload[at + 7 : at + 9], "big")
            return payload[at + 9 : at + 9 + length].decode("ascii").lower() or None
        at += 4 + size
    return None
