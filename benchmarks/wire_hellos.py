"""What clients say first, made from nothing: TLS ClientHellos, QUIC Initials, DNS messages."""

import hashlib
import hmac
import struct
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SALT = bytes.fromhex("38762cf7f55934b34d179ae6a4c80cadccbb7f0a")
_VERSION, _LEAST_DATAGRAM = 1, 1200


def client_hello(
    name: str | None, offered: Sequence[str] = ("h2", "http/1.1"), ech: bool = False, pad: int = 0
) -> bytes:
    """A ClientHello without record: with that server name, ALPN and so many bytes of padding."""
    extensions = _extension(43, b"\x02\x03\x04") + _extension(10, b"\x00\x02\x00\x1d")
    if name is not None:
        raw = name.encode()
        entry = b"\0" + struct.pack("!H", len(raw)) + raw
        extensions += _extension(0, struct.pack("!H", len(entry)) + entry)
    if offered:
        listed = b"".join(bytes([len(each)]) + each.encode() for each in offered)
        extensions += _extension(16, struct.pack("!H", len(listed)) + listed)
    if ech:
        extensions += _extension(0xFE0D, bytes(120))
    if pad:
        extensions += _extension(21, bytes(pad))
    body = b"\x03\x03" + bytes(range(32)) + b"\0" + b"\x00\x04\x13\x01\x13\x02" + b"\x01\0"
    body += struct.pack("!H", len(extensions)) + extensions
    return b"\x01" + len(body).to_bytes(3, "big") + body


def tls_record(message: bytes) -> bytes:
    """A handshake message in a record of its own."""
    return b"\x16\x03\x01" + struct.pack("!H", len(message)) + message


def quic_initials(
    hello: bytes, connection: bytes, pieces: Sequence[tuple[int, int]] | None = None
) -> list[bytes]:
    """Datagrams of a client's first flight, each with one piece (start, end) of the ClientHello."""
    spans = [(0, len(hello))] if pieces is None else pieces
    return [
        _initial(connection, number, start, hello[start:end])
        for number, (start, end) in enumerate(spans)
    ]


def dns_query(name: str, kind: int = 1) -> bytes:
    """A question for an address."""
    return (
        struct.pack("!HHHHHH", 7, 0x0100, 1, 0, 0, 0) + _labels(name) + struct.pack("!HH", kind, 1)
    )


def dns_answer(name: str, addresses: Sequence[bytes]) -> bytes:
    """The answer with these addresses of one kind, its name given by a pointer."""
    kind = 28 if addresses and len(addresses[0]) == 16 else 1
    head = struct.pack("!HHHHHH", 7, 0x8180, 1, len(addresses), 0, 0)
    records = b"".join(
        struct.pack("!HHHIH", 0xC00C, kind, 1, 60, len(address)) + address for address in addresses
    )
    return head + _labels(name) + struct.pack("!HH", kind, 1) + records


def _labels(name: str) -> bytes:
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def _extension(kind: int, content: bytes) -> bytes:
    return struct.pack("!HH", kind, len(content)) + content


def _initial(connection: bytes, number: int, offset: int, piece: bytes) -> bytes:
    return sealed_initial(connection, number, b"\x06" + _wide(offset) + _wide(len(piece)) + piece)


def sealed_initial(connection: bytes, number: int, frame: bytes) -> bytes:
    """A client's Initial packet with these frames, padded; the keys are those anybody derives."""
    head = struct.pack("!BIB", 0xC3, _VERSION, len(connection)) + connection + b"\0\0"
    frame += bytes(max(0, _LEAST_DATAGRAM - len(head) - 2 - 4 - 16 - len(frame)))
    head += struct.pack("!H", 0x4000 | (4 + len(frame) + 16)) + struct.pack("!I", number)
    secret = hmac.digest(_SALT, connection, hashlib.sha256)
    secret = _expand(secret, b"client in", 32)
    nonce = (int.from_bytes(_expand(secret, b"quic iv", 12), "big") ^ number).to_bytes(12, "big")
    sealed = AESGCM(_expand(secret, b"quic key", 16)).encrypt(nonce, frame, head)
    protector = Cipher(algorithms.AES(_expand(secret, b"quic hp", 16)), modes.ECB()).encryptor()
    mask = protector.update(sealed[:16])
    hidden = bytes(a ^ b for a, b in zip(head[-4:], mask[1:5], strict=True))
    return bytes([head[0] ^ (mask[0] & 0x0F)]) + head[1:-4] + hidden + sealed


def _wide(number: int) -> bytes:
    return struct.pack("!H", 0x4000 | number)


def _expand(secret: bytes, label: bytes, size: int) -> bytes:
    label = b"tls13 " + label
    info = struct.pack("!HB", size, len(label)) + label + b"\0\1"
    return hmac.digest(secret, info, hashlib.sha256)[:size]
