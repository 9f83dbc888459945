"""Frames -> packets: addresses, ports and payload out of Ethernet, IPv4, IPv6, TCP and UDP."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from harness.errors import RigError
from harness.wire.pcapng import Capture, Frame

TCP, UDP = 6, 17
SYN = 0x02
_ETHERNET = 1
_IPV4, _IPV6, _VLANS = 0x0800, 0x86DD, (0x8100, 0x88A8)
_IPV6_EXTENSIONS = (0, 43, 60)
_IPV6_FRAGMENT = 44


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. Not frozen, since that doubles the time to read a capture; do not change it.

    `proto` is the IP protocol number (0 where there is no IP: ARP and the like, with addresses
    empty). `payload` is what TCP or UDP carries, as far as it was kept; `payload_bytes` its length
    on the wire. `tcp_seq` and `tcp_flags` are 0 where it is not TCP. Ports are 0 where there are
    none, as in all but the first fragment.
    """

    unix_s: float
    src: str
    dst: str
    proto: int
    sport: int
    dport: int
    payload_bytes: int
    payload: bytes
    tcp_seq: int
    tcp_flags: int
    frame_bytes: int


class _MalformedError(Exception):
    """A frame that contradicts itself."""


class PacketReader:
    """Decodes a capture. `malformed` counts packets whose headers make no sense."""

    def __init__(self, capture: Capture) -> None:
        """Nothing is read yet."""
        self.capture = capture
        self.malformed = 0

    def packets(self) -> Iterator[Packet]:
        """All packets in order; a malformed one comes as a bare frame (`proto` 0), and counts."""
        self.malformed = 0
        for frame in self.capture.frames():
            if frame.link_type != _ETHERNET:
                raise RigError(
                    f"capture: {self.capture.path} has link type {frame.link_type}; only Ethernet "
                    "(1) is read: capture on the link itself, not on `any`"
                )
            try:
                yield decode(frame)
            except (_MalformedError, struct.error, IndexError):
                self.malformed += 1
                yield _bare(frame)


def decode(frame: Frame) -> Packet:
    """The packet in an Ethernet frame. Raises when its headers make no sense (`PacketReader`)."""
    data = frame.data
    at = 14
    kind = (data[12] << 8) | data[13]
    while kind in _VLANS:
        kind = (data[at + 2] << 8) | data[at + 3]
        at += 4
    if kind == _IPV4:
        return _ipv4(frame, at)
    if kind == _IPV6:
        return _ipv6(frame, at)
    return _bare(frame)


def _bare(frame: Frame) -> Packet:
    return Packet(frame.unix_s, "", "", 0, 0, 0, 0, b"", 0, 0, frame.wire_length)


def _ipv4(frame: Frame, at: int) -> Packet:
    data = frame.data
    head = (data[at] & 0x0F) * 4
    total, fragment = (data[at + 2] << 8) | data[at + 3], (data[at + 6] << 8) | data[at + 7]
    if data[at] >> 4 != 4 or head < 20 or len(data) < at + head:
        raise _MalformedError
    # Segments that the kernel joined beyond 64 KiB carry a total length of 0.
    end = at + total if total else frame.wire_length
    ends = _address(data[at + 12 : at + 16]), _address(data[at + 16 : at + 20])
    return _transport(frame, ends, data[at + 9], at + head, end, bool(fragment & 0x1FFF))


def _ipv6(frame: Frame, at: int) -> Packet:
    data = frame.data
    if data[at] >> 4 != 6 or len(data) < at + 40:
        raise _MalformedError
    total = (data[at + 4] << 8) | data[at + 5]
    end = at + 40 + total if total else frame.wire_length
    ends = _address(data[at + 8 : at + 24]), _address(data[at + 24 : at + 40])
    proto, at, is_later_fragment = data[at + 6], at + 40, False
    while proto in _IPV6_EXTENSIONS or proto == _IPV6_FRAGMENT:
        if proto == _IPV6_FRAGMENT:
            is_later_fragment = ((data[at + 2] << 8) | data[at + 3]) >> 3 != 0
            proto, at = data[at], at + 8
        else:
            proto, at = data[at], at + (data[at + 1] + 1) * 8
    return _transport(frame, ends, proto, at, end, is_later_fragment)


def _transport(
    frame: Frame, ends: tuple[str, str], proto: int, at: int, end: int, is_later_fragment: bool
) -> Packet:
    data, sport, dport, sequence, flags = frame.data, 0, 0, 0, 0
    if end > frame.wire_length or end < at:
        raise _MalformedError
    if proto in (TCP, UDP) and not is_later_fragment:
        sport, dport = struct.unpack_from("!HH", data, at)
        if proto == TCP:
            sequence = struct.unpack_from("!I", data, at + 4)[0]
            flags, head = data[at + 13], (data[at + 12] >> 4) * 4
            at += head
            if head < 20 or at > end:
                raise _MalformedError
        else:
            at += 8
            if at > end:
                raise _MalformedError
    payload = data[at:end]
    source, destination = ends
    return Packet(
        frame.unix_s,
        source,
        destination,
        proto,
        sport,
        dport,
        end - at,
        payload,
        sequence,
        flags,
        frame.wire_length,
    )


@lru_cache(maxsize=4096)
def _address(raw: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET if len(raw) == 4 else socket.AF_INET6, raw)
