"""Whom the device talked to: each byte under one destination, nothing hidden, memory bounded."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.wire_hellos import client_hello, dns_answer, tls_record
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT, CanaryFlow
from harness.errors import RigError
from harness.wire.peers import OTHERS, OverTime, Peer, Talk
from harness.wire.talk import read_talk
from tests.wire.flows.frames import CLOUD, DEVICE, RESOLVER, SYN, T0, Timed, ipv6_frame, udp

DEVICE_MAC = "02:53:41:59:00:02"  # as the frames of the simulated capture have it


def connection(port: int, start_s: float, payloads: list[bytes], to: str = CLOUD) -> list[Timed]:
    frames = [(start_s, tcp_frame(DEVICE, port, to, 443, 99, b"", SYN))]
    at = 100
    for number, payload in enumerate(payloads):
        frame = tcp_frame(DEVICE, port, to, 443, at, payload)
        frames.append((start_s + 0.1 * (number + 1), frame))
        at += len(payload)
    return frames


def talk_of(
    folder: Path,
    frames: list[Timed],
    device: str | None = DEVICE,
    own: tuple[CanaryFlow, ...] = (),
) -> Talk:
    path = folder / "c.pcapng"
    path.write_bytes(pcapng_bytes(sorted(frames, key=lambda frame: frame[0])))
    return read_talk(path, device, own)


def by_destination(talk: Talk) -> dict[str, Peer]:
    return {peer.destination: peer for peer in talk.peers}


HELLO = tls_record(client_hello("cloud.test"))


def test_each_destination_with_what_went_each_way(tmp_path: Path) -> None:
    frames = connection(4000, T0, [HELLO, b"x" * 1000]) + connection(4001, T0 + 9, [HELLO])
    frames += [(T0 + 1, tcp_frame(CLOUD, 443, DEVICE, 4000, 5001, b"y" * 30))]
    frames += [(T0 + 2, udp_frame(DEVICE, 9, RESOLVER, 123, b"t" * 48))]
    talk = talk_of(tmp_path, frames)
    assert [peer.destination for peer in talk.peers] == ["cloud.test:443", f"{RESOLVER}:123"]
    cloud = talk.peers[0]
    assert (cloud.flows, cloud.protocol, list(cloud.addresses)) == (2, "TCP", [CLOUD])
    assert cloud.sent.payload_bytes == 2 * len(HELLO) + 1000
    assert (cloud.received.payload_bytes, cloud.received.packets) == (30, 1)
    assert (cloud.first_s, cloud.last_s) == (T0, pytest.approx(T0 + 9.1))
    assert "TLS" in cloud.marks and talk.unread == talk.doubts == () and talk.dropped == 0


def test_bytes_over_time(tmp_path: Path) -> None:
    frames = [(T0 + n, udp_frame(DEVICE, 4000, CLOUD, 9, b"x" * (n + 1))) for n in range(5)]
    frames += [(T0 + 2, udp_frame(CLOUD, 9, DEVICE, 4000, b"y" * 70))]
    [peer] = talk_of(tmp_path, frames).peers
    spans = peer.over_time.spans
    first = int(T0 * 1e9) // peer.over_time.span_ns
    per_s = 10**9 // peer.over_time.span_ns
    assert {(n - first) // per_s: both for n, both in spans.items()} == {
        0: [1, 0], 1: [2, 0], 2: [3, 70], 3: [4, 0], 4: [5, 0],
    }  # fmt: skip


def test_encrypted_names_and_encrypted_dns_are_marked(tmp_path: Path) -> None:
    ech = tls_record(client_hello("front.test", ech=True))
    frames = connection(4000, T0, [ech])
    frames += connection(4001, T0, [tls_record(client_hello("dns.google"))])
    told = by_destination(talk_of(tmp_path, frames))
    assert any("encrypted ClientHello" in mark for mark in told["front.test:443"].marks)
    assert "encrypted DNS (doh)" in told["dns.google:443"].marks


def test_neighbours_multicast_ipv6_and_frames_without_ip(tmp_path: Path) -> None:
    frames = [
        (T0, udp_frame(DEVICE, 5353, "224.0.0.251", 5353, b"m" * 60)),
        (T0, udp_frame(DEVICE, 4000, "192.168.7.9", 80, b"n" * 50)),
        (T0, ipv6_frame("fe80::2", "fe80::9", 17, udp(4000, 81, b"s" * 40))),
        (T0, bytes(6) + bytes.fromhex("025341590002") + b"\x08\x06" + bytes(28)),
    ]
    talk = talk_of(tmp_path, frames)
    told = by_destination(talk)
    assert "to many" in told["224.0.0.251:5353"].marks
    assert "private address" in told["192.168.7.9:80"].marks
    six = told["fe80::9:81"]
    assert six.sent.payload_bytes == 40
    assert "from fe80::2, not the device's address" in six.marks
    assert told["00:00:00:00:00:00"].protocol == "ARP"


def test_what_others_open_is_told_from_what_the_device_opens(tmp_path: Path) -> None:
    frames = [
        (T0, tcp_frame("192.168.7.9", 5000, DEVICE, 8009, 1, b"", SYN)),
        (T0 + 1, tcp_frame(DEVICE, 8009, "192.168.7.9", 5000, 1, b"z" * 500)),
    ]
    [peer] = talk_of(tmp_path, frames).peers
    assert (peer.host, peer.port, peer.opened_by_peer) == ("192.168.7.9", 8009, True)
    assert peer.sent.payload_bytes == 500


def test_by_mac_the_device_is_known_under_every_address(tmp_path: Path) -> None:
    frames = connection(4000, T0, [b"x" * 10])
    frames += [(T0 + 1, tcp_frame(CLOUD, 443, DEVICE, 4000, 1, b"y" * 30))]
    [peer] = talk_of(tmp_path, frames, DEVICE_MAC).peers
    assert (peer.sent.payload_bytes, peer.received.payload_bytes) == (10, 30)


def test_the_harness_own_is_shown_as_such(tmp_path: Path) -> None:
    frames = connection(4000, T0, [b"x" * 10]) + connection(4000, T0 + 60, [b"x" * 20])
    frames += [(T0, udp_frame(DEVICE, 7, CLOUD, CANARY_PORT, CANARY_MARK + b"n"))]
    talk = talk_of(tmp_path, frames, own=(CanaryFlow(4000, T0 - 0.01, T0 + 0.5),))
    own = {peer.sent.payload_bytes: peer.own for peer in talk.peers if peer.protocol == "TCP"}
    assert own == {10: True, 20: False} and talk.peers[-1].own
    [canary] = [peer for peer in talk.peers if peer.protocol == "UDP"]
    assert "port of the harness's canaries" in canary.marks and not canary.own


def test_whoever_opens_most_is_taken_for_the_device(tmp_path: Path) -> None:
    frames = [f for n in range(3) for f in connection(4000 + n, T0 + n, [b"x"])]
    frames += [(T0, tcp_frame("10.77.0.8", 5, DEVICE, 80, 1, b"", SYN))]
    assert talk_of(tmp_path, frames, None).device == DEVICE
    with pytest.raises(RigError, match="holds no packets"):
        talk_of(tmp_path, [], None)
    with pytest.raises(RigError, match="there is no capture"):
        read_talk(tmp_path / "none.pcapng")


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    frames = [*connection(4000, T0, [b"x"]), (T0 + 2, bytes(12) + b"\x08\x00")]
    name = udp_frame(RESOLVER, 53, DEVICE, 5, dns_answer("a.test", [bytes(4)])[:-3])
    (tmp_path / "c.pcapng").write_bytes(pcapng_bytes([*frames, (T0 + 1, name)])[:-3])
    talk = read_talk(tmp_path / "c.pcapng", DEVICE)
    assert len(talk.unread) == 2 and "IPv4 header" in talk.unread[0] and "cut" not in talk.unread
    assert "1 files end within a block" in talk.unread
    assert len(talk.doubts) == 2 and talk.dropped is None


def test_more_destinations_than_anybody_reads_are_added_up(tmp_path: Path) -> None:
    frames = [
        (T0 + n / 1000, udp_frame(DEVICE, 4000, f"8.8.{n // 250}.{n % 250}", 9, b"x" * 10))
        for n in range(4200)
    ]
    talk = talk_of(tmp_path, frames)
    assert len(talk.peers) == 4097
    [rest] = [peer for peer in talk.peers if peer.host == OTHERS]
    assert rest.flows == 4200 - 4096
    assert sum(peer.sent.payload_bytes for peer in talk.peers) == 42_000


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 10**15), st.integers(0, 10**6), st.integers(0, 10**6)),
        max_size=60,
    ),
    st.sampled_from([10**9, 250 * 10**6]),
    st.booleans(),
)
def test_spans_widen_and_no_byte_is_lost(
    added: list[tuple[int, int, int]], span_ns: int, turned: bool
) -> None:
    one, other = OverTime(span_ns, most=16), OverTime(10**9, most=16)
    for number, entry in enumerate(added):
        (one if number % 2 else other).add(*entry)
    one.merge(other, turned)
    assert len(one.spans) <= 16
    want = [0, 0]
    for number, (_, sent, received) in enumerate(added):
        flip = turned and number % 2 == 0
        want[0] += received if flip else sent
        want[1] += sent if flip else received
    assert [sum(both[way] for both in one.spans.values()) for way in (0, 1)] == want
