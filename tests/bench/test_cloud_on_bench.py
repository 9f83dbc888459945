"""The reference cloud behind the bench's network, read through the Inbox port, for real."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.drivers.authority import open_authority
from harness.bench.drivers.cloud_inbox import CloudAccess, CloudInbox
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.service_process import ServiceProcess
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.clock import RealClock
from harness.errors import RigError
from harness.wire import UploadLimits, read_wire

pytestmark = pytest.mark.bench

ROOT = Path(__file__).parents[2]


@dataclass
class Bench:
    """What is open."""

    folder: Path
    network: Network
    inbox: CloudInbox
    cloud: ServiceProcess


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    """Network, cloud and inbox."""
    authority = open_authority(tmp_path / "authority")
    with open_network(tmp_path / "network") as network:
        access = CloudAccess(tmp_path / "op.sock", authority.certificate, network.device_command)
        inbox = CloudInbox(access)
        command = [
            *(sys.executable, "-m", "rigs.reference_cloud", "--address", network.cloud_address),
            *("--operator-socket", str(access.operator_socket), "--state", str(tmp_path / "state")),
            *("--ca-cert", str(authority.certificate), "--ca-key", str(authority.key)),
        ]
        with ServiceProcess(
            "cloud",
            network,
            command,
            tmp_path / "cloud.log",
            RealClock(),
            ready=inbox.healthy,
            folder=ROOT,
        ) as cloud:
            yield Bench(tmp_path, network, inbox, cloud)


def test_canary_arrives_and_is_not_laid_to_the_device(bench: Bench) -> None:
    tap = DumpcapTap(VirtualTapPoint(bench.network), RealClock())
    bench.inbox.prepare(["Thomas Reed"])
    assert bench.inbox.messages() == ()
    tap.start(bench.folder / "c.pcapng")
    before_s = RealClock().now_s()
    bench.inbox.send_canary("n-1")
    [message] = bench.inbox.messages()
    assert (message.canary, message.recipient) == ("n-1", "Sayso Canary")
    assert before_s <= message.unix_s <= RealClock().now_s()
    assert bench.inbox.audio(message.message_id) == b""
    tap.stop()
    device, limits = bench.network.device_address, UploadLimits(min_bytes=500)
    seen = read_wire(bench.folder / "c.pcapng", device, (), limits)
    assert [upload.destination for upload in seen.uploads] == ["cloud.reference.test:443"]
    flows = bench.inbox.canary_flows()
    assert read_wire(bench.folder / "c.pcapng", device, flows, limits).uploads == ()


def test_a_cloud_that_is_down_is_said_to_be(bench: Bench) -> None:
    bench.inbox.prepare([])
    bench.cloud.stop()
    assert bench.cloud.trouble() is None, "it was stopped on purpose"
    for use in (
        lambda: bench.inbox.prepare([]),
        bench.inbox.messages,
        lambda: bench.inbox.send_canary("n"),
    ):
        with pytest.raises(RigError, match="down"):
            use()


def test_an_account_that_is_not_there_is_no_empty_inbox(bench: Bench) -> None:
    with pytest.raises(RigError, match="refused"):
        bench.inbox.messages()
    with pytest.raises(RigError, match="401"):
        bench.inbox.send_canary("n-1")


def test_a_service_that_cannot_start_or_dies_tells_its_last_words(bench: Bench) -> None:
    def start(code: str, limit_s: float = 10.0) -> ServiceProcess:
        command = [sys.executable, "-I", "-S", "-c", code]
        log, clock = bench.folder / "log", RealClock()
        ready = (bench.folder / "ready").exists
        return ServiceProcess(
            "test service", bench.network, command, log, clock, ready=ready, limit_s=limit_s
        )

    with pytest.raises(RigError, match=r"(?s)test service: ended.*exit code 4.*broken"):
        start("import sys; print('broken'); sys.exit(4)")
    with pytest.raises(RigError, match="not ready within"):
        start("import time; time.sleep(60)", limit_s=0.3)
    (bench.folder / "ready").touch()
    service = start("import sys; sys.exit('died later')")
    clock = RealClock()
    deadline_s = clock.monotonic_s() + 30
    while service.trouble() is None and clock.monotonic_s() < deadline_s:
        clock.wait_s(0.01)
    assert "died later" in (service.trouble() or "")
    service.stop()
    assert service.trouble() is None
