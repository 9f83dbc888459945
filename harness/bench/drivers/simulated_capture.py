"""Writes pcapng captures: what a simulated tap leaves behind, and what a proxy passed on."""

import socket
import struct
from pathlib import Path

from harness.bench.drivers.namespaces import CLOUD_ADDRESS

_DEVICE_MAC, _CLOUD_MAC = bytes.fromhex("025341590002"), bytes.fromhex("025341590001")


def udp_frame(
    source: str, source_port: int, destination: str, destination_port: int, payload: bytes
) -> bytes:
    """An Ethernet frame with a UDP datagram over IPv4."""
    udp = struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload
    return _ip_frame(source, destination, 17, udp)


def tcp_frame(
    source: str,
    source_port: int,
    destination: str,
    destination_port: int,
    sequence: int,
    payload: bytes,
    flags: int = 0x18,
    acknowledged: int = 0,
) -> bytes:
    """An Ethernet frame with a TCP segment over IPv4; `flags` as in the header (2 is SYN)."""
    numbers = sequence % 2**32, acknowledged % 2**32
    head = struct.pack(
        "!HHIIBBHHH", source_port, destination_port, *numbers, 5 << 4, flags, 65535, 0, 0
    )
    return _ip_frame(source, destination, 6, head + payload)


def _ip_frame(source: str, destination: str, protocol: int, body: bytes) -> bytes:
    addresses = socket.inet_aton(source) + socket.inet_aton(destination)
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0)
    macs = (_CLOUD_MAC, _DEVICE_MAC) if source != CLOUD_ADDRESS else (_DEVICE_MAC, _CLOUD_MAC)
    return b"".join((*macs, b"\x08\x00", head, addresses, body))


def pcapng_bytes(
    frames: list[tuple[float, bytes]],
    dropped: int | None = 0,
    byte_order: str = "<",
    comment: str = "",
) -> bytes:
    """A capture of `frames` (Unix time in seconds, Ethernet frame), stamped in nanoseconds.

    It ends with a statistics block unless `dropped` is None. `byte_order`: "<" or ">". `comment`:
    what whoever opens the file is told of it.
    """
    order = byte_order
    head = struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1)
    if comment:
        told = comment.encode()
        head += struct.pack(order + "HH", 1, len(told)) + told + bytes(-len(told) % 4)
        head += struct.pack(order + "HH", 0, 0)
    blocks = [
        _block(order, 0x0A0D0D0A, head),
        _block(order, 1, struct.pack(order + "HHIHHBxxxI", 1, 0, 0, 9, 1, 9, 0)),
    ]
    for unix_s, frame in frames:
        stamp = int(unix_s) * 10**9 + round(unix_s % 1 * 1e9)  # a float times 1e9 is too coarse
        blocks.append(packet_block(frame, stamp, order))
    if dropped is not None:
        blocks.append(statistics_block(len(frames), dropped, order))
    return b"".join(blocks)


def packet_block(frame: bytes, unix_ns: int, byte_order: str = "<") -> bytes:
    """A packet of such a capture: an Ethernet frame, and its time."""
    size = len(frame)
    stamp = unix_ns >> 32, unix_ns & 0xFFFFFFFF
    head = struct.pack(byte_order + "IIIII", 0, *stamp, size, size)
    return _block(byte_order, 6, head + frame)


def statistics_block(packets: int, dropped: int, byte_order: str = "<") -> bytes:
    """The block by which a capture says how many packets it holds, and how many it lost."""
    counts = struct.pack(byte_order + "HHQHHQI", 4, 8, packets + dropped, 5, 8, dropped, 0)
    return _block(byte_order, 5, struct.pack(byte_order + "III", 0, 0, 0) + counts)


def write_capture(path: Path, frames: list[tuple[float, bytes]], dropped: int = 0) -> None:
    """Write a capture, private to its owner."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(pcapng_bytes(frames, dropped))


def _block(order: str, kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    length = 12 + len(body)
    return struct.pack(order + "II", kind, length) + body + struct.pack(order + "I", length)
