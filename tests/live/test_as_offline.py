"""What a watcher is shown of odd frames is what the reader of finished captures says of them."""

import struct
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.live.frames import GrowingCapture
from harness.live.wire import LiveWire
from harness.wire import read_wire
from harness.wire.peers import Peer
from harness.wire.talk import read_talk
from tests.wire.flows.frames import (
    CLOUD,
    DEVICE,
    SYN,
    T0,
    block,
    fragments,
    ipv6_frame,
    tagged,
    udp,
)

MAC = "02:53:41:59:00:02"
LONG = tcp_frame(DEVICE, 4001, CLOUD, 443, 100, b"x" * 30_000)
PIECES = fragments(udp_frame(DEVICE, 4002, CLOUD, 9, b"y" * 3000), 1400)
CHAIN = bytes([43, 0]) + bytes(6) + bytes([60, 0]) + bytes(6) + bytes([17, 1]) + bytes(14)
FIRST, LATER = (bytes([17, 0]) + struct.pack("!HI", place, 99) for place in (1, 24))


def _mac(frame: bytes) -> bytes:
    return bytes.fromhex("025341590001") + bytes.fromhex(MAC.replace(":", "")) + frame[12:]


FRAMES = {
    "joined beyond 64 KiB": [LONG[:16] + b"\0\0" + LONG[18:]],
    "opened with content": [tcp_frame(DEVICE, 4001, CLOUD, 443, 99, b"x" * 90, SYN)],
    "two tags, one of old": [
        tagged(tagged(udp_frame(DEVICE, 1, CLOUD, 9, b"x"), 7), 5).replace(
            b"\x81\x00", b"\x91\x00", 1
        )
    ],
    "fragments": PIECES,
    "IPv6 with extensions": [_mac(ipv6_frame("fd00::2", "fd00::1", 0, CHAIN + udp(4, 5, b"x")))],
    "IPv6 in fragments": [
        _mac(ipv6_frame("fd00::2", "fd00::1", 44, FIRST + udp(4, 5, b"y" * 16))),
        _mac(ipv6_frame("fd00::2", "fd00::1", 44, LATER + b"z" * 40)),
    ],
    "under a forged address": [udp_frame("1.2.3.4", 1, CLOUD, 9, b"x")],
    "a stranger's multicast": [udp_frame("10.77.0.9", 5353, "224.0.0.251", 5353, b"x")],
    "to itself": [udp_frame(DEVICE, 1, DEVICE, 9, b"x")],
    "in": [udp_frame(CLOUD, 443, DEVICE, 4000, b"x" * 40)],
}


def shown(path: Path, device: str) -> LiveWire:
    """What a watcher counts."""
    wire, capture = LiveWire(device, 48_557, T0), GrowingCapture(path)
    for frame in capture.read():
        wire.take(frame)
    assert not capture.trouble
    return wire


@pytest.mark.parametrize("device", [DEVICE, MAC])
@pytest.mark.parametrize("name", FRAMES)
def test_bytes_each_way_are_the_same(tmp_path: Path, name: str, device: str) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(pcapng_bytes([(T0 + n, frame) for n, frame in enumerate(FRAMES[name])]))
    found = shown(path, device).destinations.values()
    traffic = read_wire(path, device).traffic
    assert sum(each.sent for each in found) == sum(size for _, size in traffic.sent)
    assert sum(each.received for each in found) == sum(size for _, size in traffic.received)


@pytest.mark.parametrize("name", [name for name in FRAMES if "fragments" not in name])
def test_far_ends_have_the_same_ports(tmp_path: Path, name: str) -> None:
    """Of fragments only the first has one while it is watched; `sayso wire` puts them together."""
    path = tmp_path / "c.pcapng"
    path.write_bytes(pcapng_bytes([(T0 + n, frame) for n, frame in enumerate(FRAMES[name])]))
    [peer] = read_talk(path, DEVICE).peers

    def label(peer: Peer) -> str:
        address = next(iter(peer.addresses))
        return f"{address}{' (to many)' * address.startswith('224.')}:{peer.port}"

    [live] = shown(path, DEVICE).destinations
    assert live == label(peer) or peer.opened_by_peer


def test_stamps_that_begin_at_an_offset_are_read_with_it(tmp_path: Path) -> None:
    options = struct.pack("<HHBxxxHHqI", 9, 1, 3, 14, 8, int(T0), 0)
    head = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    head += block(1, struct.pack("<HHI", 1, 0, 0) + options)
    frame = udp_frame(DEVICE, 1, CLOUD, 9, b"x")
    path = tmp_path / "c.pcapng"
    path.write_bytes(
        head + block(6, struct.pack("<IIIII", 0, 0, 2500, len(frame), len(frame)) + frame)
    )
    [seen] = GrowingCapture(path).read()
    [(unix_s, _)] = read_wire(path, DEVICE).traffic.sent
    assert seen.unix_s == unix_s == T0 + 2.5


def test_another_link_than_ethernet_is_said_not_guessed(tmp_path: Path) -> None:
    content = bytearray(pcapng_bytes([(T0, udp_frame(DEVICE, 1, CLOUD, 9, b"x"))]))
    content[28 + 8 : 28 + 10] = struct.pack("<H", 113)
    path = tmp_path / "c.pcapng"
    path.write_bytes(content)
    growing = GrowingCapture(path)
    assert list(growing.read()) == []
    assert growing.trouble == "the capture is of link type 113: only Ethernet is shown"
