"""A tap on another machine over a real OpenSSH server, with a real dumpcap on a virtual cable."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.conformance import main
from harness.bench.drivers.capture_end import dropped_packets
from harness.bench.drivers.guests import child_of
from harness.bench.drivers.ssh_options import SshText
from harness.bench.drivers.ssh_tap import SshTap, far_point
from harness.bench.drivers.tap_options import TapText
from harness.bench.rigfile import load_rig
from harness.bench.tryout import RealTryout
from harness.clock import RealClock
from harness.errors import RigError
from harness.wire import read_wire
from tests.bench.ssh_server import ROOT, SshServer, ssh_server

pytestmark = pytest.mark.bench
MAC, ADDRESS = "02:53:41:59:00:02", "10.99.7.2"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SshServer]:
    """One for all these tests."""
    with ssh_server(tmp_path_factory.mktemp("sshd")) as server:
        yield server


@pytest.fixture
def cable(wire: str) -> str:
    """A cable at whose far end the device is, as the kernel thinks."""
    known = ["ip", "neighbour", "replace", ADDRESS, "lladdr", MAC, "dev", wire]
    subprocess.run(known, check=True)
    return wire


@contextlib.contextmanager
def opened(server: SshServer, interface: str, told: SshText) -> Iterator[SshTap]:
    """The tap, gone in the end."""
    options = TapText(mac=MAC, address=ADDRESS)
    tap = SshTap(far_point(interface, options), told, server.folder, RealClock(), options)
    try:
        yield tap
    finally:
        tap.close()


def test_a_capture_over_ssh_is_whole_and_in_time(
    server: SshServer, cable: str, tmp_path: Path
) -> None:
    """Both ends are this machine: their clocks are not apart at all, which is the truth here."""
    path = tmp_path / "c.pcapng"
    with opened(server, cable, server.told()) as tap:
        tap.start(path)
        sent_s = {b"number %d" % n: tap.send_canary(b"number %d" % n) for n in range(4)}
        time.sleep(1.0)
        assert tap.trouble() is None
        report = tap.stop()
    clock = report.clock
    assert clock is not None and report.dropped == 0 and dropped_packets(path) == 0
    print(f"ahead {clock.ahead_s * 1e3:.3f} ms, known to {clock.uncertainty_ms:.3f} ms")
    assert abs(clock.ahead_s) * 1e3 <= clock.uncertainty_ms < 20
    canaries = read_wire(path, MAC, nonces=frozenset(sent_s)).traffic.canaries
    for nonce, at_s in sent_s.items():
        assert canaries[nonce] == pytest.approx(at_s, abs=clock.uncertainty_ms / 1e3 + 0.005)
    assert report.packets == len(sent_s) + len(report.own_nonces)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        ({"known_hosts": "other"}, "its host key is not the one that is known"),
        ({"known_hosts": "none"}, "its host key is not the one that is known"),
        ({"identity": "stranger"}, "it refuses the key or asks for a password"),
        ({"program": "no-such-dumpcap"}, "dumpcap is not there"),
        ({"port": 1}, "it cannot be reached"),
    ],
)
def test_what_a_real_server_refuses_is_told(
    server: SshServer, cable: str, tmp_path: Path, other: dict[str, object], said: str
) -> None:
    with (
        opened(server, cable, server.told(**other)) as tap,
        pytest.raises(RigError, match=said),
    ):
        tap.start(tmp_path / "c.pcapng")


def test_an_interface_that_is_not_there_is_told(server: SshServer, tmp_path: Path) -> None:
    with (
        opened(server, "no-such0", server.told()) as tap,
        pytest.raises(RigError, match="it has no interface of that name"),
    ):
        tap.start(tmp_path / "c.pcapng")


def test_a_connection_that_the_server_drops_is_told(
    server: SshServer, cable: str, tmp_path: Path
) -> None:
    with opened(server, cable, server.told()) as tap:
        tap.start(tmp_path / "c.pcapng")
        connection = child_of(server.process.pid)
        assert connection is not None
        os.kill(connection, signal.SIGKILL)
        until_s = time.monotonic() + 8
        while (why := tap.trouble()) is None and time.monotonic() < until_s:
            time.sleep(0.05)
        assert why is not None and "the capture over ssh has ended" in why
        with pytest.raises(RigError, match="over ssh has ended"):
            tap.stop()


def test_a_rig_file_names_it_and_it_keeps_the_promise_of_a_tap(
    server: SshServer, cable: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = server.told().model_dump_json(exclude_none=True)
    file = load_rig(ROOT / "rigs" / "bench.example.yaml")
    text = file.path.read_text().replace(
        "interface: eth1  ", f"interface: {cable}\n    ssh: {told} "
    )
    text = text.replace('mac: "74:75:48:01:02:03"', f'mac: "{MAC}"')
    text = text.replace("wire:\n", f"wire:\n  tap: {{address: {ADDRESS}}}\n")
    rig = server.folder / "rig.yaml"
    rig.write_text(text)
    assert ("tap", "ssh") in load_rig(rig).bench.drivers  # type: ignore[union-attr]
    assert main(["tap", str(rig)]) == 0, capsys.readouterr().out


def test_it_is_tried_out_while_its_rig_file_is_written(server: SshServer, cable: str) -> None:
    tryout = RealTryout(RealClock(), {})
    ssh = server.told(
        identity=str(server.folder / "key"), known_hosts=str(server.folder / "known")
    ).model_dump(exclude_none=True)
    tap = {"interface": cable, "mac": MAC, "ssh": ssh}
    tried = tryout.far_tap(tap, ADDRESS)
    assert tried.works and "its clock is known to" in tried.told[1]
    assert not tryout.far_tap({**tap, "ssh": {**ssh, "port": 1}}, ADDRESS).works
    assert "mac" in tryout.far_tap({"interface": cable, "ssh": ssh}, ADDRESS).told[0]
