"""A bridge between device and cloud, cut and made poor by commands on its two interfaces."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from harness.bench.drivers.bridge_link import (
    BridgeLink,
    queue_for,
    queues_for,
    rules_for,
    runner,
)
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.network import GOOD, NetworkCondition
from tests.bench.network_programs import ECHO, PING, POUR

CLOUD = "10.78.0.1"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="lays cables between network namespaces")


@contextmanager
def namespace() -> Iterator[list[str]]:
    """The command that runs another in a network namespace of its own."""
    holder = subprocess.Popen(
        ["unshare", "--net", "cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None and holder.stdout is not None
    try:
        holder.stdin.write(b"there\n")
        holder.stdin.flush()
        holder.stdout.readline()
        yield ["nsenter", "--target", str(holder.pid), "--net", "--"]
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stdout.close()


@dataclass(slots=True)
class Bridged:
    """Device, bridge and cloud; `link` is the bridge's."""

    bridge: list[str]
    device: list[str]
    link: BridgeLink

    def asks(self, program: str, *words: object) -> list[Any]:
        """What a program says that runs on the device's side."""
        command = [*self.device, sys.executable, "-I", "-S", "-c", program, CLOUD]
        done = subprocess.run(
            [*command, *map(str, words)], capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        said: list[Any] = json.loads(done.stdout)
        return said

    def laid(self) -> list[str]:
        """Rules and queues on the bridge."""
        commands = [["nft", "list", "ruleset"], ["tc", "qdisc"], ["ip", "-brief", "link"]]
        return [runner(self.bridge)(command, "") for command in commands]


@pytest.fixture
def bridged() -> Iterator[Bridged]:
    with ExitStack() as stack:
        bridge, device, cloud = (stack.enter_context(namespace()) for _ in range(3))
        run = runner()

        def ip(where: Sequence[str], *rows: str) -> None:
            run([*where, "ip", "-batch", "-"], "\n".join([*rows, ""]))

        ip(bridge, "link add br0 type bridge", "link set br0 up")
        for port, far, where, address in (
            ("dev0", "eth0", device, "10.78.0.2"),
            ("net0", "eth0", cloud, CLOUD),
        ):
            ip(
                bridge,
                f"link add {port} type veth peer name {far} netns {where[2]}",
                f"link set {port} master br0",
                f"link set {port} up",
            )
            ip(where, f"address add {address}/24 dev {far}", f"link set {far} up gso_max_segs 1")
        echo = subprocess.Popen(
            [*cloud, sys.executable, "-I", "-S", "-c", ECHO],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        assert echo.stdout is not None and echo.stdout.readline()
        try:
            yield Bridged(bridge, device, BridgeLink("dev0", "net0", runner(bridge), RealClock()))
        finally:
            echo.kill()
            echo.wait()
            echo.stdout.close()


@as_root
def test_cut_slow_lossy_without_udp_443_and_good_again(bridged: Bridged) -> None:
    link, before = bridged.link, bridged.laid()
    assert len(bridged.asks(PING, 4443, 20, 100, 5.0)) == 20
    link.shape(NetworkCondition(kbit_s=800, no_udp_443=True))
    assert bridged.asks(PING, 443, 20, 100, 0.2) == []
    assert len(bridged.asks(PING, 4443, 20, 100, 5.0)) == 20
    poured = [bridged.asks(POUR, 100_000) for _ in range(3)]
    assert all(came == 100_000 for _, _, came in poured)
    best_s = min(poured_s for _, poured_s, _ in poured)  # a busy machine only makes it longer
    assert 100_000 * (1 + 66 / 1448) * 8 / best_s / 1e3 == pytest.approx(800, rel=0.1)
    link.shape(NetworkCondition(drop_percent=20))
    # Binomial(1000, 0.8 * 0.8): 5 standard deviations are 76.
    assert len(bridged.asks(PING, 4443, 1000, 100, 1.0)) == pytest.approx(640, abs=76)
    link.off()
    assert bridged.asks(PING, 4443, 3, 100, 0.2) == []
    link.on()
    link.on()
    assert bridged.laid() == before, "and up"
    # The device's own kernel may take a second to notice that its cable is in again.
    assert any(bridged.asks(PING, 443, 1, 100, 0.3) for _ in range(10))
    assert len(bridged.asks(PING, 443, 20, 100, 5.0)) == 20


@as_root
def test_what_an_earlier_run_left_poor_is_good_after_on(bridged: Bridged) -> None:
    before = bridged.laid()
    bridged.link.shape(NetworkCondition(kbit_s=64, drop_percent=50))
    assert bridged.laid() != before
    BridgeLink("dev0", "net0", runner(bridged.bridge), RealClock()).on()
    assert bridged.laid() == before


@as_root
def test_late_where_the_kernel_can_and_told_where_it_cannot(bridged: Bridged) -> None:
    try:
        bridged.link.shape(NetworkCondition(delay_ms=50))
    except RigError as error:
        assert "modprobe -a sch_htb sch_netem" in str(error)
    else:
        there_and_back = sorted(bridged.asks(PING, 4443, 20, 100, 5.0))
        assert there_and_back[0] >= 0.1
        assert there_and_back[5] == pytest.approx(0.1, abs=0.01)


def test_what_the_programs_are_told() -> None:
    assert queue_for(GOOD) == [] and rules_for(GOOD, "dev0") == ""
    assert queues_for(GOOD, "dev0", "net0") == []
    at_device, canaries, others, inner, at_cloud = queues_for(
        NetworkCondition(kbit_s=16), "dev0", "net0"
    )
    assert at_device[3:] == ["dev0", "root", "handle", "5a:", "htb", "default", "2"]
    assert (canaries[7], others[7], inner[5]) == ("5a:1", "5a:2", "5a:2")
    assert at_cloud[3:8] == ["net0", "root", "handle", "5a:", "tbf"] and inner[8] == "tbf"
    assert queue_for(NetworkCondition(kbit_s=16)) == [
        "tbf", "rate", "16000bit", "burst", "3000", "limit", "64000",
    ]  # fmt: skip
    assert queue_for(NetworkCondition(16.5, delay_ms=0.5)) == [
        "netem", "limit", "42", "delay", "0.5ms", "rate", "16500bit",
    ]  # fmt: skip
    lossy = rules_for(NetworkCondition(drop_percent=2.5), "dev0")
    assert lossy.count("numgen random mod 100000 < 2500 drop") == 2 and "443" not in lossy
    assert "numgen" not in rules_for(NetworkCondition(drop_percent=100), "dev0")
    quic = rules_for(NetworkCondition(no_udp_443=True), "dev0")
    assert "hook ingress" in quic.split("udp dport 443")[0]
    assert "hook egress" in quic.split("udp dport 443")[1].split("udp sport 443")[0]


def test_a_command_that_fails_or_is_missing_is_told() -> None:
    with pytest.raises(RigError, match=r"`ip link show dev nowhere9` failed: .*rights of root"):
        runner()(["ip", "link", "show", "dev", "nowhere9"], "")
    with pytest.raises(RigError, match="no-such-program is not installed"):
        runner(["no-such-program"])(["ip"], "")
