"""The link that a bench names: a bridge between a device and its cloud, and a tap beside it."""

import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from harness.bench.drivers.bridge_link import runner
from harness.bench.drivers.bridge_slot import open_bridge_link
from harness.bench.drivers.tap_interface import interface_tap
from harness.bench.drivers.tap_options import TapText
from harness.bench.ports import Link, Tap
from harness.bench.rig_bench import LinkText
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.network import NetworkCondition
from harness.wire import read_wire
from tests.bench.network_programs import PING
from tests.bench.test_bridge_link import CLOUD, ECHO, as_root, namespace

MAC = "02:53:41:59:00:02"


@dataclass(slots=True)
class Bench:
    """A bridge of this machine's own, as a bench has it; `device`: runs a command on the device."""

    told: LinkText
    device: list[str]

    def pings(self, count: int, wait_s: float = 0.2) -> int:
        """How many of so many datagrams came back; given up where none comes for `wait_s`."""
        program = [*self.device, sys.executable, "-I", "-S", "-c", PING, CLOUD]
        words = [*program, "4443", str(count), "100", str(wait_s)]
        done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=True)
        return len(json.loads(done.stdout))


@pytest.fixture
def bench() -> Iterator[Bench]:
    run, mark = runner(), uuid.uuid4().hex[:6]
    bridge, dev, net = (f"{letter}{mark}" for letter in "bdn")
    with ExitStack() as stack:
        device, cloud = stack.enter_context(namespace()), stack.enter_context(namespace())
        try:
            run(["ip", "link", "add", bridge, "type", "bridge", "mcast_snooping", "0"], "")
        except RigError as error:
            pytest.skip(f"this user may not make a bridge: {error}")
        stack.callback(run, ["ip", "link", "delete", bridge], "")
        for port, where, address, more in (
            (dev, device, "10.78.0.2", ["address", MAC]),
            (net, cloud, CLOUD, []),
        ):
            pair = ["type", "veth", "peer", "name", "eth0", *more, "netns", where[2]]
            run(["ip", "link", "add", port, *pair], "")
            run(["ip", "link", "set", port, "master", bridge, "up"], "")
            run([*where, "ip", "address", "add", f"{address}/24", "dev", "eth0"], "")
            run([*where, "ip", "link", "set", "eth0", "up"], "")
        run(["ip", "link", "set", bridge, "up"], "")
        command = [*cloud, sys.executable, "-I", "-S", "-c", ECHO]
        echo = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        assert echo.stdout is not None and echo.stdout.readline()
        try:
            yield Bench(LinkText(bridge=bridge, device_side=dev, cloud_side=net), device)
        finally:
            echo.kill()
            echo.wait()
            echo.stdout.close()


@as_root
def test_a_poor_network_is_poor_for_the_device_and_not_for_the_tap(
    bench: Bench, tmp_path: Path
) -> None:
    """Nothing is lost on the capture, canaries are on time, and a cut does not end it."""
    clock = RealClock()
    link: Link = open_bridge_link(bench.told, clock)
    tap: Tap = interface_tap(bench.told.device_side, clock, TapText())
    capture, sent = tmp_path / "c.pcapng", dict[bytes, float]()

    def canary(name: bytes) -> None:
        sent[name] = tap.send_canary(name)

    assert bench.pings(5, wait_s=5.0) == 5
    tap.start(capture)
    canary(b"good")
    link.shape(NetworkCondition(drop_percent=100, kbit_s=16))
    assert bench.pings(20) == 0
    canary(b"poor")
    link.off()
    assert bench.pings(2) == 0
    link.on()
    canary(b"again")
    assert any(bench.pings(1) for _ in range(10)), "it may take a second to notice its cable"
    assert tap.trouble() is None
    report = tap.stop()
    assert report.dropped == 0
    wire = read_wire(capture, MAC, (), nonces=frozenset((*sent, *report.own_nonces)))
    for name, sent_s in sent.items():
        assert wire.traffic.canaries[name] == pytest.approx(sent_s, abs=0.05)
    assert len(wire.traffic.sent) >= 20, "all that the device sent, also what was lost after"


@as_root
def test_what_cannot_be_changed_is_refused_before_anything_is(bench: Bench) -> None:
    nobody = ["setpriv", "--reuid", "65534", "--clear-groups", "--inh-caps=-all", "--"]
    with pytest.raises(RigError, match=r"link: `setpriv .*nft .*needs the rights of root"):
        open_bridge_link(bench.told.model_copy(update={"via": tuple(nobody)}), RealClock())
    with pytest.raises(RigError, match="eth9 is no port of the bridge"):
        open_bridge_link(bench.told.model_copy(update={"device_side": "eth9"}), RealClock())
    third = f"t{bench.told.bridge[1:]}"
    run = runner()
    run(["ip", "link", "add", third, "type", "veth", "peer", "name", f"{third}x"], "")
    try:
        run(["ip", "link", "set", third, "master", bench.told.bridge], "")
        with pytest.raises(RigError, match=f"has another port, {third}: what the device sends"):
            open_bridge_link(bench.told, RealClock())
    finally:
        run(["ip", "link", "delete", third], "")
