"""The tap in a ring, filtered, starved and on a bridge: real packets in real namespaces.

Nothing here is a matter of real time.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.drivers.capture_end import dropped_packets
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import Guest, child_of
from harness.bench.drivers.link_socket import open_link_socket, open_socket
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.tap_interface import DeviceInterface
from harness.bench.drivers.tap_options import RingText, TapText
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.bench.ports.tap import TapReport
from harness.clock import RealClock
from harness.errors import RigError
from harness.wire import read_wire
from harness.wire.flows import FlowReader, read_files

pytestmark = pytest.mark.bench

DEVICE_MAC, OTHER_MAC = "02:53:41:59:00:02", "02:53:41:59:00:03"
NEIGHBOUR, NEIGHBOUR_MAC = "10.77.0.9", "02:53:41:59:00:09"
PORT = 9


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with open_network(tmp_path / "network") as network:
        yield network


def send(network: Network, count: int, size: int, to: str | None = None) -> None:
    """So many datagrams from the device; nobody reads them, and nobody answers."""
    with open_link_socket(network) as link, open_socket(network.cloud_command) as deaf:
        deaf.bind((network.cloud_address, PORT))
        for _ in range(count):
            link.sendto(bytes(size), (to or network.cloud_address, PORT))


def captured(report: TapReport) -> int:
    """Datagrams to that port that are in the files."""
    reader = FlowReader()
    batches = read_files(report.files, reader)
    return sum(flow.a.packets for batch in batches for flow in batch.flows() if flow.b.port == PORT)


def await_written(capture: Path) -> None:
    """Return once a program that was held up has written all that had waited for it."""
    size = -1
    while size < 2**19 or size != capture.stat().st_size:
        size = capture.stat().st_size
        time.sleep(0.5)


def play(tap: DumpcapTap, network: Network, path: Path, count: int) -> TapReport:
    """A canary, datagrams, another canary."""
    try:
        tap.start(path)
        tap.send_canary(b"first")
        send(network, count, 1400)
        tap.send_canary(b"last")
        return tap.stop()
    finally:
        tap.close()


def test_a_ring_that_keeps_all_loses_nothing_from_file_to_file(
    network: Network, tmp_path: Path
) -> None:
    options = TapText(ring=RingText(file_mb=1), mac=DEVICE_MAC)
    tap = DumpcapTap(VirtualTapPoint(network), RealClock(), options)
    report = play(tap, network, tmp_path / "run" / "net.pcapng", 2500)
    assert (report.dropped, report.overwritten, captured(report)) == (0, 0, 2500)
    assert len(report.files) >= 4 and dropped_packets(report.files[-1]) == 0
    assert {path.stat().st_mode & 0o777 for path in report.files} == {0o600}
    wire = read_wire(report.path, network.device_address)
    assert {b"first", b"last"} < set(wire.traffic.canaries)
    assert (wire.dropped, wire.lost_files, wire.truncated, wire.malformed) == (0, 0, False, 0)
    with pytest.raises(RigError, match="there is a capture"):
        tap.start(report.path)


def test_a_ring_that_overwrites_says_so(network: Network, tmp_path: Path) -> None:
    options = TapText(ring=RingText(file_mb=1, files=2))
    tap = DumpcapTap(VirtualTapPoint(network), RealClock(), options)
    report = play(tap, network, tmp_path / "net.pcapng", 4000)
    assert len(report.files) == 2 and report.overwritten >= 3 and captured(report) < 4000
    wire = read_wire(report.path, network.device_address)
    assert wire.lost_files == report.overwritten and b"first" not in wire.traffic.canaries


def test_every_drop_is_counted(network: Network, tmp_path: Path) -> None:
    """Stopped while packets come, dumpcap finds its buffer full when it goes on."""
    tap = DumpcapTap(VirtualTapPoint(network), RealClock(), TapText(buffer_mib=1))
    try:
        tap.start(tmp_path / "net.pcapng")
        assert tap._dumpcap is not None
        pid = child_of(tap._dumpcap.process.pid)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        send(network, 4000, 1400)
        os.kill(pid, signal.SIGCONT)
        tap._dumpcap.process.send_signal(signal.SIGCONT)  # what started it has stopped with it
        await_written(tmp_path / "net.pcapng")  # while it is full, the tap's own mark is lost too
        report = tap.stop()
    finally:
        tap.close()
    assert report.dropped > 1000
    assert report.dropped == 4000 - captured(report)


def test_a_filter_for_another_device_is_found_out(network: Network, tmp_path: Path) -> None:
    tap = DumpcapTap(VirtualTapPoint(network), RealClock(), TapText(mac=OTHER_MAC))
    with pytest.raises(RigError, match=f"blind.* Is {OTHER_MAC} the device's MAC"):
        play(tap, network, tmp_path / "net.pcapng", 5)


@dataclass
class Bridge:
    """A tap on a bridge that the device's cable and a neighbour's are plugged into."""

    network: Network
    interface: str = "br0"
    depth: int = 1

    def __post_init__(self) -> None:
        cable = VirtualTapPoint(self.network)
        self.canary_to, self.command, self.socket = cable.canary_to, cable.command, cable.socket
        for line in (
            "link add br0 type bridge",
            "link add near0 type veth peer name near1",
            "link set near0 master br0",
            "link set cloud0 master br0",
            *(f"link set {name} up" for name in ("br0", "near0", "near1")),
        ):
            command = self.network.cloud_command(["ip", *line.split()])
            subprocess.run(command, check=True, capture_output=True)

    def trouble(self) -> str | None:
        return None


STRANGER = """
import socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("near1", 0))
for _ in range(50):
    link.send(bytes.fromhex("025341590001" "025341590009" "88b5") + bytes(60))
"""


def test_a_bridge_shows_what_goes_to_a_neighbour_and_only_the_device(
    network: Network, tmp_path: Path
) -> None:
    place = Bridge(network)
    known = ["ip", "neighbour", "add", NEIGHBOUR, "lladdr", NEIGHBOUR_MAC, "dev", "device0"]
    subprocess.run(network.device_command(known), check=True, capture_output=True)
    tap = DumpcapTap(place, RealClock(), TapText(mac=DEVICE_MAC))
    try:
        tap.start(tmp_path / "net.pcapng")
        send(network, 30, 200, NEIGHBOUR)
        subprocess.run(network.cloud_command([sys.executable, "-c", STRANGER]), check=True)
        send(network, 20, 200)
        report = tap.stop()
    finally:
        tap.close()
    assert captured(report) == 50
    reader = FlowReader()
    flows = [flow for batch in read_files(report.files, reader) for flow in batch.flows()]
    assert all("02:53:41:59:00:02" in (flow.a.mac, flow.b.mac) for flow in flows)
    [near] = [flow for flow in flows if flow.b.address == NEIGHBOUR]
    assert (near.a.packets, near.a.payload_bytes) == (30, 6000)


def interfaces(root: Path, name: str) -> Path:
    """A /sys that knows one Ethernet interface."""
    folder = root / "sys" / "class" / "net" / name
    folder.mkdir(parents=True)
    (folder / "type").write_text("1\n")
    (folder / "operstate").write_text("up\n")
    return root


def test_a_capture_on_this_machine_ends_with_whoever_began_it(tmp_path: Path) -> None:
    """By the command's own means: killed, it takes the program along."""
    here = DeviceInterface("eth9", "127.0.0.1", interfaces(tmp_path, "eth9"))
    program = [sys.executable, "-c", f"import time; open(r'{tmp_path}/up', 'w'); time.sleep(60)"]
    guest = Guest(here.command(program), RealClock())
    while not (tmp_path / "up").exists():
        time.sleep(0.01)
    pid = child_of(guest.process.pid)
    assert pid is not None
    guest.process.send_signal(signal.SIGTERM)  # what the kernel sends when the harness is killed
    assert guest.wait(5.0) == 128 + signal.SIGTERM
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
