"""The same flows, bytes, repetitions and names as tshark finds, in packets of every shape."""

import shutil
import subprocess
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.wire_hellos import client_hello, dns_answer, quic_initials, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows import Flow
from tests.wire.flows.frames import (
    ACK,
    CLOUD,
    DEVICE,
    RESOLVER,
    SYN,
    T0,
    Timed,
    flows_of,
    fragments,
    ipv6_frame,
    tagged,
    udp,
)

FIELDS = (
    "ip.src", "ipv6.src", "tcp.srcport", "udp.srcport", "tcp.dstport", "udp.dstport", "vlan.id",
    "tcp.len", "udp.length", "tcp.analysis.retransmission",
    "tls.handshake.extensions_server_name", "dns.qry.name", "dns.a", "dns.aaaa",
)  # fmt: skip
LONG = tls_record(client_hello("split.test", pad=1500))
# Ends of a flow, from the one with the lower (port, address), and its VLAN tags.
Key = tuple[tuple[int, str], tuple[int, str], str]


@dataclass
class Sums:
    """What one flow carried, by sender (port, address): packets, new bytes, repeated bytes."""

    packets: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    fresh: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    again: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    name: str = ""


def tcp(port: int, parts: list[tuple[float, int, bytes]]) -> list[Timed]:
    """A connection of the device: (seconds after its begin, offset in the stream, bytes)."""
    frames = [
        (T0, tcp_frame(DEVICE, port, CLOUD, 443, 999, b"", SYN)),
        (T0 + 0.001, tcp_frame(CLOUD, 443, DEVICE, port, 4999, b"", SYN | ACK, 1000)),
        (T0 + 0.002, tcp_frame(DEVICE, port, CLOUD, 443, 1000, b"", ACK, 5000)),
    ]
    sent = [
        (T0 + at_s, tcp_frame(DEVICE, port, CLOUD, 443, 1000 + at, payload, 0x18, 5000))
        for at_s, at, payload in parts
    ]
    return frames + sent


def over_ipv6(timed: list[Timed]) -> list[Timed]:
    """The same transport between two addresses of IPv6."""
    ends = ("fd00::2", "fd00::1")
    frames = []
    for unix_s, frame in timed:
        to, by = ends if frame[26:30] == bytes([10, 77, 0, 2]) else ends[::-1]
        frames.append((unix_s, ipv6_frame(to, by, frame[23], frame[34:])))
    return frames


def in_tags(timed: list[Timed], *tags: int) -> list[Timed]:
    """The same frames with VLAN tags."""
    return [(unix_s, tagged(frame, *tags)) for unix_s, frame in timed]


REPEATED = [(0.01, 0, b"a" * 500), (0.02, 500, b"b" * 700), (0.5, 0, b"a" * 500),
            (1.0, 500, b"b" * 700), (1.1, 1200, b"c" * 9)]  # fmt: skip
DISORDERED = [(0.01, 0, b"a" * 500), (0.02, 900, b"c" * 100), (0.0201, 500, b"b" * 400)]
SPLIT = [(0.01, 0, LONG[:700]), (0.02, 700, LONG[700:1400]), (0.03, 1400, LONG[1400:])]
QUIC = quic_initials(client_hello("quic.test", ("h3",)), b"12345678")
QUIC_6 = quic_initials(client_hello("quic.test", ("h3",)), b"87654321")
ANSWER = dns_answer("six.test", [bytes([10, 77, 9, n]) for n in range(60)])

SHAPES: dict[str, list[Timed]] = {
    "retransmissions": tcp(4001, REPEATED),
    "out of order": tcp(4002, DISORDERED),
    "a hello in three segments": tcp(4003, SPLIT),
    "IPv6": over_ipv6([*tcp(4004, REPEATED), (T0, udp_frame(DEVICE, 5, CLOUD, 9, b"x" * 77))]),
    "a VLAN tag": in_tags(tcp(4005, SPLIT), 7),
    "two VLAN tags": in_tags(tcp(4006, REPEATED), 5, 7),
    "QUIC": [
        (T0 + n, udp_frame(DEVICE, 6, CLOUD, 443, datagram)) for n, datagram in enumerate(QUIC)
    ],
    "QUIC over IPv6": [
        (T0 + n, ipv6_frame("fd00::2", "fd00::1", 17, udp(6, 443, datagram)))
        for n, datagram in enumerate(QUIC_6)
    ],
}


def of_tshark(path: Path) -> list[dict[str, str]]:
    """One line of fields for each packet."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-E", "separator=|"]
    command += [part for name in FIELDS for part in ("-e", name)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return [dict(zip(FIELDS, line.split("|"), strict=True)) for line in done.stdout.splitlines()]


def sums_of_tshark(path: Path) -> dict[Key, Sums]:
    found: dict[Key, Sums] = defaultdict(Sums)
    for told in of_tshark(path):
        there = "tcp" if told["tcp.srcport"] else "udp"
        to_v6 = {"fd00::1": "fd00::2", "fd00::2": "fd00::1"}
        source = told["ip.src"] or told["ipv6.src"]
        other = to_v6.get(source) or (DEVICE if source == CLOUD else CLOUD)
        sender = (int(told[f"{there}.srcport"]), source)
        low, high = sorted([sender, (int(told[f"{there}.dstport"]), other)])
        sums = found[low, high, told["vlan.id"]]
        size = int(told["tcp.len"]) if there == "tcp" else int(told["udp.length"]) - 8
        sums.packets[sender] += 1
        (sums.again if told["tcp.analysis.retransmission"] else sums.fresh)[sender] += size
        sums.name = told["tls.handshake.extensions_server_name"] or sums.name
    return found


def sums_of(flow: Flow) -> tuple[Key, Sums]:
    ends = {(end.port, end.address): end for end in (flow.a, flow.b)}
    low, high = sorted(ends)
    sums = Sums(name=flow.server_name or "")
    for key, end in ends.items():
        if end.packets:
            sums.packets[key] = end.packets
            sums.fresh[key] = end.payload_bytes
        if end.repeated_bytes:
            sums.again[key] = end.repeated_bytes
    return (low, high, ",".join(map(str, flow.vlans))), sums


needs_tshark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")


@pytest.mark.slow
@needs_tshark
def test_flows_of_every_shape_are_those_of_tshark(tmp_path: Path) -> None:
    frames = sorted((timed for shape in SHAPES.values() for timed in shape), key=lambda t: t[0])
    path = tmp_path / "shapes.pcapng"
    path.write_bytes(pcapng_bytes(frames))
    flows, reading = flows_of(path.read_bytes())
    assert reading.sound and not reading.unnamed
    assert dict(map(sums_of, flows)) == sums_of_tshark(path)
    assert {flow.server_name for flow in flows} == {None, "split.test", "quic.test"}


@pytest.mark.slow
@needs_tshark
def test_names_of_an_answer_in_fragments_are_those_of_tshark(tmp_path: Path) -> None:
    pieces = fragments(udp_frame(RESOLVER, 53, DEVICE, 4001, ANSWER), 512)
    asked = [(T0 + 1 + n, udp_frame(DEVICE, 7, f"10.77.9.{n}", 9, b"x")) for n in range(60)]
    path = tmp_path / "fragments.pcapng"
    path.write_bytes(
        pcapng_bytes([*((T0 + n / 99, part) for n, part in enumerate(pieces)), *asked])
    )
    theirs = {
        (address, told["dns.qry.name"])
        for told in of_tshark(path)
        for address in told["dns.a"].split(",")
        if address
    }
    flows, _ = flows_of(path.read_bytes())
    assert {(flow.b.address, name) for flow in flows for name in flow.names} == theirs
    assert len(theirs) == 60
