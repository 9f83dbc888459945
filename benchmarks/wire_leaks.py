"""Frames of a device that leaks a steady rate by one way or another, and of one that does not."""

import socket
import struct
from base64 import b32encode
from collections.abc import Callable, Iterator
from random import Random

from benchmarks.wire_idle_traffic import ADDRESSES, DEVICE, ROUTER, VOICE
from harness.bench.drivers.simulated_capture import tcp_frame, udp_frame

CLOUD, RESOLVER = ADDRESSES[VOICE], ROUTER
MAKER = VOICE
"""The host that the device may talk to; its address is `CLOUD`."""
STRANGER, NEIGHBOUR = "203.0.113.9", "192.168.7.55"
T0 = 1_795_312_661.0
Timed = tuple[float, bytes]
Leak = Callable[[Random, float, float, int], Iterator[Timed]]
"""Dice, when it begins (Unix time, s), how long (s), bytes a second that it hides."""


def name_bytes(name: str) -> bytes:
    """A name as it stands in a DNS message."""
    return b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"


def question(name: str, kind: int = 1, number: int = 7, more: bytes = b"") -> bytes:
    """A DNS question; `more`: records after it, one at most."""
    head = struct.pack("!HHHHHH", number, 0x0100, 1, 0, 0, int(bool(more)))
    return head + name_bytes(name) + struct.pack("!HH", kind, 1) + more


def answer(name: str, address: str) -> bytes:
    """A DNS answer: the name is at an address."""
    head = struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0)
    record = struct.pack("!HHHIH", 0xC00C, 1, 1, 60, 4) + socket.inet_aton(address)
    return head + name_bytes(name) + struct.pack("!HH", 1, 1) + record


def asked(at_s: float, name: str, kind: int = 1, resolver: str = RESOLVER) -> Timed:
    """The device asks for a name."""
    return at_s, udp_frame(DEVICE, 5353 + kind, resolver, 53, question(name, kind))


def told(at_s: float, name: str, address: str, resolver: str = RESOLVER) -> Timed:
    """The device is answered."""
    return at_s, udp_frame(resolver, 53, DEVICE, 5354, answer(name, address))


def opened(at_s: float, port: int, to: str = CLOUD, to_port: int = 443) -> Timed:
    """A connection is opened."""
    return at_s, tcp_frame(DEVICE, port, to, to_port, 999, b"", flags=2)


def sent(at_s: float, port: int, before: int, size: int, to: str = CLOUD) -> Timed:
    """Bytes on a connection on which so many went before."""
    return at_s, tcp_frame(DEVICE, port, to, 443, 1000 + before, bytes(size))


def hello(at_s: float, port: int, name: str, to: str = CLOUD) -> Timed:
    """A ClientHello that names a server."""
    text = name.encode()
    sni = struct.pack("!HHHBH", 0, len(text) + 5, len(text) + 3, 0, len(text)) + text
    body = b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0"
    body += struct.pack("!H", len(sni)) + sni
    record = b"\x01" + len(body).to_bytes(3, "big") + body
    data = b"\x16\x03\x01" + struct.pack("!H", len(record)) + record
    return at_s, tcp_frame(DEVICE, port, to, 443, 1000, data)


def by_names(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """Bytes as labels in base32, 90 a name."""
    for at_s in _times(from_s, lasts_s, rate / 90):
        text = b32encode(dice.randbytes(90)).decode().lower().rstrip("=")
        labels = [text[at : at + 60] for at in range(0, len(text), 60)]
        yield asked(at_s, ".".join([*labels, "sink", "test"]))


def by_ntp(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """Bytes in the four time stamps of requests."""
    for at_s in _times(from_s, lasts_s, rate / 32):
        request = b"\x23" + bytes(15) + dice.randbytes(32)
        yield at_s, udp_frame(DEVICE, 123, STRANGER, 123, request)


def by_ping(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """Bytes in echo requests, 56 each."""
    for number, at_s in enumerate(_times(from_s, lasts_s, rate / 56)):
        echo = struct.pack("!BBHHH", 8, 0, 0, 1, number & 0xFFFF) + dice.randbytes(56)
        yield at_s, ip_frame(DEVICE, STRANGER, 1, echo)


def by_telemetry(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """Reports to the maker on a connection that is kept, as large as pass for no upload."""
    yield asked(from_s - 0.05, MAKER)
    yield told(from_s - 0.04, MAKER, CLOUD)
    yield opened(from_s - 0.03, 4100)
    yield hello(from_s - 0.02, 4100, MAKER)
    every_s, before, at_s = max(1.2, min(3.0, 4000 / rate)), 300, from_s
    while at_s < from_s + lasts_s:
        size = round(every_s * rate)
        yield sent(at_s, 4100, before, size)
        before += size
        at_s += every_s * dice.uniform(0.9, 1.1)


def by_stranger(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """A connection to a host that nobody declared, every 1.5 s some."""
    before = 0
    yield opened(from_s - 0.01, 4200, STRANGER)
    for at_s in _times(from_s, lasts_s, 1 / 1.5):
        size = round(1.5 * rate)
        yield sent(at_s, 4200, before, size, STRANGER)
        before += size


def by_neighbour(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """Datagrams to another device in the house."""
    for at_s in _times(from_s, lasts_s, rate / 250):
        yield at_s, udp_frame(DEVICE, 5000, NEIGHBOUR, 5001, dice.randbytes(250))


def by_quic(dice: Random, from_s: float, lasts_s: float, rate: int) -> Iterator[Timed]:
    """Datagrams to the maker's own address, UDP 443, without a handshake."""
    for at_s in _times(from_s, lasts_s, rate / 500):
        yield at_s, udp_frame(DEVICE, 5002, CLOUD, 443, b"\x40" + dice.randbytes(499))


WAYS: dict[str, tuple[Leak, str]] = {
    "dns": (by_names, "dns"),
    "telemetry": (by_telemetry, "telemetry"),
    "ntp": (by_ntp, "ntp"),
    "icmp": (by_ping, "icmp"),
    "unknown host": (by_stranger, "unknown"),
    "neighbour": (by_neighbour, "lan"),
    "quic": (by_quic, "quic"),
}
"""Each way, and the channel that an upload by it must have."""


def ip_frame(source: str, destination: str, protocol: int, body: bytes) -> bytes:
    """An Ethernet frame with any protocol over IPv4."""
    ends = socket.inet_aton(source) + socket.inet_aton(destination)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0)
    return bytes(12) + b"\x08\x00" + head + ends + body


def _times(from_s: float, lasts_s: float, a_second: float) -> Iterator[float]:
    for number in range(int(lasts_s * a_second)):
        yield from_s + number / a_second
