"""Frames of every shape for the tests of the flow reader, and captures in every form."""

import socket
import struct
from collections.abc import Iterable

from harness.wire.flows import Flow, FlowReader, Reading

DEVICE, CLOUD, RESOLVER = "10.77.0.2", "10.77.0.1", "10.77.0.3"
SYN, ACK, FIN, RST = 0x02, 0x10, 0x01, 0x04
T0 = 1_795_312_661.0
Timed = tuple[float, bytes]


def flows_of(content: bytes, pieces: int = 0) -> tuple[list[Flow], Reading]:
    """Flows of a capture in the order they began, fed whole or in pieces of that many bytes."""
    reader = FlowReader()
    reader.begin_file()
    for at in range(0, len(content), pieces or len(content) or 1):
        reader.feed(content[at : at + (pieces or len(content))])
    flows = sorted(reader.finish().flows(), key=lambda flow: flow.number)
    return flows, reader.reading


def ipv6_frame(source: str, destination: str, proto: int, body: bytes) -> bytes:
    """An Ethernet frame with IPv6."""
    ends = b"".join(socket.inet_pton(socket.AF_INET6, end) for end in (source, destination))
    head = struct.pack("!IHBB", 6 << 28, len(body), proto, 64)
    return bytes(12) + b"\x86\xdd" + head + ends + body


def udp(source_port: int, destination_port: int, payload: bytes) -> bytes:
    """A UDP datagram without IP."""
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload


def tagged(frame: bytes, *tags: int) -> bytes:
    """The frame with VLAN tags, the outer one first."""
    return frame[:12] + b"".join(struct.pack("!HH", 0x8100, tag) for tag in tags) + frame[12:]


def fragments(frame: bytes, size: int) -> list[bytes]:
    """An IPv4 frame cut into fragments that carry `size` bytes (a multiple of 8) at most."""
    head, body = bytearray(frame[:34]), frame[34:]
    cut = []
    for at in range(0, len(body), size):
        part = body[at : at + size]
        more = 0x2000 if at + size < len(body) else 0
        head[16:18] = struct.pack("!H", 20 + len(part))
        head[18:22] = struct.pack("!HH", 77, more | (at // 8))
        cut.append(bytes(head) + part)
    return cut


def pcap_bytes(frames: Iterable[Timed], order: str = "<", nano: bool = False) -> bytes:
    """A pcap capture of Ethernet frames."""
    magic, unit = (0xA1B23C4D, 10**9) if nano else (0xA1B2C3D4, 10**6)
    content = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 262144, 1)
    for unix_s, frame in frames:
        part = round(unix_s % 1 * unit)
        content += struct.pack(order + "IIII", int(unix_s), part, len(frame), len(frame)) + frame
    return content


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """A pcapng block, lowest byte first unless `order` is ">"."""
    body += bytes(-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length
