"""The bench's network made poor for real: late, slow, lossy, without QUIC, and good again.

What leaves the device is timed at the tap and at the cloud; both are on one clock.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import Guest
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.network_link import NetworkLink
from harness.bench.drivers.poor_network import PoorNetwork
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.network import NetworkCondition
from harness.wire import read_wire
from tests.bench.network_programs import ECHO, PING, POUR
from tests.bench_faults.small_bench import processes


@dataclass(slots=True)
class Bench:
    """A network with an echo in the cloud, and the link to make poor."""

    network: Network
    link: NetworkLink
    poor: PoorNetwork

    def device(self, program: str, *words: object) -> list[Any]:
        """What a program says that runs on the device's side."""
        words = (self.network.cloud_address, *words)
        command = [sys.executable, "-I", "-S", "-c", program, *map(str, words)]
        done = subprocess.run(
            self.network.device_command(command), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        said: list[Any] = json.loads(done.stdout)
        return said

    def pings(
        self, count: int = 20, size: int = 100, *, port: int = 4443, wait_s: float = 5.0
    ) -> list[float]:
        """There-and-back times (s) of those datagrams that came back.

        `wait_s`: it gives up where nothing comes for so long; not waited where all come.
        """
        return self.device(PING, port, count, size, wait_s)

    def pour(self, size: int) -> tuple[float, float]:
        """Seconds to open a connection, and to bring `size` bytes over it: the best of three.

        A machine that does other things too makes each of them longer, and none shorter.
        """
        tries = [self.device(POUR, size) for _ in range(3)]
        assert all(came == size for _, _, came in tries)
        return min(opened_s for opened_s, _, _ in tries), min(poured_s for _, poured_s, _ in tries)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with open_network(tmp_path / "network") as network:
        poor = PoorNetwork(network, tmp_path / "relay.log", seed=1)
        command = network.cloud_command([sys.executable, "-I", "-S", "-c", ECHO])
        echo = Guest(command, RealClock(), stdout=subprocess.PIPE)
        assert echo.process.stdout is not None and echo.process.stdout.readline()
        try:
            yield Bench(network, NetworkLink(network, RealClock(), poor), poor)
        finally:
            poor.close()
            echo.kill()
            echo.process.stdout.close()


def usual(there_and_back: list[float]) -> float:
    """What holds for a quarter of them: a busy machine may be late with the others."""
    return sorted(there_and_back)[len(there_and_back) // 4]


def test_late_is_so_late_each_way(bench: Bench) -> None:
    bench.link.shape(NetworkCondition(delay_ms=50))
    there_and_back = bench.pings()
    assert len(there_and_back) == 20
    assert min(there_and_back) >= 0.1
    assert usual(there_and_back) == pytest.approx(0.1, abs=0.01)
    opened_s, poured_s = bench.pour(5_000)
    assert opened_s == pytest.approx(0.1, abs=0.02)
    assert poured_s == pytest.approx(0.1, abs=0.02)
    bench.link.on()
    assert usual(bench.pings()) < 0.005


def test_slow_lets_so_many_bits_pass(bench: Bench) -> None:
    bench.link.shape(NetworkCondition(kbit_s=800))
    _, poured_s = bench.pour(100_000)
    on_the_wire = 100_000 * (1 + 66 / 1448)
    assert on_the_wire * 8 / poured_s / 1e3 == pytest.approx(800, rel=0.1)


def test_lossy_loses_its_share_each_way(bench: Bench) -> None:
    bench.link.shape(NetworkCondition(drop_percent=20))
    came = len(bench.pings(1000, wait_s=1.0))
    # Binomial(1000, 0.8 * 0.8): 5 standard deviations are 76.
    assert came == pytest.approx(640, abs=76)
    counts = bench.poor.counts()
    assert counts["passed"][0] + counts["lost"][0] == 1000
    assert counts["lost"][0] == pytest.approx(200, abs=64)
    bench.link.on()
    assert len(bench.pings(200)) == 200


def test_without_udp_443_all_else_passes(bench: Bench) -> None:
    assert len(bench.pings(port=443)) == 20
    bench.link.shape(NetworkCondition(no_udp_443=True))
    assert bench.pings(port=443, wait_s=0.5) == []
    assert len(bench.pings()) == 20
    bench.pour(10_000)


def test_the_tap_sees_what_is_sent_when_it_is_sent_also_what_is_lost(
    bench: Bench, tmp_path: Path
) -> None:
    tap = DumpcapTap(VirtualTapPoint(bench.network), RealClock())
    tap.start(tmp_path / "c.pcapng")
    sent = {}
    try:
        bench.link.shape(NetworkCondition(drop_percent=100, delay_ms=300))
        for number in range(5):
            sent[b"poor %d" % number] = tap.send_canary(b"poor %d" % number)
        assert bench.pings(5, wait_s=0.1) == []
        bench.link.on()
        sent[b"good"] = tap.send_canary(b"good")
        report = tap.stop()
    finally:
        tap.close()
    wire = read_wire(report.path, bench.network.device_address)
    seen = {nonce: unix_s for nonce, unix_s in wire.traffic.canaries.items() if nonce in sent}
    assert (report.dropped, seen) == (0, pytest.approx(sent, abs=0.05))
    assert len([size for _, size in wire.traffic.sent if size == 142]) >= 5


def test_what_waits_passes_at_once_when_it_is_good_again(bench: Bench) -> None:
    bench.link.shape(NetworkCondition(delay_ms=60_000))
    command = [sys.executable, "-I", "-S", "-c", PING, bench.network.cloud_address]
    waits = subprocess.Popen(
        bench.network.device_command([*command, "4443", "3", "100", "30"]),
        stdout=subprocess.PIPE,
        text=True,
    )
    clock = RealClock()
    deadline_s = clock.monotonic_s() + 20
    while bench.poor.counts()["passed"][0] < 3 and clock.monotonic_s() < deadline_s:
        clock.wait_s(0.02)
    bench.link.on()
    told, _ = waits.communicate(timeout=50)
    assert len(json.loads(told)) == 3


def test_cut_while_poor_and_back_as_poor(bench: Bench) -> None:
    bench.link.shape(NetworkCondition(delay_ms=50))
    bench.link.off()
    with pytest.raises(AssertionError, match="unreachable"):
        bench.pings(1)
    bench.link.shape(NetworkCondition(delay_ms=100))
    assert usual(bench.pings()) == pytest.approx(0.2, abs=0.02)
    bench.link.on()
    assert usual(bench.pings()) < 0.005


def test_nothing_is_left_of_it(bench: Bench) -> None:
    def laid() -> tuple[str, str, str]:
        commands = (["ip", "-o", "link"], ["ip", "route"], ["nft", "list", "ruleset"])
        told = [
            subprocess.run(bench.network.cloud_command(c), capture_output=True, text=True).stdout
            for c in commands
        ]
        return told[0], told[1], told[2]

    before = laid()
    for _ in range(2):
        bench.link.prepare()
        bench.link.prepare()
        bench.link.shape(NetworkCondition(kbit_s=64, drop_percent=1))
        assert laid() != before
        bench.link.on()
        bench.link.release()
        bench.link.release()
        assert laid() == before
    device = bench.network.device_command(["ip", "-d", "link", "show", "device0"])
    said = subprocess.run(device, capture_output=True, text=True).stdout
    assert "gso_max_segs 65535" in said


def test_a_relay_that_ends_is_told(bench: Bench, tmp_path: Path) -> None:
    bench.link.shape(NetworkCondition(delay_ms=10))
    assert bench.poor.trouble() is None
    own = _own_pid()
    (relay,) = (p for p in processes() if "link_relay " in p.command and p.parent == own)
    subprocess.run(["kill", "-9", str(relay.pid)], check=True)
    clock, deadline_s = RealClock(), RealClock().monotonic_s() + 20
    while bench.poor.trouble() is None and clock.monotonic_s() < deadline_s:
        clock.wait_s(0.01)
    assert "link relay: ended by itself" in (bench.poor.trouble() or "")
    with pytest.raises(RigError, match="link relay"):
        bench.link.shape(NetworkCondition(delay_ms=20))


def _own_pid() -> int:
    return int(Path("/proc/self").resolve().name)
