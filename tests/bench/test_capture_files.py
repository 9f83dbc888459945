"""One capture, one file or many: found, counted, and ended with what was lost."""

import socket
from pathlib import Path

import pytest
from pydantic import ValidationError

from harness.bench.drivers.capture_end import append_statistics, dropped_packets
from harness.bench.drivers.capture_tail import CaptureTail
from harness.bench.drivers.simulated_capture import pcapng_bytes, udp_frame
from harness.bench.drivers.tap_interface import DeviceInterface, interface_tap
from harness.bench.drivers.tap_options import RingText, TapText
from harness.bench.ports.canary import CANARY_MARK, CANARY_PORT
from harness.bench.ports.capture_files import CaptureFiles, capture_files, ring_number
from harness.clock import SimulatedClock
from harness.errors import RigError, RigFileError
from harness.wire import read_wire

DEVICE, CLOUD = "10.77.0.2", "10.77.0.1"


def ring_file(folder: Path, number: int, stem: str = "net") -> Path:
    return folder / f"{stem}_{number:05d}_202611221822{number % 60:02d}.pcapng"


def canary(at_s: float, nonce: bytes) -> bytes:
    frame = udp_frame(DEVICE, 4000, CLOUD, CANARY_PORT, CANARY_MARK + nonce)
    return pcapng_bytes([(at_s, frame)], dropped=None)


def test_a_file_is_its_own_capture_and_what_is_not_there_has_none(tmp_path: Path) -> None:
    path = tmp_path / "net.pcapng"
    assert capture_files(path) == capture_files(tmp_path / "no" / "x") == CaptureFiles(())
    path.write_bytes(b"")
    assert capture_files(path) == CaptureFiles((path,))
    assert ring_number(path) is None


def test_a_ring_in_order_and_what_it_has_overwritten(tmp_path: Path) -> None:
    numbers = [7, 9, 8, 10, 12]
    for number in numbers:
        ring_file(tmp_path, number).write_bytes(b"")
    ring_file(tmp_path, 1, "other").write_bytes(b"")
    ring_file(tmp_path, 1, "net_00002_20261122182200").write_bytes(b"")
    found = capture_files(tmp_path / "net.pcapng")
    assert found.paths == tuple(ring_file(tmp_path, number) for number in sorted(numbers))
    assert [ring_number(path) for path in found.paths] == sorted(numbers)
    assert found.overwritten == 12 - 5


def test_a_ring_is_read_as_one_capture_and_what_is_gone_is_told(tmp_path: Path) -> None:
    for number in (1, 2, 3):
        ring_file(tmp_path, number).write_bytes(canary(1000.0 + number, b"n%d" % number))
    whole = read_wire(tmp_path / "net.pcapng", DEVICE)
    assert set(whole.traffic.canaries) == {b"n1", b"n2", b"n3"} and whole.lost_files == 0
    ring_file(tmp_path, 1).unlink()
    rest = read_wire(tmp_path / "net.pcapng", DEVICE)
    assert set(rest.traffic.canaries) == {b"n2", b"n3"} and rest.lost_files == 1


def test_what_is_written_is_found_across_files(tmp_path: Path) -> None:
    first, second = ring_file(tmp_path, 1), ring_file(tmp_path, 2)
    first.write_bytes(b"old mark")
    tail = CaptureTail(tmp_path / "net.pcapng")
    assert not tail.holds(b"mark")
    first.write_bytes(b"old mark and more ma")
    assert not tail.holds(b"mark")
    second.write_bytes(b"rk")
    assert not tail.holds(b"mark"), "no packet lies in two files"
    second.write_bytes(b"rk, then m")
    assert not tail.holds(b"mark")
    second.write_bytes(b"rk, then mark")
    assert tail.holds(b"mark")
    first.unlink()
    ring_file(tmp_path, 3).write_bytes(b"third")
    assert tail.holds(b"third")


def test_counts_are_written_at_the_end_of_a_ring(tmp_path: Path) -> None:
    path = tmp_path / "c.pcapng"
    path.write_bytes(canary(1.0, b"n"))
    assert dropped_packets(path) is None
    append_statistics(path, 41, 7)
    assert dropped_packets(path) == 7
    report = read_wire(path, DEVICE)
    assert (report.dropped, set(report.traffic.canaries)) == (7, {b"n"})


def test_what_dumpcap_is_told() -> None:
    assert TapText().arguments() == ["-B", "16", "-s", "0"]
    ring = RingText(file_mb=64, file_s=600, files=48)
    options = TapText(mac="02:53:41:59:00:02", snap_bytes=512, buffer_mib=64, ring=ring)
    assert options.arguments() == [
        *("-B", "64", "-s", "512", "-f", "ether host 02:53:41:59:00:02"),
        *("-b", "filesize:64000", "-b", "duration:600", "-b", "files:48"),
    ]


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"mac": "02:53:41:59:00"}, "write a MAC address"),
        ({"mac": "02:53:41:59:00:02 or ip"}, "write a MAC address"),
        ({"mac": "33:33:00:00:00:01"}, "an address of many"),
        ({"snap_bytes": 96}, "cut the harness's own canaries"),
        ({"ring": {"files": 5}}, "says not when a file is full"),
        ({"ring": {"file_mb": 1, "files": 1}}, "greater than or equal to 2"),
    ],
)
def test_what_makes_no_sense_is_refused(given: dict[str, object], why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        TapText.model_validate(given)


def ethernet(root: Path, name: str) -> Path:
    folder = root / "sys" / "class" / "net" / name
    folder.mkdir(parents=True)
    (folder / "type").write_text("1\n")
    return folder


def test_an_interface_that_others_use_too_needs_the_device_s_address(tmp_path: Path) -> None:
    state = ethernet(tmp_path, "br0") / "operstate"
    here = DeviceInterface("br0", "192.168.77.20", tmp_path)
    for told, is_well in (("down\n", False), ("up\n", True)):
        state.write_text(told)
        assert (here.trouble() is None) == is_well
    assert (here.interface, here.canary_to) == ("br0", "192.168.77.20")
    assert here.command(["x", "y"])[-2:] == ["x", "y"]
    with pytest.raises(RigFileError, match="give its `address`"):
        interface_tap("lo", SimulatedClock(), TapText(mac="02:53:41:59:00:02"))
    with pytest.raises(RigError, match="no network interface"):
        interface_tap("no-such-0", SimulatedClock(), TapText(address="192.168.77.20"))


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_canaries_go_to_the_device_by_either_protocol(address: str, tmp_path: Path) -> None:
    ethernet(tmp_path, "br0")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with DeviceInterface("br0", address, tmp_path).socket() as link:
        assert link.family == family
