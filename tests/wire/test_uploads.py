"""Bursts -> uploads: what is counted, what is left out, what must never be."""

from pathlib import Path

import pytest

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame, udp_frame
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT, CanaryFlow
from harness.errors import RigError
from harness.wire import UploadLimits, WireReport, read_wire

DEVICE, CLOUD = "10.77.0.2", "10.77.0.1"
T0 = 1_795_312_661.0
Timed = tuple[float, bytes]


def report_of(folder: Path, frames: list[Timed], flows: tuple[CanaryFlow, ...] = ()) -> WireReport:
    """What a capture of these frames says."""
    path = folder / "c.pcapng"
    path.write_bytes(pcapng_bytes(sorted(frames, key=lambda frame: frame[0])))
    return read_wire(path, DEVICE, flows)


def stream(port: int, start_s: float, pieces: int, size: int, every_s: float) -> list[Timed]:
    """A connection to the cloud that sends pieces of payload at even times."""
    frames = [(start_s - 0.01, tcp_frame(DEVICE, port, CLOUD, 443, 999, b"", flags=2))]
    for piece in range(pieces):
        data = tcp_frame(DEVICE, port, CLOUD, 443, 1000 + piece * size, b"x" * size)
        frames.append((start_s + piece * every_s, data))
    return frames


def test_a_burst_of_enough_bytes_is_an_upload(tmp_path: Path) -> None:
    [upload] = report_of(tmp_path, stream(4000, T0, 10, 1000, 0.5)).uploads
    assert (upload.start_s, upload.end_s) == (T0, T0 + 4.5)
    assert (upload.bytes_out, upload.destination) == (10_000, "10.77.0.1:443")


def test_heartbeats_are_idle(tmp_path: Path) -> None:
    beats = [frame for n in range(20) for frame in stream(4000 + n, T0 + 3 * n, 2, 1100, 0.02)]
    assert report_of(tmp_path, beats).uploads == ()


def test_a_pause_ends_a_burst(tmp_path: Path) -> None:
    second = [
        (T0 + 6 + n / 10, tcp_frame(DEVICE, 4000, CLOUD, 443, 11_000 + n * 1000, b"x" * 1000))
        for n in range(8)
    ]
    uploads = report_of(tmp_path, stream(4000, T0, 10, 1000, 0.1) + second).uploads
    assert [upload.bytes_out for upload in uploads] == [10_000, 8_000]
    assert uploads[1].start_s == T0 + 6


def test_retransmissions_make_no_upload(tmp_path: Path) -> None:
    again = [
        (T0 + n / 10, tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, b"x" * 1400)) for n in range(9)
    ]
    assert report_of(tmp_path, again).uploads == ()


def test_other_bytes_under_the_same_numbers_are_an_upload(tmp_path: Path) -> None:
    """A server that is in it reads each of them; a lost segment is not sent again for ever."""
    leak = [
        (T0 + n / 10, tcp_frame(DEVICE, 4000, CLOUD, 443, 1000, bytes([n]) * 1000))
        for n in range(60)
    ]
    [upload] = report_of(tmp_path, leak).uploads
    assert 50_000 < upload.bytes_out <= 60_000 and upload.destination == "10.77.0.1:443"


def test_a_stream_that_is_lost_once_is_counted_once(tmp_path: Path) -> None:
    frames = stream(4000, T0, 60, 1000, 0.1)
    again = [(at_s + 0.05, frame) for at_s, frame in frames]
    [upload] = report_of(tmp_path, frames + again).uploads
    assert upload.bytes_out == 60_000


def test_what_stands_behind_an_ip_packet_is_an_upload(tmp_path: Path) -> None:
    """Switches cut such ends off, neighbours on the same cable read them."""
    leak = [
        (T0 + n / 10, udp_frame(DEVICE, 4000, CLOUD, 9, b"x") + bytes([n]) * 1000)
        for n in range(30)
    ]
    [upload] = report_of(tmp_path, leak).uploads
    assert 25_000 < upload.bytes_out <= 30_000
    padded = [(at_s, frame[:60]) for at_s, frame in leak]
    assert report_of(tmp_path, padded).uploads == ()


def test_repeats_that_are_spread_over_connections_count_together(tmp_path: Path) -> None:
    """Each hides less than 16 KiB beside its one byte, which is ordinary once."""

    def leak(connections: int) -> list[Timed]:
        return [
            (T0 + 3 * c + n / 10, tcp_frame(DEVICE, 4000 + c, CLOUD, 443, 1, bytes([n]) * size))
            for c in range(connections)
            for n, size in enumerate((1, *[1000] * 14))
        ]

    assert report_of(tmp_path, leak(4)).uploads == ()
    uploads = report_of(tmp_path, leak(8)).uploads
    assert len(uploads) == 8 and sum(upload.bytes_out for upload in uploads) > 90_000


def stalled(
    repeats_s: tuple[float, ...], came_s: tuple[float, ...], goes_on_s: float, size: int = 1000
) -> list[Timed]:
    """Ten pieces in 0.9 s, then the last again, and again; ten more when something has come."""
    frames = stream(4000, T0, 10, 1000, 0.1)
    last = tcp_frame(DEVICE, 4000, CLOUD, 443, 10_000, b"x" * size)
    frames += [(T0 + at_s, last) for at_s in repeats_s]
    answer = tcp_frame(CLOUD, 443, DEVICE, 4000, 1, b"", flags=16)
    frames += [(T0 + at_s, answer) for at_s in came_s]
    for n in range(10):
        more = tcp_frame(DEVICE, 4000, CLOUD, 443, 11_000 + n * 1000, b"x" * 1000)
        frames.append((T0 + goes_on_s + n / 1000, more))
    return frames


def test_a_pause_that_the_network_made_ends_no_burst(tmp_path: Path) -> None:
    [upload] = report_of(tmp_path, stalled((1.1, 1.5, 2.3), (3.29,), 3.3)).uploads
    assert (upload.start_s, upload.bytes_out) == (T0, 20_000)
    assert upload.end_s == pytest.approx(T0 + 3.309)


@pytest.mark.parametrize(
    ("frames", "why"),
    [
        (stalled((), (3.29,), 3.3), "nothing was sent again"),
        (stalled((1.1, 1.5, 2.3), (), 3.3), "nothing had come back"),
        (stalled((1.1, 1.5, 2.3), (2.4, 3.29), 3.3), "it was acknowledged long before"),
        (stalled((1.1, 1.3), (3.29,), 3.3), "it would have been sent again before"),
        (stalled((1.1, 1.5, 2.3), (3.29,), 3.3, size=1), "it only asked who is there"),
    ],
)
def test_a_pause_of_the_devices_own_ends_a_burst(
    tmp_path: Path, frames: list[Timed], why: str
) -> None:
    uploads = report_of(tmp_path, frames).uploads
    assert [upload.bytes_out for upload in uploads] == [10_000, 10_000], why


def test_a_connection_on_a_used_port_is_a_new_one(tmp_path: Path) -> None:
    twice = stream(4000, T0, 7, 1000, 0.1) + stream(4000, T0 + 0.8, 7, 1000, 0.1)
    assert [upload.bytes_out for upload in report_of(tmp_path, twice).uploads] == [7000, 7000]


def test_udp_and_unreadable_frames_are_uploads_too(tmp_path: Path) -> None:
    quic = [(T0 + n / 10, udp_frame(DEVICE, 5000, "8.8.8.8", 443, b"q" * 1200)) for n in range(6)]
    odd = [(T0 + n / 10, bytes(12) + b"\x88\xb5" + bytes(1400)) for n in range(6)]
    destinations = {upload.destination for upload in report_of(tmp_path, quic + odd).uploads}
    assert destinations == {"8.8.8.8:443", "unreadable frames"}


def test_a_forged_source_address_hides_nothing(tmp_path: Path) -> None:
    forged = [(T0 + n / 10, udp_frame("1.2.3.4", 5000, CLOUD, 443, b"q" * 1200)) for n in range(6)]
    assert len(report_of(tmp_path, forged).uploads) == 1


def test_what_comes_in_is_no_upload(tmp_path: Path) -> None:
    down = [
        (T0 + n / 9, tcp_frame(CLOUD, 443, DEVICE, 4000, n * 1400, b"x" * 1400)) for n in range(9)
    ]
    report = report_of(tmp_path, down)
    assert report.uploads == report.traffic.sent == ()
    assert [count for _, count in report.traffic.received] == 9 * [1454]


def test_the_harness_own_connection_is_left_out_by_port_and_time(tmp_path: Path) -> None:
    frames = stream(4000, T0, 10, 1000, 0.1) + stream(4000, T0 + 60, 8, 1000, 0.1)
    mine = CanaryFlow(4000, T0 - 0.02, T0 + 1)
    report = report_of(tmp_path, frames, (mine,))
    [upload] = report.uploads
    assert upload.start_s == T0 + 60, "the device used the same port later: that must be seen"
    assert min(unix_s for unix_s, _ in report.traffic.sent) == T0 + 59.99


def test_a_connection_opened_before_is_not_the_harness(tmp_path: Path) -> None:
    frames = stream(4000, T0, 10, 1000, 0.1)[1:]  # its SYN was before the capture
    assert len(report_of(tmp_path, frames, (CanaryFlow(4000, T0 - 1, T0 + 1),)).uploads) == 1


def test_limits_are_the_rigs(tmp_path: Path) -> None:
    report_of(tmp_path, stream(4000, T0, 3, 1000, 0.1))
    limits = UploadLimits(gap_s=0.5, min_bytes=3000)
    assert len(read_wire(tmp_path / "c.pcapng", DEVICE, (), limits).uploads) == 1


def test_canary_is_found_by_its_nonce_and_is_no_upload(tmp_path: Path) -> None:
    canary = udp_frame(DEVICE, 4000, CLOUD, CANARY_PORT, CANARY_MARK + b"n1")
    (tmp_path / "c.pcapng").write_bytes(pcapng_bytes([(T0, canary)]))
    canaries = read_wire(tmp_path / "c.pcapng", DEVICE).traffic.canaries
    assert canaries == {b"n1": pytest.approx(T0, abs=1e-6)}
    limits = UploadLimits(min_bytes=1)
    assert read_wire(tmp_path / "c.pcapng", DEVICE, (), limits).uploads == ()


def test_data_dressed_up_as_a_canary_is_seen(tmp_path: Path) -> None:
    fat = CANARY_MARK + b"x" * 1300
    frames = [(T0 + n / 10, udp_frame(DEVICE, 4000, CLOUD, CANARY_PORT, fat)) for n in range(6)]
    assert len(report_of(tmp_path, frames).uploads) == 1


def test_only_canaries_that_were_sent_are_left_out_and_each_once(tmp_path: Path) -> None:
    """Data dressed up as canaries, in pieces as small as theirs, is the device's."""

    def canary(at_s: float, nonce: bytes) -> Timed:
        return at_s, udp_frame(DEVICE, 4000, CLOUD, CANARY_PORT, CANARY_MARK + nonce)

    own = [canary(T0, b"ours")]
    forged = [canary(T0 + 1 + n / 100, b"%03d" % n + bytes(100)) for n in range(60)]
    copied = [canary(T0 + 10 + n / 100, b"ours") for n in range(400)]
    path = tmp_path / "c.pcapng"
    path.write_bytes(pcapng_bytes(own + forged + copied))
    report = read_wire(path, DEVICE, nonces=[b"ours"])
    assert [upload.start_s for upload in report.uploads] == pytest.approx([T0 + 1, T0 + 10])
    assert report.traffic.canaries[b"ours"] == pytest.approx(T0, abs=1e-6)
    assert len(report.traffic.sent) == 460


def test_destination_is_named_by_dns_only_where_that_is_certain(tmp_path: Path) -> None:
    frames = stream(4000, T0, 10, 1000, 0.1)
    one = [(T0 - 1, udp_frame(CLOUD, 53, DEVICE, 4001, dns("a.maker.test")))]
    two = [*one, (T0 - 0.9, udp_frame(CLOUD, 53, DEVICE, 4001, dns("b.maker.test")))]
    assert report_of(tmp_path, frames + one).uploads[0].destination == "a.maker.test:443"
    assert report_of(tmp_path, frames + two).uploads[0].destination == "10.77.0.1:443"


def dns(name: str) -> bytes:
    """A DNS answer: the name is at the cloud's address."""
    labels = b"".join(bytes([len(part)]) + part.encode() for part in name.split(".")) + b"\0"
    head = bytes.fromhex("000781800001000100000000")
    answer = bytes.fromhex("c00c00010001000000040004") + bytes([10, 77, 0, 1])
    return head + labels + bytes.fromhex("00010001") + answer


def test_cut_and_malformed_are_reported(tmp_path: Path) -> None:
    content = pcapng_bytes([*stream(4000, T0, 10, 1000, 0.1), (T0 + 2, b"\0" * 12 + b"\x08\x00")])
    (tmp_path / "c.pcapng").write_bytes(content[:-3])
    report = read_wire(tmp_path / "c.pcapng", DEVICE)
    assert (report.truncated, report.malformed, report.dropped) == (True, 1, None)
    assert len(report.uploads) == 1


def test_a_capture_that_is_damaged_proves_nothing(tmp_path: Path) -> None:
    content = pcapng_bytes(stream(4000, T0, 10, 1000, 0.1))
    path = tmp_path / "c.pcapng"
    path.write_bytes(content + bytes(64))
    with pytest.raises(RigError, match=f"at byte {len(content)}, .*play the scene again"):
        read_wire(path, DEVICE)
    path.write_bytes(b"no capture at all, but long enough")
    with pytest.raises(RigError, match="at byte 0"):
        read_wire(path, DEVICE)
    with pytest.raises(RigError, match=r"none\.pcapng .*cannot be read"):
        read_wire(tmp_path / "none.pcapng", DEVICE)


def test_a_capture_of_another_kind_of_link_is_refused(tmp_path: Path) -> None:
    content = bytearray(pcapng_bytes([(1.0, b"x" * 60)]))
    content[28 + 8] = 127
    (tmp_path / "c.pcapng").write_bytes(content)
    with pytest.raises(RigError, match="a link that is not read"):
        read_wire(tmp_path / "c.pcapng", DEVICE)


def test_an_empty_capture_is_cut(tmp_path: Path) -> None:
    (tmp_path / "c.pcapng").write_bytes(b"")
    report = read_wire(tmp_path / "c.pcapng", DEVICE)
    assert report.truncated and report.uploads == report.traffic.sent == ()


def test_a_device_known_by_its_mac_is_so_at_every_address(tmp_path: Path) -> None:
    """A real device has several addresses: what comes down to one of them is no upload."""
    path = tmp_path / "c.pcapng"
    down = [
        (T0 + n / 10, tcp_frame(CLOUD, 443, "10.77.0.9", 4000, 1000 + n * 1000, b"x" * 1000))
        for n in range(10)
    ]
    up = stream(4001, T0 + 5, 10, 1000, 0.1)
    path.write_bytes(pcapng_bytes([*down, *up]))
    by_mac = read_wire(path, "02:53:41:59:00:02")
    assert [upload.start_s for upload in by_mac.uploads] == [T0 + 5]
    assert (len(by_mac.traffic.received), len(by_mac.traffic.sent)) == (10, 11)
    assert len(read_wire(path, DEVICE).uploads) == 2
