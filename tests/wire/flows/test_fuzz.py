"""Captures with bytes changed, cut out and put in: never an error, never a packet lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.wire_hellos import (
    client_hello,
    dns_answer,
    dns_query,
    quic_initials,
    tls_record,
)
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from tests.wire.flows.frames import (
    CLOUD,
    DEVICE,
    RESOLVER,
    SYN,
    T0,
    fragments,
    ipv6_frame,
    pcap_bytes,
    tagged,
    udp,
)
from tests.wire.flows.fuzz import one_input

LONG = tls_record(client_hello("a.test", ech=True, pad=900))
ANSWER = udp_frame(RESOLVER, 53, DEVICE, 5, dns_answer("a.test", [bytes(4)] * 40))
LEASE = b"\1" + bytes(235) + b"\x63\x82\x53\x63\x0c\1a\xff"
SEEDS = [
    tcp_frame(DEVICE, 4000, CLOUD, 443, 1, b"", SYN),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 2, LONG[:600]),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 602, LONG[600:]),
    tcp_frame(DEVICE, 4000, CLOUD, 443, 2, LONG[:600]),
    tcp_frame(DEVICE, 4001, CLOUD, 443, 9, tls_record(client_hello("b.test"))),
    udp_frame(DEVICE, 5, RESOLVER, 53, dns_query("a.test")),
    udp_frame(RESOLVER, 53, DEVICE, 5, dns_answer("a.test", [bytes(4), bytes(4)])),
    *fragments(ANSWER, 256),
    udp_frame(DEVICE, 6, CLOUD, 443, quic_initials(client_hello("q.test"), b"12345678")[0]),
    udp_frame(DEVICE, 5353, "224.0.0.251", 5353, dns_answer("a.local", [bytes(4)])),
    udp_frame(
        DEVICE, 68, "255.255.255.255", 67, b"\1" + bytes(235) + b"\x63\x82\x53\x63\x0c\1a\xff"
    ),
    tagged(ipv6_frame("fe80::2", "fe80::1", 0, bytes([17, 0]) + bytes(6) + udp(1, 2, b"x")), 7),
    bytes(12) + b"\x08\x06" + bytes(28),
]
TIMED = [(T0 + n / 7, frame) for n, frame in enumerate(SEEDS)]
CAPTURES = [
    pcapng_bytes(TIMED),
    pcapng_bytes(TIMED, byte_order=">"),
    pcap_bytes(TIMED),
    pcap_bytes(TIMED, ">", nano=True),
]
CHANGES = st.lists(
    st.tuples(st.integers(0, 2**16), st.binary(max_size=8), st.booleans()), max_size=6
)


def changed(content: bytes, changes: list[tuple[int, bytes, bool]]) -> bytes:
    """`content` with bytes put in, or put in place of those that were there."""
    for place, new, instead in changes:
        at = place % len(content)
        content = content[:at] + new + content[at + (len(new) if instead else 0) :]
        content = content or b"\0"
    return content


def test_the_seeds_themselves() -> None:
    for capture in CAPTURES:
        assert one_input(capture).sound


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(CAPTURES), CHANGES)
def test_captures_with_changes(capture: bytes, changes: list[tuple[int, bytes, bool]]) -> None:
    one_input(changed(capture, changes))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(range(len(SEEDS))), st.binary(max_size=40), st.integers(0, 2**16))
def test_packets_with_changes(number: int, new: bytes, place: int) -> None:
    """The file is sound, so every change reaches what reads packets and names."""
    frame = SEEDS[number]
    at = place % len(frame)
    spoilt = frame[:at] + new + frame[at + len(new) :]
    frames = [*TIMED[:number], (TIMED[number][0], spoilt), *TIMED[number + 1 :]]
    reading = one_input(pcapng_bytes(frames))
    assert reading.packets == len(frames) and not reading.damage


@settings(max_examples=30, deadline=None)
@given(st.binary(max_size=400))
def test_bytes_of_no_meaning(content: bytes) -> None:
    one_input(content)
    one_input(CAPTURES[0][:80] + content)


@pytest.mark.exhaustive
@pytest.mark.slow
def test_no_place_outside_of_a_buffer_is_read(tmp_path: Path) -> None:
    """The same with numba's own check of every place, which raises where one is outside."""
    around = {**os.environ, "NUMBA_BOUNDSCHECK": "1", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", __file__,
               "-m", "not slow"]  # fmt: skip
    done = subprocess.run(command, env=around, capture_output=True, text=True, timeout=280)
    assert done.returncode == 0, done.stdout[-3000:]
