"""Captures of other links than Ethernet: the same flows where they are read, counted where not."""

import struct
from dataclasses import replace

import pytest

from benchmarks.wire_hellos import client_hello, dns_answer, quic_initials, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows import Flow
from harness.wire.flows.formats import COOKED, COOKED_2, LOOP, NULL, RAW
from tests.wire.flows.frames import CLOUD, DEVICE, RESOLVER, SYN, T0, block, flows_of, udp
from tests.wire.flows.frames import ipv6_frame as over_ipv6

MAC = "02:53:41:59:00:02"
HELLO = tls_record(client_hello("cloud.test"))
QUIC = quic_initials(client_hello("quic.test", ("h3",)), b"12345678")
FRAMES = [
    udp_frame(RESOLVER, 53, DEVICE, 4000, dns_answer("maker.test", [bytes([10, 77, 0, 1])])),
    tcp_frame(DEVICE, 4001, CLOUD, 443, 99, b"", SYN),
    tcp_frame(DEVICE, 4001, CLOUD, 443, 100, HELLO),
    tcp_frame(CLOUD, 443, DEVICE, 4001, 5000, b"x" * 900),
    *(udp_frame(DEVICE, 4002, CLOUD, 443, one) for one in QUIC),
    over_ipv6("fd00::2", "fd00::1", 17, udp(4003, 9, b"y" * 50)),
]


def _family(frame: bytes, order: str, six: int) -> bytes:
    return struct.pack(order + "I", 2 if frame[12:14] == b"\x08\x00" else six) + frame[14:]


def _cooked(frame: bytes) -> bytes:
    return struct.pack("!HHH6s2x", 4, 1, 6, bytes.fromhex(MAC.replace(":", ""))) + frame[12:]


def _cooked_2(frame: bytes) -> bytes:
    sender = bytes.fromhex(MAC.replace(":", ""))
    return frame[12:14] + struct.pack("!HIHBB6s2x", 0, 3, 1, 4, 6, sender) + frame[14:]


LINKS = {
    "raw IP": (RAW, lambda frame: frame[14:]),
    "raw IP, number of old": (12, lambda frame: frame[14:]),
    "Linux cooked": (COOKED, _cooked),
    "Linux cooked, version 2": (COOKED_2, _cooked_2),
    "BSD loopback, little": (NULL, lambda frame: _family(frame, "<", 30)),
    "BSD loopback, big": (NULL, lambda frame: _family(frame, ">", 24)),
    "OpenBSD loopback": (LOOP, lambda frame: _family(frame, ">", 24)),
}


def on_link(number: int, frames: list[bytes]) -> bytes:
    """A pcapng capture of that link."""
    content = bytearray(pcapng_bytes([], dropped=None))
    content[28 + 8 : 28 + 10] = struct.pack("<H", number)
    for n, frame in enumerate(frames):
        us = int(T0 * 1e6) + 1000 * n
        head = struct.pack("<IIIII", 0, us >> 32, us & 0xFFFFFFFF, len(frame), len(frame))
        content += block(6, head + frame)
    return bytes(content)


def above_the_link(flow: Flow) -> Flow:
    """The flow without what only a link tells."""
    a, b = (replace(end, mac="", frame_bytes=0) for end in (flow.a, flow.b))
    return replace(flow, a=a, b=b, ether_type=0)


@pytest.mark.parametrize("link", LINKS)
def test_a_link_that_is_known_gives_the_flows_that_ethernet_gives(link: str) -> None:
    number, turned = LINKS[link]
    expected, _ = flows_of(on_link(1, FRAMES))
    flows, reading = flows_of(on_link(number, [turned(frame) for frame in FRAMES]))
    assert [above_the_link(flow) for flow in flows] == [above_the_link(flow) for flow in expected]
    assert {flow.server_name for flow in flows} >= {"cloud.test", "quic.test"}
    assert not reading.malformed and reading.cooked == link.startswith("Linux")
    assert (flows[-1].a.mac == MAC) == link.startswith("Linux")


@pytest.mark.parametrize("link", LINKS)
def test_frames_cut_anywhere_are_counted_and_cost_only_themselves(link: str) -> None:
    number, turned = LINKS[link]
    frame = turned(FRAMES[-1])
    cut = [frame[:n] for n in range(len(frame))]
    flows, reading = flows_of(on_link(number, [*cut, turned(FRAMES[2])]))
    assert reading.packets == len(cut) + 1 and flows[-1].a.port == 4001
    assert sum(reading.malformed.values()) == len(cut)


@pytest.mark.parametrize(("number", "name"), [(127, "802.11 radio"), (105, "802.11"), (9, "PPP")])
def test_another_kind_of_link_is_counted_not_read(number: int, name: str) -> None:
    flows, reading = flows_of(on_link(number, FRAMES[:1]))
    assert reading.malformed == {"link type": 1} and flows[0].a.address == "", name
    assert flows[0].a.frame_bytes == len(FRAMES[0])


def test_what_is_not_ip_on_a_cooked_link_counts_by_its_sender() -> None:
    arp = bytes(12) + b"\x08\x06" + bytes(28)
    [flow], reading = flows_of(on_link(COOKED, [_cooked(arp), _cooked(arp)]))
    assert (flow.ether_type, flow.a.mac, flow.a.packets) == (0x0806, MAC, 2)
    assert not reading.malformed


def test_links_of_one_capture_are_read_each_in_its_way() -> None:
    """As `dumpcap` writes them for several interfaces: each says its own link."""
    parts = [on_link(number, [turned(FRAMES[-1])]) for number, turned in LINKS.values()]
    flows, reading = flows_of(b"".join(parts))
    [flow] = flows
    assert flow.a.packets == len(LINKS) and flow.a.payload_bytes == 50 * len(LINKS)
    assert reading.sound
