"""The tap for real: armed, complete to the last packet, and honest about its death."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from harness.bench.drivers.capture_end import dropped_packets
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import child_of
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.simulated_capture import pcapng_bytes
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.bench.drivers.tap_stall import STALL_S
from harness.clock import RealClock
from harness.errors import RigError
from harness.wire import read_wire
from harness.wire.flows import FlowReader, Reading, read_files


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """One network for all these tests."""
    with open_network(tmp_path_factory.mktemp("network")) as network:
        yield network


@pytest.fixture
def tap(network: Network) -> Iterator[DumpcapTap]:
    """A tap that is killed in the end, whatever happened."""
    tap = DumpcapTap(VirtualTapPoint(network), RealClock())
    yield tap
    tap.close()


def reading(path: Path) -> Reading:
    """What a capture holds."""
    reader = FlowReader()
    list(read_files([path], reader))
    return reader.reading


@pytest.mark.bench
def test_the_first_and_the_last_packet_are_there(tap: DumpcapTap, tmp_path: Path) -> None:
    """A dumpcap stopped at once loses what came in the last 250 ms and reports 0 dropped."""
    late_s = []
    for attempt in range(3):
        path = tmp_path / f"{attempt}.pcapng"
        tap.start(path)
        sent_s = tap.send_canary(b"only")
        report = tap.stop()
        assert report.dropped == 0 and report.packets == reading(path).packets > 0
        canaries = read_wire(path, "10.77.0.2").traffic.canaries
        late_s.append(canaries[b"only"] - sent_s)
    assert abs(median(late_s)) < 0.005, "one may be held up between its send and its stamp"


@pytest.mark.bench
def test_a_killed_tap_says_so_and_its_file_reads_to_the_cut(
    tap: DumpcapTap, tmp_path: Path
) -> None:
    path = tmp_path / "c.pcapng"
    tap.start(path)
    assert tap.trouble() is None
    assert tap._dumpcap is not None
    pid = child_of(tap._dumpcap.process.pid)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    tap._dumpcap.process.wait(5)
    assert "signal SIGKILL" in (tap.trouble() or "")
    with pytest.raises(RigError, match="ended by itself"):
        tap.stop()
    assert (reading(path).packets, reading(path).dropped) == (0, None)
    assert tap.trouble() is None, "it is stopped now"


@pytest.mark.bench
def test_a_tap_that_is_held_up_is_told_while_it_captures(tap: DumpcapTap, tmp_path: Path) -> None:
    """It lives, its file is there, and nothing is counted as lost."""
    tap.start(tmp_path / "c.pcapng")
    tap.send_canary(b"before")
    time.sleep(1.0)
    assert tap.trouble() is None
    assert tap._dumpcap is not None
    pid = child_of(tap._dumpcap.process.pid)
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    held_up_s = time.monotonic()
    tap.send_canary(b"unseen")
    while (told := tap.trouble()) is None and time.monotonic() < held_up_s + 10:
        time.sleep(0.1)
    assert told is not None and told.startswith("tap: stalled")
    assert STALL_S <= time.monotonic() - held_up_s < STALL_S + 1
    with pytest.raises(RigError, match="tap: stalled"):
        tap.stop()
    assert tap.trouble() is None
    tap.start(tmp_path / "d.pcapng")
    assert tap.stop().dropped == 0


@pytest.mark.bench
def test_a_file_that_cannot_be_written_is_told(tap: DumpcapTap, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(RigError, match="cannot write"):
        tap.start(tmp_path / "file" / "c.pcapng")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 64 kB."""
    if os.geteuid() != 0:
        pytest.skip("only root may mount a disk that is small enough to fill")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(tmp_path)], check=True)
    yield tmp_path
    subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.bench
def test_a_full_disk_ends_in_an_error(tap: DumpcapTap, small_disk: Path) -> None:
    tap.start(small_disk / "c.pcapng")
    with (small_disk / "filler").open("wb", buffering=0) as filler, pytest.raises(OSError):
        while True:
            filler.write(bytes(4096))
    with pytest.raises(RigError, match=r"(?i)space|disk full"):
        for _ in range(3):
            tap.send_canary(b"x" * 1300)
        tap.stop()


@pytest.mark.bench
def test_something_that_is_no_file_is_refused(tap: DumpcapTap, tmp_path: Path) -> None:
    with pytest.raises(RigError, match="no ordinary file"):
        tap.start(tmp_path)


@pytest.mark.bench
def test_a_capture_file_that_is_removed_is_told(tap: DumpcapTap, tmp_path: Path) -> None:
    tap.start(tmp_path / "c.pcapng")
    (tmp_path / "c.pcapng").unlink()
    assert "was removed" in (tap.trouble() or "")
    with pytest.raises(RigError, match="was removed"):
        tap.stop()


@pytest.mark.bench
def test_order_of_start_and_stop(tap: DumpcapTap, tmp_path: Path) -> None:
    with pytest.raises(RigError, match="start it first"):
        tap.stop()
    tap.start(tmp_path / "c.pcapng")
    with pytest.raises(RigError, match="already capturing"):
        tap.start(tmp_path / "d.pcapng")


@pytest.mark.parametrize("content", [b"", b"x" * 30, pcapng_bytes([], dropped=None)])
def test_a_file_without_statistics_says_nothing_of_drops(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "c").write_bytes(content)
    assert dropped_packets(tmp_path / "c") is None


def test_drops_are_read_from_the_end_of_the_file(tmp_path: Path) -> None:
    (tmp_path / "c").write_bytes(pcapng_bytes([(1.0, b"x" * 60)], dropped=7))
    assert dropped_packets(tmp_path / "c") == 7
