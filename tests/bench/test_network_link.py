"""The cable of the bench, cut and mended for real; the tap beyond the cut goes on."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import Guest
from harness.bench.drivers.link_socket import open_link_socket
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.network_link import NetworkLink
from harness.bench.drivers.poor_network import PoorNetwork
from harness.bench.drivers.process_power import ProcessPower
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.clock import RealClock
from harness.errors import RigError
from harness.wire import read_wire

pytestmark = pytest.mark.bench


@pytest.fixture
def network(tmp_path: Path) -> Iterator[Network]:
    with open_network(tmp_path / "network") as network:
        yield network


def open_link(network: Network, folder: Path) -> NetworkLink:
    return NetworkLink(network, RealClock(), PoorNetwork(network, folder / "relay.log"))


def name_resolves(network: Network) -> bool:
    """Whether the device's side gets an answer from the cloud's: there and back."""
    ask = "import socket; print(socket.gethostbyname('any.name.example'))"
    command = network.device_command([sys.executable, "-I", "-S", "-c", ask])
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.stdout.strip() == network.cloud_address


def test_nothing_passes_while_it_is_cut_and_the_tap_goes_on(
    network: Network, tmp_path: Path
) -> None:
    clock = RealClock()
    link, tap = open_link(network, tmp_path), DumpcapTap(VirtualTapPoint(network), clock)
    tap.start(tmp_path / "c.pcapng")
    try:
        tap.send_canary(b"before")
        for number in range(2):
            link.off()
            link.off()
            assert tap.trouble() is None
            with pytest.raises(RigError, match="unreachable"):
                tap.send_canary(b"meanwhile")
            link.on()
            link.on()
            tap.send_canary(f"after {number}".encode())
        assert name_resolves(network)
        report = tap.stop()
    finally:
        tap.close()
    assert report.dropped == 0
    canaries = read_wire(report.path, network.device_address).traffic.canaries
    sent = {nonce for nonce in canaries if not nonce.startswith(b"end ")}  # the tap's own
    assert sent == {b"before", b"after 0", b"after 1"}


def test_a_socket_that_was_open_before_works_again_after(network: Network, tmp_path: Path) -> None:
    """As the device's own would: its address and routes are what they were."""
    link = open_link(network, tmp_path)
    with open_link_socket(network) as sender:
        sender.sendto(b"x", (network.cloud_address, 9))
        link.off()
        with pytest.raises(OSError, match="unreachable"):
            sender.sendto(b"x", (network.cloud_address, 9))
        link.on()
        sender.sendto(b"x", (network.cloud_address, 9))


LISTENER = """
import socket, sys
server = socket.create_server(("", 4711))
print("there", flush=True)
while True:
    peer, _ = server.accept()
    while peer.recv(65536):
        pass
"""
TALKER = """
import socket, sys, time
peer = socket.create_connection((sys.argv[1], 4711))
while True:
    peer.send(b"half a sentence ")
    time.sleep(0.05)
"""


def test_what_a_dead_device_had_not_sent_yet_dies_with_it(network: Network, tmp_path: Path) -> None:
    """The kernel would send it when the cable is mended; the kernel of a real one is dead."""
    clock = RealClock()
    link, tap = open_link(network, tmp_path), DumpcapTap(VirtualTapPoint(network), clock)
    listen = network.cloud_command([sys.executable, "-I", "-S", "-c", LISTENER])
    listener = Guest(listen, clock, stdout=subprocess.PIPE)
    assert listener.process.stdout is not None and listener.process.stdout.readline()
    talk = [sys.executable, "-I", "-S", "-c", TALKER, network.cloud_address]
    power = ProcessPower(network, talk, {}, tmp_path / "device.log", clock)
    try:
        tap.start(tmp_path / "c.pcapng")
        power.on()
        clock.wait_s(1.0)
        link.off()
        clock.wait_s(0.5)
        power.off()
        link.on()
        mended_s = clock.now_s()
        clock.wait_s(4.0)
        tap.stop()
    finally:
        power.off()
        tap.close()
        listener.kill()
        listener.process.stdout.close()
    sent = read_wire(tmp_path / "c.pcapng", network.device_address).traffic.sent
    assert sum(count for unix_s, count in sent if unix_s < mended_s) > 10 * 16
    assert [row for row in sent if row[0] > mended_s and row[1]] == []


def test_a_network_that_is_gone_is_told(network: Network, tmp_path: Path) -> None:
    link = open_link(network, tmp_path)
    network.close()
    with pytest.raises(RigError, match="namespace is gone"):
        link.off()
