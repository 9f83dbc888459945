"""A tap on another machine: in this machine's time, and nothing that goes wrong looks well.

The other machine is played by programs of this one (`far_end`); `test_ssh_server.py` has a real
server and a real dumpcap.
"""

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.bench.drivers.capture_end import dropped_packets
from harness.bench.drivers.ssh_options import SshText
from harness.bench.drivers.ssh_tap import SshTap, far_point
from harness.bench.drivers.ssh_trouble import ssh_trouble
from harness.bench.drivers.tap_options import RingText, TapText
from harness.errors import RigError, RigFileError
from harness.stage.tap_clock import tap_clock
from harness.wire import read_wire
from tests.bench.far_end import FarEnd, far_end

ROOT = Path(__file__).parents[2]


@pytest.fixture
def address() -> str:
    """An address of this machine's own that no other test sends to, not even one before."""
    return f"127.{secrets.randbelow(100) + 77}.{secrets.randbelow(256)}.{secrets.randbelow(256)}"


@contextlib.contextmanager
def opened(far: FarEnd, host: str = "good") -> Iterator[SshTap]:
    """Its tap, gone in the end."""
    tap = far.tap(host)
    try:
        yield tap
    finally:
        tap.close()


def is_gone(pid: int, within_s: float = 30.0) -> bool:
    """Whether a process ends in time."""
    until_s = time.monotonic() + within_s
    while Path(f"/proc/{pid}").exists() and time.monotonic() < until_s:
        time.sleep(0.02)
    return not Path(f"/proc/{pid}").exists()


def told_within(tap: SshTap, seconds: float) -> str:
    """The trouble it tells in time; empty where it tells none."""
    until_s = time.monotonic() + seconds
    while (told := tap.trouble()) is None and time.monotonic() < until_s:
        time.sleep(0.02)
    return told or ""


@pytest.mark.parametrize("ahead_s", [0.0, 3721.25, -86_400.5])
def test_packets_are_told_in_this_machines_time(
    tmp_path: Path, address: str, ahead_s: float
) -> None:
    path = tmp_path / "c.pcapng"
    with opened(far_end(tmp_path, address, ahead_s)) as tap:
        tap.start(path)
        assert tap.trouble() is None
        sent_s = [tap.send_canary(b"number %d" % n) for n in range(3)]
        report = tap.stop()
    assert report.clock is not None
    known_to_s = report.clock.uncertainty_ms / 1e3
    assert abs(report.clock.ahead_s - ahead_s) <= known_to_s < 0.1
    canaries = read_wire(path, "10.77.0.2").traffic.canaries
    for n, at_s in enumerate(sent_s):
        assert canaries[b"number %d" % n] == pytest.approx(at_s, abs=known_to_s + 0.05)
    assert (report.packets, report.dropped, len(report.own_nonces)) == (4, 0, 1)
    assert path.stat().st_mode & 0o777 == 0o600 and dropped_packets(path) == 0


def test_what_the_other_machine_dropped_is_told(tmp_path: Path, address: str) -> None:
    with opened(far_end(tmp_path, address, dropped=3)) as tap:
        tap.start(tmp_path / "c.pcapng")
        assert tap.stop().dropped == 3


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("stranger", "its host key is not the one that is known"),
        ("asks", "asks for a password"),
        ("off", "it cannot be reached"),
        ("nobody", "there is no machine of that name"),
        ("bare", "dumpcap is not there: install it"),
        ("talkative", "says something of its own before the capture begins"),
    ],
)
def test_a_machine_that_does_not_capture_is_told_before_the_scene(
    tmp_path: Path, address: str, host: str, told: str
) -> None:
    with opened(far_end(tmp_path, address), host) as tap:
        with pytest.raises(RigError, match=told):
            tap.start(tmp_path / "c.pcapng")
        with pytest.raises(RigError, match="start it first"):
            tap.stop()


def test_a_date_without_nanoseconds_is_told(tmp_path: Path, address: str) -> None:
    far = far_end(tmp_path, address)
    (tmp_path / "date").write_text("#!/bin/sh\necho 1700000000N\n")
    with opened(far) as tap, pytest.raises(RigError, match="`date` tells no nanoseconds"):
        tap.start(tmp_path / "c.pcapng")


def test_a_far_dumpcap_that_dies_is_told(tmp_path: Path, address: str) -> None:
    far = far_end(tmp_path, address)
    with opened(far) as tap:
        tap.start(tmp_path / "c.pcapng")
        os.kill(far.dumpcap_pid(), signal.SIGKILL)
        assert "the capture over ssh has ended" in told_within(tap, 5)
        with pytest.raises(RigError, match="over ssh has ended"):
            tap.stop()


def test_a_lost_connection_is_told_and_ends_the_far_end(tmp_path: Path, address: str) -> None:
    far = far_end(tmp_path, address, ahead_s=100.0)
    path = tmp_path / "c.pcapng"
    with opened(far) as tap:
        tap.start(path)
        sent_s = tap.send_canary(b"before")
        time.sleep(0.5)
        assert tap._capture is not None
        tap._capture.process.kill()
        assert "the capture over ssh has ended (signal SIGKILL)" in told_within(tap, 5)
        with pytest.raises(RigError, match="over ssh has ended"):
            tap.stop()
    assert is_gone(far.dumpcap_pid())
    # What there is of it is in the right time all the same.
    canaries = read_wire(path, "10.77.0.2").traffic.canaries
    assert canaries[b"before"] == pytest.approx(sent_s, abs=0.1)


def test_a_machine_that_stands_still_is_told(tmp_path: Path, address: str) -> None:
    """It lives, its connection is open, and nothing comes: as over a network that is cut."""
    far = far_end(tmp_path, address)
    with opened(far) as tap:
        tap.start(tmp_path / "c.pcapng")
        os.kill(far.shell_pid(), signal.SIGSTOP)
        assert told_within(tap, 8).startswith("tap: stalled: good has said nothing")
        os.kill(far.shell_pid(), signal.SIGCONT)
    assert is_gone(far.dumpcap_pid())


def test_a_clock_that_is_set_breaks_the_control(tmp_path: Path, address: str) -> None:
    far = far_end(tmp_path, address)
    with opened(far) as tap:
        tap.start(tmp_path / "c.pcapng")
        far.set_ahead(0.25)
        report = tap.stop()
    assert report.clock is not None and report.clock.misfit_ms > 100
    (control,) = tap_clock(report, 10.0)
    assert not control.held and "a clock was set" in control.detail


def test_a_killed_harness_takes_the_far_end_along(tmp_path: Path, address: str) -> None:
    far_end(tmp_path, address)
    program = (
        "import sys, pathlib, os, signal\n"
        "from tests.bench.far_end import FarEnd\n"
        "tap = FarEnd(pathlib.Path(sys.argv[1]), sys.argv[2]).tap()\n"
        "tap.start(pathlib.Path(sys.argv[1]) / 'c.pcapng')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    words = [sys.executable, "-c", program, str(tmp_path), address]
    done = subprocess.run(words, cwd=ROOT, check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert is_gone(FarEnd(tmp_path, address).dumpcap_pid())


def test_what_cannot_be_had_over_ssh_is_refused() -> None:
    with pytest.raises(RigFileError, match="wire: tap: address"):
        far_point("eth1", TapText(mac="02:53:41:59:00:02"))
    ring = TapText(mac="02:53:41:59:00:02", address="10.0.0.2", ring=RingText(file_mb=1))
    with pytest.raises(RigFileError, match="take `wire: tap: ring` out"):
        far_point("eth1", ring)


def test_ssh_asks_nobody_and_trusts_no_new_key(tmp_path: Path) -> None:
    told = SshText(host="ap.lan", user="tap", port=2222, identity="keys/tap", known_hosts="known")
    words = told.command(tmp_path, ["true"], "sh")
    assert {"BatchMode=yes", "StrictHostKeyChecking=yes", "IdentitiesOnly=yes"} <= set(words)
    assert words[-3:] == ["--", "ap.lan", "true"]
    assert str(tmp_path / "keys/tap") in words
    assert f'UserKnownHostsFile="{tmp_path / "known"}"' in words


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("@@@@\n@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\n@@@@", "another machine"),
        ("You don't have permission to capture on that device", "its user may not capture"),
        ("Timeout, server ap.lan not responding.", "the connection was lost"),
        ("Nobody knows", "ap.lan: Nobody knows"),
        ("", "nothing was said"),
    ],
)
def test_what_was_said_is_told_with_what_to_do(said: str, told: str) -> None:
    assert told in ssh_trouble("ap.lan", said)
