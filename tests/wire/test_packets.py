"""Decoding: addresses, ports, payload; malformed packets are counted and kept."""

import socket
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.errors import RigError
from harness.wire import Capture, Frame, Packet, PacketReader
from harness.wire.packets import decode

DEVICE, CLOUD = "10.77.0.2", "10.77.0.1"


def frame_of(data: bytes, wire_length: int | None = None) -> Frame:
    """A captured Ethernet frame at time 5."""
    return Frame(5.0, 1, data, len(data) if wire_length is None else wire_length)


def ipv6_frame(proto: int, body: bytes) -> bytes:
    """An Ethernet frame with IPv6 from fe80::2 to fe80::1."""
    ends = b"".join(socket.inet_pton(socket.AF_INET6, end) for end in ("fe80::2", "fe80::1"))
    return (
        bytes(12) + b"\x86\xdd" + struct.pack("!IHBB", 6 << 28, len(body), proto, 64) + ends + body
    )


def test_udp() -> None:
    data = udp_frame(DEVICE, 4000, CLOUD, 53, b"hello")
    assert decode(frame_of(data)) == Packet(
        5.0, DEVICE, CLOUD, 17, 4000, 53, 5, b"hello", 0, 0, len(data)
    )


def test_tcp_with_padding_of_a_short_frame() -> None:
    data = tcp_frame(DEVICE, 4000, CLOUD, 443, 77, b"hi") + bytes(18)
    packet = decode(frame_of(data))
    assert (packet.payload, packet.payload_bytes, packet.tcp_seq) == (b"hi", 2, 77)


def test_packet_kept_in_part_has_its_length_on_the_wire() -> None:
    data = tcp_frame(DEVICE, 4000, CLOUD, 443, 77, b"x" * 1000)
    packet = decode(frame_of(data[:100], len(data)))
    assert (packet.payload_bytes, packet.frame_bytes) == (1000, len(data))


def test_ipv6_with_an_extension_header() -> None:
    udp = struct.pack("!HHHH", 1, 2, 11, 0) + b"abc"
    packet = decode(frame_of(ipv6_frame(0, bytes([17, 0]) + bytes(6) + udp)))
    assert (packet.src, packet.dst, packet.payload) == ("fe80::2", "fe80::1", b"abc")


def test_later_fragment_counts_its_bytes_and_claims_no_ports() -> None:
    data = bytearray(udp_frame(DEVICE, 4000, CLOUD, 53, b"x" * 100))
    data[14 + 6 : 14 + 8] = b"\x00\x10"
    packet = decode(frame_of(bytes(data)))
    assert (packet.sport, packet.dport, packet.payload_bytes) == (0, 0, 108)


def test_vlan_tag_is_looked_through() -> None:
    data = udp_frame(DEVICE, 4000, CLOUD, 53, b"hello")
    tagged = data[:12] + b"\x81\x00\x00\x07" + data[12:]
    assert decode(frame_of(tagged)).payload == b"hello"


def test_other_protocols_are_bare_frames() -> None:
    packet = decode(frame_of(bytes(12) + b"\x08\x06" + bytes(28)))
    assert (packet.proto, packet.src, packet.frame_bytes) == (0, "", 42)


def test_malformed_packets_are_counted_and_kept(tmp_path: Path) -> None:
    good = udp_frame(DEVICE, 4000, CLOUD, 53, b"hello")
    lying = bytearray(good)
    lying[14] = 0x42  # a header of 8 bytes cannot be
    path = tmp_path / "c.pcapng"
    path.write_bytes(pcapng_bytes([(1.0, good), (2.0, bytes(lying)), (3.0, good[:20])]))
    reader = PacketReader(Capture(path))
    assert [packet.proto for packet in reader.packets()] == [17, 0, 0]
    assert reader.malformed == 2


@given(st.binary(max_size=120), st.sampled_from([b"\x08\x00", b"\x86\xdd", b"\x81\x00"]))
def test_no_bytes_whatever_stop_the_reader(body: bytes, kind: bytes) -> None:
    class OneFrame(Capture):
        def frames(self):  # type: ignore[no-untyped-def]
            yield frame_of(bytes(12) + kind + body)

    [packet] = PacketReader(OneFrame(Path("c.pcapng"))).packets()
    assert packet.frame_bytes == 14 + len(body)


def test_capture_of_another_kind_of_link_is_refused(tmp_path: Path) -> None:
    content = bytearray(pcapng_bytes([(1.0, b"x" * 60)]))
    content[28 + 8] = 113
    (tmp_path / "c.pcapng").write_bytes(content)
    with pytest.raises(RigError, match="link type 113"):
        list(PacketReader(Capture(tmp_path / "c.pcapng")).packets())
