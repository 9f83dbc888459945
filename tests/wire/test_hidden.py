"""What frames hold beside their payload, and frames that are not what their addresses say."""

import struct
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.model.timeline import Channel, Upload
from harness.wire import Declared, read_wire
from tests.wire.flows.frames import CLOUD, DEVICE, RESOLVER, T0, Timed, ipv6_frame, tagged, udp
from tests.wire.test_uploads import dns, report_of, stream

MAC, ROUTER = "02:53:41:59:00:02", "02:53:41:59:00:01"
NEIGHBOUR, STRANGER = "02:00:00:00:00:99", "203.0.113.9"


def pieces(count: int, size: int) -> list[bytes]:
    """As much as speech at 16 kbit/s, each piece another."""
    return [bytes([n % 256]) * size for n in range(count)]


def every(frames: list[bytes], step_s: float = 0.025) -> list[Timed]:
    """One frame after the other."""
    return [(T0 + n * step_s, frame) for n, frame in enumerate(frames)]


def options(frame: bytes, more: bytes) -> bytes:
    """An IPv4 frame whose IP header has these options (a multiple of four bytes) more."""
    head = bytearray(frame[14:34])
    head[0] += len(more) // 4
    head[2:4] = struct.pack("!H", len(frame) - 14 + len(more))
    return frame[:14] + bytes(head) + more + frame[34:]


def extended(more: bytes) -> bytes:
    """An empty datagram over IPv6 behind a header of options for its receiver."""
    option = bytes([17, (len(more) + 10) // 8 - 1, 0x1E, len(more)]) + more
    return ipv6_frame("fd00::2", "fd00::9", 60, option + bytes(-len(option) % 8) + udp(1, 2, b""))


@pytest.mark.parametrize(
    "frames",
    [
        [tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, piece) for piece in pieces(600, 60)],
        [udp_frame(DEVICE, 4000, CLOUD, 9, b"x") + piece for piece in pieces(600, 60)],
        [options(udp_frame(DEVICE, 4000, CLOUD, 9, b""), piece) for piece in pieces(600, 40)],
        [extended(piece) for piece in pieces(600, 52)],
        [tagged(udp_frame(DEVICE, 4000, CLOUD, 9, b""), *piece) for piece in pieces(600, 16)],
    ],
    ids=["under old numbers", "behind the packet", "IP options", "IPv6 options", "VLAN tags"],
)
def test_speech_in_pieces_that_fit_beside_small_packets_is_an_upload(
    tmp_path: Path, frames: list[bytes]
) -> None:
    uploads = report_of(tmp_path, every(frames)).uploads
    assert sum(upload.bytes_out for upload in uploads) > 20_000


def test_what_fills_up_or_closes_an_empty_packet_is_no_upload(tmp_path: Path) -> None:
    """Short frames are filled up, tagged ones too; some interfaces keep the checksum."""
    bare = tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, b"", 0x10)
    closed = [
        bare + bytes(6) + b"\xab\xcd\xef\x01",
        tagged(bare + bytes(6), 7) + b"\xab\xcd\xef\x01",
    ]
    long = udp_frame(CLOUD, 9, DEVICE, 4000, b"x" * 900) + b"\xab\xcd\xef\x01"
    assert report_of(tmp_path, every(500 * [*closed, long], 0.001)).uploads == ()


def test_what_two_interfaces_saw_of_a_poor_network_counts_once(tmp_path: Path) -> None:
    """At the bridge and its port; every tenth small segment is sent again."""
    frames = stream(4000, T0, 600, 100, 0.02)
    lost = [(at_s + 0.01, frame) for at_s, frame in frames[5::10]]
    twice = [(at_s + 1e-5, frame) for at_s, frame in [*frames, *lost]]
    [upload] = report_of(tmp_path, [*frames, *lost, *twice]).uploads
    assert upload.bytes_out == 60_000


def by_mac(folder: Path, frames: list[Timed], declared: Declared | None = None) -> list[Upload]:
    """What left a device that is known by its MAC address."""
    path = folder / "c.pcapng"
    path.write_bytes(pcapng_bytes(sorted(frames, key=lambda frame: frame[0])))
    return list(read_wire(path, MAC, declared=declared).uploads)


def at(frame: bytes, to: str, sender: str) -> bytes:
    """The frame between these two MAC addresses."""
    return bytes.fromhex((to + sender).replace(":", "")) + frame[12:]


@pytest.mark.parametrize("sender", [MAC, ROUTER], ids=["own MAC address", "forged MAC address"])
def test_a_forged_packet_to_the_devices_own_address_leaves_to_whom_the_frame_goes(
    tmp_path: Path, sender: str
) -> None:
    """It joins a flow that the cloud began, and a neighbour takes it off the cable."""
    down = udp_frame(CLOUD, 443, DEVICE, 4000, b"x" * 1000)
    frames = [(T0, at(down, MAC, ROUTER)), (T0 + 0.1, at(down, MAC, ROUTER))]
    assert by_mac(tmp_path, frames) == []
    leak = [(T0 + 1 + n / 10, at(down, NEIGHBOUR, sender)) for n in range(30)]
    [upload] = by_mac(tmp_path, frames + leak)
    assert (upload.start_s, upload.bytes_out) == (T0 + 1, 30_000)


def test_a_packet_from_the_device_to_its_own_address_is_no_answer(tmp_path: Path) -> None:
    own = every([udp_frame(DEVICE, 4000, DEVICE, 4001, b"x" * 1000) for _ in range(30)])
    for uploads in (report_of(tmp_path, own).uploads, by_mac(tmp_path, own)):
        assert sum(upload.bytes_out for upload in uploads) == 30_000


def test_an_answer_that_the_device_forged_declares_no_host(tmp_path: Path) -> None:
    """It says that the maker's name is at a stranger's address, before a real answer comes."""
    declared = Declared(destinations=("a.maker.test",))
    told = udp_frame(RESOLVER, 53, DEVICE, 4001, dns("a.maker.test"))
    asks = udp_frame(DEVICE, 4001, RESOLVER, 53, dns("a.maker.test"))
    leak = [(at_s, at(frame, ROUTER, MAC)) for at_s, frame in stream(4000, T0 + 1, 10, 1000, 0.1)]
    opening = [(T0 - 1, at(asks, ROUTER, MAC))]
    [honest] = by_mac(tmp_path, [*opening, (T0, at(told, MAC, ROUTER)), *leak], declared)
    assert honest.channel is Channel.SPEECH
    [caught] = by_mac(tmp_path, [*opening, (T0, at(told, ROUTER, MAC)), *leak], declared)
    assert caught.channel is not Channel.SPEECH


def test_a_clock_that_is_set_back_turns_no_upload_round(tmp_path: Path) -> None:
    frames = stream(4000, T0, 20, 1000, 0.1)
    late = [(at_s - (3 if n > 10 else 0), frame) for n, (at_s, frame) in enumerate(frames)]
    (tmp_path / "c.pcapng").write_bytes(pcapng_bytes(late))
    [upload] = read_wire(tmp_path / "c.pcapng", DEVICE).uploads
    assert (upload.start_s, upload.end_s) == (T0 - 2, T0 + 0.9) and upload.bytes_out == 20_000
