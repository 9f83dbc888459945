"""Host names out of packets: the server name in a TLS ClientHello, and DNS answers.

Both come from the device, so nothing in them is trusted: what makes no sense gives no name.
"""

import socket
import struct

_HANDSHAKE, _CLIENT_HELLO, _SERVER_NAME = 22, 1, 0
_A, _AAAA = 1, 28
_MOST_JUMPS = 32


class NotTlsError(ValueError):
    """The stream does not begin with a ClientHello, or that holds no server name."""


def server_name(stream: bytes) -> str | None:
    """The server name (SNI) in the first bytes of a TCP stream; None while too little is there.

    Raises `NotTlsError` when no more bytes can bring one.
    """
    hello = _handshake_bytes(stream)
    if hello is None or len(hello) < 4:
        return None
    if hello[0] != _CLIENT_HELLO:
        raise NotTlsError
    length = int.from_bytes(hello[1:4], "big")
    if len(hello) < 4 + length:
        return None
    try:
        return _name_in(hello[4 : 4 + length])
    except (IndexError, struct.error, UnicodeDecodeError) as error:
        raise NotTlsError from error


def _handshake_bytes(stream: bytes) -> bytes | None:
    """What the TLS records at the start carry of the handshake, as far as they are there."""
    carried, at = b"", 0
    while at + 5 <= len(stream):
        if stream[at] != _HANDSHAKE or stream[at + 1] != 3:
            if at == 0:
                raise NotTlsError
            break
        size = int.from_bytes(stream[at + 3 : at + 5], "big")
        carried += stream[at + 5 : at + 5 + size]
        at += 5 + size
    if stream and stream[0] != _HANDSHAKE:
        raise NotTlsError
    return carried or None


def _name_in(hello: bytes) -> str:
    at = 34  # version and random
    at += 1 + hello[at]  # session id
    at += 2 + int.from_bytes(hello[at : at + 2], "big")  # cipher suites
    at += 1 + hello[at]  # compression
    end = at + 2 + struct.unpack_from("!H", hello, at)[0]
    at += 2
    while at + 4 <= end:
        kind, size = struct.unpack_from("!HH", hello, at)
        if kind == _SERVER_NAME:
            name_size = struct.unpack_from("!H", hello, at + 7)[0]
            name = hello[at + 9 : at + 9 + name_size].decode("ascii")
            if name.isprintable() and name:
                return name
        at += 4 + size
    raise NotTlsError


def dns_answers(payload: bytes) -> list[tuple[str, str]]:
    """(address, name asked for) of every address in a DNS answer; empty when it is none."""
    try:
        _, flags, questions, answers = struct.unpack_from("!HHHH", payload)
        if not flags & 0x8000 or questions != 1:
            return []
        asked, at = _dns_name(payload, 12)
        at += 4
        found = []
        for _ in range(answers):
            _, at = _dns_name(payload, at)
            kind, _, _, size = struct.unpack_from("!HHIH", payload, at)
            data = payload[at + 10 : at + 10 + size]
            at += 10 + size
            if (kind, len(data)) in ((_A, 4), (_AAAA, 16)):
                family = socket.AF_INET if kind == _A else socket.AF_INET6
                found.append((socket.inet_ntop(family, data), asked))
    except (struct.error, IndexError, UnicodeDecodeError):
        return []
    return found


def _dns_name(payload: bytes, at: int) -> tuple[str, int]:
    """A name and where it ends; IndexError when it runs out of the payload or in circles."""
    labels: list[str] = []
    after: int | None = None
    jumps = 0
    while size := payload[at]:
        if size >= 0xC0:
            after = at + 2 if after is None else after
            at = ((size & 0x3F) << 8) | payload[at + 1]
            jumps += 1
            if jumps > _MOST_JUMPS:
                raise IndexError
            continue
        labels.append(payload[at + 1 : at + 1 + size].decode("ascii"))
        at += 1 + size
    return ".".join(labels).lower(), at + 1 if after is None else after
