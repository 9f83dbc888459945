"""Packets into flows: who, how much, under which name; golden captures."""

import ssl
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.wire_hellos import (
    client_hello,
    dns_answer,
    dns_query,
    quic_initials,
    tls_record,
)
from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.wire.flows import Flow, FlowReader
from tests.wire.flows.frames import (
    ACK,
    CLOUD,
    DEVICE,
    FIN,
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

HELLO = tls_record(client_hello("cloud.reference.test"))


def connection(port: int, sent: list[bytes], first: int = 1000) -> list[Timed]:
    """A TCP connection of the device in which these segments are sent one after another."""
    frames = [
        (T0, tcp_frame(DEVICE, port, CLOUD, 443, first, b"", SYN)),
        (T0 + 0.01, tcp_frame(CLOUD, 443, DEVICE, port, 5000, b"", SYN | ACK, first + 1)),
    ]
    at = first + 1
    for number, payload in enumerate(sent):
        frames.append((T0 + 0.02 + number / 100, tcp_frame(DEVICE, port, CLOUD, 443, at, payload)))
        at += len(payload)
    return frames


def only(frames: list[Timed]) -> Flow:
    """The one flow of a capture that is read without any complaint."""
    [flow], reading = flows_of(pcapng_bytes(frames))
    assert reading.sound and not reading.unnamed
    return flow


def test_a_connection_with_both_sides_counted() -> None:
    frames = connection(4000, [HELLO, b"x" * 100])
    frames.append((T0 + 1, tcp_frame(CLOUD, 443, DEVICE, 4000, 5001, b"y" * 30)))
    flow = only(frames)
    assert (flow.a.address, flow.a.port, flow.b.address, flow.b.port) == (DEVICE, 4000, CLOUD, 443)
    assert (flow.a.packets, flow.b.packets) == (3, 2)
    assert (flow.a.payload_bytes, flow.b.payload_bytes) == (len(HELLO) + 100, 30)
    assert flow.a.frame_bytes == 3 * 54 + len(HELLO) + 100
    assert (flow.first_s, flow.last_s) == (T0, T0 + 1)
    assert (flow.server_name, flow.offered) == ("cloud.reference.test", ("h2", "http/1.1"))
    assert flow.tls and not (flow.quic or flow.ech or flow.from_the_middle or flow.encrypted_dns)


def test_what_is_sent_again_counts_once() -> None:
    frames = connection(4000, [b"x" * 100, b"y" * 50])
    again = [(T0 + 1 + n, frame) for n, (_, frame) in enumerate(frames[1:])]
    flow = only([frames[0], *frames, *again])
    assert (flow.a.payload_bytes, flow.a.repeated_bytes, flow.a.packets) == (150, 150, 6)


def test_a_stack_that_always_begins_with_the_same_number_hides_nothing() -> None:
    frames = connection(4000, [b"x" * 100])
    flows, _ = flows_of(pcapng_bytes(frames + [(T0 + 9, frame) for _, frame in frames]))
    assert [flow.a.payload_bytes for flow in flows] == [100, 100]


def test_answer_seen_first_is_still_an_answer() -> None:
    frames = connection(4000, [b"x"])[1:]
    assert only(frames).a.address == DEVICE


def test_the_same_ports_again_are_another_connection() -> None:
    frames = connection(4000, [b"x" * 10])
    later = [(unix_s + 5, frame) for unix_s, frame in connection(4000, [b"y" * 20], first=9)]
    flows, _ = flows_of(pcapng_bytes(frames + later))
    assert [flow.a.payload_bytes for flow in flows] == [10, 20]


def test_a_connection_from_the_middle_counts_what_comes_late_too() -> None:
    frames = [
        (T0, tcp_frame(DEVICE, 4000, CLOUD, 443, 1100, b"y" * 50)),
        (T0 + 1, tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, b"x" * 100)),
        (T0 + 2, tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, b"x" * 100)),
    ]
    flow = only(frames)
    assert (flow.a.payload_bytes, flow.a.repeated_bytes) == (150, 100)
    assert flow.from_the_middle


def test_a_hello_in_several_segments_in_any_order() -> None:
    long = tls_record(client_hello("split.test", pad=1500))
    [syn, answer, *parts] = connection(4000, [long[:700], long[700:1400], long[1400:]])
    for order in ((0, 1, 2), (1, 0, 2), (0, 2, 1)):
        frames = [(T0 + 1 + n, parts[place][1]) for n, place in enumerate(order)]
        assert only([syn, answer, *frames]).server_name == "split.test"


def test_a_hello_in_tiny_segments() -> None:
    sent = [HELLO[:1], HELLO[1:4], HELLO[4:8], HELLO[8:]]
    assert only(connection(4000, sent)).server_name == "cloud.reference.test"


def test_a_hello_that_a_syn_brings_along_is_read_and_counted() -> None:
    """TCP Fast Open; what does not fit follows after the answer."""
    for cut in (100, len(HELLO)):
        frames = connection(4000, [b"x"], first=1000 + cut)[1:]
        frames.insert(0, (T0, tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, HELLO[:cut], SYN)))
        if HELLO[cut:]:
            rest = tcp_frame(DEVICE, 4000, CLOUD, 443, 1001 + cut, HELLO[cut:])
            frames[2] = (T0 + 0.1, rest)
        flow = only(frames)
        assert flow.server_name == "cloud.reference.test"
        assert flow.a.payload_bytes == len(HELLO) + (cut == len(HELLO))


def test_server_name_of_a_real_client() -> None:
    outgoing = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(
        ssl.MemoryBIO(), outgoing, server_hostname="cloud.reference.test"
    )
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    hello = outgoing.read()
    for cut in (len(hello), 1400, 100):
        sent = [hello[at : at + cut] for at in range(0, len(hello), cut)]
        assert only(connection(4000, sent)).server_name == "cloud.reference.test"


def test_what_is_no_hello_has_no_name() -> None:
    flow = only(connection(4000, [b"POST / HTTP/1.1\r\n", HELLO]))
    assert flow.server_name is None and not flow.tls


@pytest.mark.parametrize("length", [256, 10_000, 60_000])
def test_a_name_of_any_length_is_refused_and_counted(length: int) -> None:
    hello = tls_record(client_hello("a" * length))[:16_000]
    sent = [hello[at : at + 1400] for at in range(0, len(hello), 1400)]
    [flow], reading = flows_of(pcapng_bytes(connection(4000, sent)))
    assert flow.server_name is None and reading.sound
    assert reading.unnamed == ({"name": 1} if length < 16_000 else {})


def test_encrypted_hello_and_encrypted_dns_are_flagged() -> None:
    ech = tls_record(client_hello("front.test", ech=True))
    assert only(connection(4000, [ech])).ech
    assert only(connection(1, [tls_record(client_hello("Dns.Google"))])).encrypted_dns == "doh"
    assert (
        only(connection(1, [tls_record(client_hello("x.test", ("dot",)))])).encrypted_dns == "dot"
    )
    dot = [(T0, tcp_frame(DEVICE, 9, CLOUD, 853, 1, b"", SYN))]
    assert only(dot).encrypted_dns == "dot"
    assert only([(T0, udp_frame(DEVICE, 9, CLOUD, 853, b"x"))]).encrypted_dns == "doq"


def test_server_name_of_quic() -> None:
    hello = client_hello("quic.test", ("h3",), pad=1200)
    shuffled = [(900, len(hello)), (0, 500), (500, 900)]
    for pieces in (None, [(0, 1000), (1000, len(hello))], shuffled):
        datagrams = quic_initials(hello, b"\x83\x94\xc8\xf0\x3e\x51\x57\x08", pieces)
        frames = [(T0 + n, udp_frame(DEVICE, 7, CLOUD, 443, d)) for n, d in enumerate(datagrams)]
        flow = only(frames)
        assert (flow.server_name, flow.offered, flow.quic) == ("quic.test", ("h3",), True)


def test_a_quic_packet_that_cannot_be_opened_is_counted_and_names_nothing() -> None:
    [datagram] = quic_initials(client_hello("quic.test"), b"12345678")
    broken = datagram[:100] + bytes([datagram[100] ^ 1]) + datagram[101:]
    [flow], reading = flows_of(pcapng_bytes([(T0, udp_frame(DEVICE, 7, CLOUD, 443, broken))]))
    assert flow.quic and flow.server_name is None
    assert reading.sound and reading.unnamed == {"QUIC Initial": 1}


def test_names_of_addresses_from_dns() -> None:
    address = bytes([10, 77, 0, 1])
    frames = [
        (T0, udp_frame(DEVICE, 4001, RESOLVER, 53, dns_query("cloud.test"))),
        (T0 + 0.1, udp_frame(RESOLVER, 53, DEVICE, 4001, dns_answer("Cloud.test", [address]))),
        (T0 + 0.2, udp_frame(DEVICE, 4002, CLOUD, 123, b"x" * 48)),
    ]
    flows, reading = flows_of(pcapng_bytes(frames))
    assert [flow.names for flow in flows] == [(), ("cloud.test",)]
    assert flows[1].host == "cloud.test" and reading.sound
    more = [(T0 + 0.15, udp_frame(RESOLVER, 53, DEVICE, 4001, dns_answer("b.test", [address])))]
    flows, _ = flows_of(pcapng_bytes(frames[:2] + more + frames[2:]))
    assert flows[1].names == ("cloud.test", "b.test") and flows[1].host == CLOUD


def test_dns_answers_in_fragments_and_by_tcp() -> None:
    address = bytes([10, 77, 0, 1])
    answer = dns_answer("big.test", [bytes([10, 77, 9, n]) for n in range(60)] + [address])
    pieces = fragments(udp_frame(RESOLVER, 53, DEVICE, 4001, answer), 512)
    frames = [(T0 + n / 10, frame) for n, frame in enumerate(pieces)]
    frames.append((T0 + 5, udp_frame(DEVICE, 4002, CLOUD, 123, b"x")))
    flows, reading = flows_of(pcapng_bytes(frames))
    assert [flow.names for flow in flows] == [(), ("big.test",)]
    assert flows[0].fragments and flows[0].a.payload_bytes == len(answer)
    assert reading.sound and not reading.stray_fragments
    carried = struct.pack("!H", len(answer)) + answer
    frames = [
        (T0, tcp_frame(DEVICE, 4001, RESOLVER, 53, 1, b"", SYN)),
        (T0 + 1, tcp_frame(RESOLVER, 53, DEVICE, 4001, 1, carried)),
        (T0 + 5, udp_frame(DEVICE, 4002, CLOUD, 123, b"x")),
    ]
    assert flows_of(pcapng_bytes(frames))[0][1].names == ("big.test",)


def test_a_fragment_without_its_first_is_counted_without_ports() -> None:
    frame = fragments(udp_frame(DEVICE, 4001, CLOUD, 9, b"x" * 1000), 512)[1]
    [flow], reading = flows_of(pcapng_bytes([(T0, frame)]))
    assert (flow.a.port, flow.a.payload_bytes, reading.stray_fragments) == (0, 496, 1)


def test_names_that_hosts_give_themselves() -> None:
    name = b"\x06kettle\x05local\0"
    record = name + struct.pack("!HHIH", 1, 0x8001, 120, 4) + bytes([10, 77, 0, 9])
    told = struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 0) + record
    dhcp = b"\1\1\6\0" + bytes(24) + b"\2SAY\0\2" + bytes(10 + 64 + 128) + b"\x63\x82\x53\x63"
    dhcp += b"\x35\1\3\x0c\7speaker\xff"
    frames = [
        (T0, udp_frame("10.77.0.9", 5353, "224.0.0.251", 5353, told)),
        (T0 + 1, udp_frame("0.0.0.0", 68, "255.255.255.255", 67, dhcp)),
        (T0 + 2, udp_frame(DEVICE, 4000, "10.77.0.9", 80, b"x")),
    ]
    reader = FlowReader()
    reader.begin_file()
    reader.feed(pcapng_bytes(frames))
    flows = list(reader.finish().flows())
    assert flows[2].names == ("kettle.local",)
    [host] = reader.names.hosts.values()
    assert (host.host_name, host.mac) == ("speaker", int.from_bytes(b"\2SAY\0\2", "big"))


def test_vlans_keep_flows_apart() -> None:
    frame = udp_frame(DEVICE, 4000, CLOUD, 9, b"hello")
    frames = [(T0, frame), (T0 + 1, tagged(frame, 7)), (T0 + 2, tagged(frame, 5, 7))]
    flows, _ = flows_of(pcapng_bytes(frames))
    assert [flow.vlans for flow in flows] == [(), (7,), (5, 7)]
    assert [flow.a.payload_bytes for flow in flows] == [5, 5, 5]


def test_ipv6_with_extension_headers_and_fragments() -> None:
    datagram = udp(1, 2, b"x" * 20)
    chain = bytes([43, 0]) + bytes(6) + bytes([60, 0]) + bytes(6) + bytes([17, 1]) + bytes(14)
    first = bytes([17, 0]) + struct.pack("!HI", 1, 99)
    later = bytes([17, 0]) + struct.pack("!HI", 24 << 0 & 0xFFF8, 99)
    frames = [
        (T0, ipv6_frame("fe80::2", "fe80::1", 0, chain + datagram)),
        (T0 + 1, ipv6_frame("fe80::2", "fe80::1", 44, first + udp(1, 2, b"y" * 16))),
        (T0 + 2, ipv6_frame("fe80::2", "fe80::1", 44, later + b"z" * 40)),
        (T0 + 3, ipv6_frame("fe80::1", "fe80::2", 58, b"\x80\0\0\0")),
    ]
    flows, reading = flows_of(pcapng_bytes(frames))
    assert reading.sound and not reading.stray_fragments
    assert [(flow.protocol, flow.a.port) for flow in flows] == [(17, 1), (58, 0)]
    assert (flows[0].a.address, flows[0].a.payload_bytes) == ("fe80::2", 20 + 16 + 40)


def test_frames_without_ip_are_flows_between_macs() -> None:
    arp = b"\xff" * 6 + b"\2SAY\0\2" + b"\x08\x06" + bytes(28)
    flow = only([(T0, arp)])
    assert (flow.protocol, flow.ether_type, flow.a.address) == (0, 0x0806, "")
    assert (flow.a.mac, flow.a.payload_bytes) == ("02:53:41:59:00:02", 42)


@pytest.mark.parametrize(
    ("spoil", "kind"),
    [
        (lambda data: data[:10], "frame cut short"),
        (lambda data: data[:12] + b"\x81\x00\x00", "VLAN tag cut short"),
        (lambda data: data[:14] + b"\x42" + data[15:], "IPv4 header"),
        (lambda data: data[:12] + b"\x86\xdd" + data[14:], "IPv6 header"),
        (lambda data: data[:16] + b"\xff\xff" + data[18:], "IP length"),
        (lambda data: data[:46] + b"\x10" + data[47:], "TCP header"),
        (lambda data: data[:23] + b"\x11" + data[24:36], "UDP header"),
    ],
)
def test_malformed_packets_are_counted_by_kind_and_kept(spoil, kind: str) -> None:  # type: ignore[no-untyped-def]
    good = tcp_frame(DEVICE, 4000, CLOUD, 443, 1, b"hello")
    bad = spoil(good)
    flows, reading = flows_of(pcapng_bytes([(T0, good), (T0 + 1, bad)]))
    assert reading.packets == 2 and len(flows) == 2
    assert flows[1].a.frame_bytes == len(bad) == flows[1].a.payload_bytes
    if kind != "UDP header":  # that one is too long for what was kept
        assert reading.malformed == {kind: 1}
    assert not reading.sound


def test_jumbo_and_empty_frames_and_time_going_backwards() -> None:
    jumbo = bytearray(udp_frame(DEVICE, 4000, CLOUD, 9, b"") + bytes(200_000))
    jumbo[16:18] = b"\0\0"
    flows, reading = flows_of(pcapng_bytes([(T0 + 5, bytes(jumbo)), (T0, b"")]))
    assert flows[0].a.payload_bytes == 200_000
    assert (reading.packets, reading.backwards) == (2, 1)
    assert reading.malformed == {"frame cut short": 1}


def test_bytes_in_slices_of_time() -> None:
    frames = [(T0 + n / 4, udp_frame(DEVICE, 4000, CLOUD, 9, b"x" * n)) for n in range(12)]
    reader = FlowReader(slice_s=0.5)
    reader.begin_file()
    reader.feed(pcapng_bytes(frames))
    slices = reader.finish().slices
    assert slices[:, 1].tolist() == [round((T0 + n / 2) * 1e9) for n in range(6)]
    assert slices[:, 2].tolist() == [2] * 6
    assert slices[:, 6].tolist() == [4 * n + 1 for n in range(6)]


def test_too_many_open_flows_end_those_longest_idle() -> None:
    frames = [(T0 + n, udp_frame(DEVICE, 1000 + n, CLOUD, 9, b"x")) for n in range(1000)]
    reader = FlowReader(most_flows=64, idle_s=1e6)
    reader.begin_file()
    reader.feed(pcapng_bytes(frames))
    ended = list(reader.take().flows())
    flows = ended + list(reader.finish().flows())
    assert reader.reading.evicted == len(ended) >= 1000 - 64
    assert sorted(flow.a.port for flow in flows) == [1000 + n for n in range(1000)]


def test_closed_connections_make_room_and_what_is_open_stays() -> None:
    lasting = [(T0 + n, tcp_frame(DEVICE, 9, CLOUD, 443, n, b"x")) for n in range(500)]
    short = []
    for n in range(500):
        for side in (0, 1):
            ends = (DEVICE, 1000 + n, CLOUD, 443) if side else (CLOUD, 443, DEVICE, 1000 + n)
            short.append((T0 + n + 0.5, tcp_frame(*ends, 5, b"", FIN | ACK)))
    reader = FlowReader(most_flows=128)
    reader.begin_file()
    reader.feed(pcapng_bytes(sorted(lasting + short)))
    flows = list(reader.finish().flows())
    assert reader.reading.evicted == 0 and len(flows) == 501
    [long] = [flow for flow in flows if flow.a.port == 9]
    assert (long.a.payload_bytes, long.a.repeated_bytes) == (500, 0)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.booleans(), st.integers(0, 1400)), max_size=60))
def test_nothing_is_lost_between_packets_flows_and_slices(
    sent: list[tuple[int, bool, int]],
) -> None:
    frames = []
    for n, (port, back, size) in enumerate(sent):
        ends = (CLOUD, 9, DEVICE, port) if back else (DEVICE, port, CLOUD, 9)
        frames.append((T0 + n * 0.3, udp_frame(*ends, bytes(size))))
    reader = FlowReader()
    reader.begin_file()
    reader.feed(pcapng_bytes(frames))
    batch = reader.finish()
    flows = list(batch.flows())
    for side in (0, 1):
        ends = [(flow.a, flow.b)[side] for flow in flows]
        assert sum(end.packets for end in ends) == batch.slices[:, 2 + side].sum()
        assert sum(end.frame_bytes for end in ends) == batch.slices[:, 4 + side].sum()
        assert sum(end.payload_bytes for end in ends) == batch.slices[:, 6 + side].sum()
    assert sum(flow.a.payload_bytes + flow.b.payload_bytes for flow in flows) == sum(
        size for _, _, size in sent
    )
