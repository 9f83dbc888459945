"""What nobody would send by mistake: an error costs that packet, is counted, and costs no more."""

import resource
import struct

import numpy as np
import pytest

from benchmarks.wire_hellos import client_hello, dns_answer, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows import FlowReader
from tests.wire.flows.frames import (
    CLOUD,
    DEVICE,
    RESOLVER,
    SYN,
    T0,
    Timed,
    block,
    flows_of,
    pcap_bytes,
)

GOOD = (T0 + 9, udp_frame(DEVICE, 4000, CLOUD, 9, b"good"))
ANSWER = dns_answer("a.test", [bytes([10, 77, 0, 9])])


def counted(frame: bytes, kind: str) -> None:
    """The packet is read, what is wrong in it is counted once, and the next one is as ever."""
    flows, reading = flows_of(pcapng_bytes([(T0, frame), GOOD]))
    assert reading.unnamed == {kind: 1} and reading.sound and reading.packets == 2
    assert (flows[-1].b.address, flows[-1].a.payload_bytes, flows[-1].names) == (CLOUD, 4, ())


def label(size: int) -> bytes:
    return bytes([size]) + b"a" * size


MANY = struct.pack("!HHHHHH", 7, 0x8180, 1, 1, 0, 0) + label(63) * 160 + b"\0" + bytes(14)


@pytest.mark.parametrize(
    "message",
    [
        ANSWER[:5],
        ANSWER[:-1],
        ANSWER[:12] + b"\x3f" + ANSWER[13:],
        ANSWER[:12] + b"\x80" + ANSWER[13:],
        ANSWER[:6] + b"\0\x09" + ANSWER[8:],
        MANY,
    ],
    ids=["head cut", "address cut", "label too long", "reserved", "too few", "10,000 letters"],
)
def test_malformed_dns_answers(message: bytes) -> None:
    counted(udp_frame(RESOLVER, 53, DEVICE, 5, message), "DNS message")


def test_dns_pointers_in_a_circle() -> None:
    circle = struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 0) + b"\xc0\x0c" + bytes(14)
    counted(udp_frame(DEVICE, 5353, "224.0.0.251", 5353, circle), "DNS message")


def test_a_name_of_unprintable_letters_is_no_name() -> None:
    message = ANSWER.replace(b"\1a\4test", b"\1\x07\4test")
    counted(udp_frame(RESOLVER, 53, DEVICE, 5, message), "name")


def test_malformed_dhcp() -> None:
    lease = b"\1" + bytes(235) + b"\x63\x82\x53\x63\x0c\xff" + b"short"
    counted(udp_frame("0.0.0.0", 68, "255.255.255.255", 67, lease), "DHCP message")


HELLO = client_hello("a.test")


@pytest.mark.parametrize(
    "hello",
    [
        HELLO[:4] + bytes(34) + b"\xff" + HELLO[39:],
        HELLO[:51] + b"\xff\xff" + HELLO[53:],
        b"\1\0\0\2\3\3",
    ],
    ids=["session longer than all", "extension longer than all", "two bytes"],
)
def test_malformed_hellos(hello: bytes) -> None:
    frames = [
        (T0, tcp_frame(DEVICE, 4000, CLOUD, 443, 1, b"", SYN)),
        (T0 + 1, tcp_frame(DEVICE, 4000, CLOUD, 443, 2, tls_record(hello))),
    ]
    flows, reading = flows_of(pcapng_bytes([*frames, GOOD]))
    assert reading.unnamed == {"TLS hello": 1} and reading.sound
    assert flows[0].server_name is None and len(flows) == 2


def test_a_hello_that_promises_more_than_comes_is_no_name_and_no_error() -> None:
    sent = b"\x16\x03\x01\xff\xff\x01\xff\xff\xff" + bytes(1000)
    frames: list[Timed] = [
        (T0, tcp_frame(DEVICE, 4000, CLOUD, 443, 1, b"", SYN)),
        (T0 + 1, tcp_frame(DEVICE, 4000, CLOUD, 443, 2, sent)),
    ]
    [flow], reading = flows_of(pcapng_bytes(frames))
    assert flow.server_name is None and reading.sound and flow.a.payload_bytes == len(sent)


def test_time_far_back_and_far_ahead_costs_no_byte() -> None:
    times = [T0, 0.0, T0 + 4e8, 1.0, T0]
    frames = [(at_s, udp_frame(DEVICE, 4000, CLOUD, 9, b"x" * 10)) for at_s in times]
    [flow], reading = flows_of(pcapng_bytes(frames))
    assert (flow.a.payload_bytes, reading.backwards) == (50, 3)
    assert (flow.first_s, flow.last_s) == (0.0, T0 + 4e8)


def test_a_stamp_beyond_all_times_is_in_the_slices_too() -> None:
    """It wraps to a time before 1970; slices of time are what says how much left when."""
    frame = udp_frame(DEVICE, 4000, CLOUD, 9, b"x" * 10)
    late = struct.pack("<IIIII", 0, 0xFFFFFFF0, 5, len(frame), len(frame)) + frame
    reader = FlowReader()
    reader.begin_file()
    reader.feed(pcapng_bytes([GOOD], dropped=None) + block(6, late) + block(6, late))
    batch = reader.finish()
    assert int(batch.slices[:, 2:4].sum()) == reader.reading.packets == 3
    assert int(batch.slices[:, 6:8].sum()) == 24


@pytest.mark.slow
def test_a_million_flows_in_bounded_memory() -> None:
    """Each is one packet to a host and port of its own; no byte is lost, and memory stays."""
    part, parts = 50_000, 20
    head, frame = pcap_bytes([]), udp_frame(DEVICE, 1, "8.0.0.0", 9, b"x" * 18)
    record = np.frombuffer(struct.pack("<IIII", 0, 0, len(frame), len(frame)) + frame, np.uint8)
    reader = FlowReader()
    reader.begin_file()
    reader.feed(head)
    flows = payload = 0
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for number in range(parts):
        records = np.tile(record, (part, 1))
        index = (np.arange(part) + part * number).astype(">u4")
        records[:, 0:4] = (index // 1000).astype("<u4").view(np.uint8).reshape(-1, 4)
        at = 16 + 14 + 16  # of the address sent to
        records[:, at + 1 : at + 4] = index.view(np.uint8).reshape(-1, 4)[:, 1:]
        reader.feed(records.tobytes())
        batch = reader.take()
        flows, payload = flows + len(batch.table), payload + int(batch.slices[:, 6:8].sum())
    rest = reader.finish()
    flows, payload = flows + len(rest.table), payload + int(rest.slices[:, 6:8].sum())
    assert (flows, payload, reader.reading.packets) == (10**6, 18 * 10**6, 10**6)
    assert reader.reading.evicted > 0 and reader.reading.sound
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 400_000
