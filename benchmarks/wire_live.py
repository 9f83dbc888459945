"""Measures the tap live: real packets between two namespaces, nothing lost, every loss counted.

python -m benchmarks.wire_live [--seconds 600] [--quick] [--packets 50000] [--mbit 100] [--calm]

A program in the device's namespace sends numbered datagrams at an even rate; the tap captures them
into a ring that is read as it grows, while a busy loop for each processor keeps the machine at
work. What was sent must be what was read plus what the tap says it dropped. Then the same with a
starved tap. `--quick`: 10 s. `--calm`: without the busy loops.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.table import Row, finish
from harness.bench.drivers.dumpcap_tap import DumpcapTap
from harness.bench.drivers.guests import child_of, find_program
from harness.bench.drivers.link_socket import open_socket
from harness.bench.drivers.namespaces import Network, open_network
from harness.bench.drivers.tap_options import RingText, TapText
from harness.bench.drivers.tap_point import VirtualTapPoint
from harness.bench.ports.capture_files import capture_files
from harness.bench.ports.tap import TapReport
from harness.clock import RealClock
from harness.wire.flows import Batch, FlowReader, follow, read_files

_SECONDS, _QUICK_S, _PACKETS, _MBIT = 600, 10, 50_000, 100.0
_PORT, _HEADERS = 9, 42
_RING = TapText(buffer_mib=64, ring=RingText(file_mb=100, files=8))
_STARVED = TapText(buffer_mib=1)
_STARVED_PACKETS, _STARVED_BYTES = 20_000, 1400
_CAUGHT_UP_S = 0.5

# Sends `packets` a second, each of `size` payload bytes, in every millisecond a thousandth of them.
# A device does not wait for this machine: it goes before the busy loops where that is allowed.
_SENDER = """
import json, os, socket, sys, time
if os.sched_getscheduler(0) == os.SCHED_OTHER:
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))
    except PermissionError:
        pass
address, port, size, packets, seconds = sys.argv[1], *map(int, sys.argv[2:])
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.connect((address, port))
payload, sent, latest = bytes(size), 0, 0.0
begun = time.monotonic()
while (now := time.monotonic() - begun) < seconds:
    due = int(now * packets) if packets else sent + 100
    latest = max(latest, (due - sent) / packets if packets else 0.0)
    for _ in range(due - sent):
        link.send(payload)
    sent = due
    time.sleep(0.001)
print(json.dumps({"sent": sent, "seconds": time.monotonic() - begun, "latest_s": latest}))
"""
_BUSY = "while True: pass"


@dataclass(frozen=True)
class Measured:
    """Datagrams sent, read from the capture and dropped by its count; files that nobody read.

    `cable`: lost on the cable before any tap could see them, by the kernel's count.
    """

    sent: int
    seconds: float
    latest_s: float
    read: int
    lost_files: int
    cable: int
    report: TapReport


def main(arguments: Sequence[str] | None = None) -> int:
    """Send, capture, count; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=_SECONDS)
    parser.add_argument("--quick", action="store_true", help=f"{_QUICK_S} s")
    parser.add_argument("--packets", type=int, default=_PACKETS, help="a second")
    parser.add_argument("--mbit", type=float, default=_MBIT, help="megabits a second")
    parser.add_argument("--calm", action="store_true", help="without the busy loops")
    chosen = parser.parse_args(arguments)
    seconds = _QUICK_S if chosen.quick else chosen.seconds
    size = max(16, round(chosen.mbit * 1e6 / 8 / chosen.packets) - _HEADERS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with open_network(folder / "network") as network, _deaf(network):
            with _busy(0 if chosen.calm else os.cpu_count() or 1):
                live = _live(network, folder / "live", size, chosen.packets, seconds)
            starved = _starved(network, folder / "starved.pcapng")
    rows = [*_rows(live, chosen, size), *_starved_rows(starved)]
    busy = "calm" if chosen.calm else "every processor kept busy"
    facts = {"sent": f"{live.sent} datagrams in {live.seconds:.1f} s, {busy}"}
    return finish("wire_live", rows, facts)


def _rows(live: Measured, chosen: argparse.Namespace, size: int) -> list[Row]:
    rate, dropped = live.sent / live.seconds, live.report.dropped
    mbit = rate * (size + _HEADERS) * 8 / 1e6
    missing = live.sent - live.read - dropped - live.cable
    enough, wide_enough = rate >= 0.99 * chosen.packets, mbit >= 0.99 * chosen.mbit
    return [
        Row("packets a second", rate, "", f"at least {chosen.packets}", enough),
        Row("on the link", mbit, "Mbit/s", f"at least {chosen.mbit:g}", wide_enough),
        Row("dropped, by the tap's count", dropped, "packets", "0", dropped == 0),
        Row("neither read nor counted", missing, "packets", "0", missing == 0),
        Row("files overwritten unread", live.lost_files, "files", "0", live.lost_files == 0),
        Row("files written", len(live.report.files) + live.report.overwritten, "files", "", None),
        Row("lost before the tap, by the kernel", live.cable, "packets", "", None),
        Row("the sender was late by at most", live.latest_s * 1e3, "ms", "", None),
    ]  # fmt: skip


def _starved_rows(starved: Measured) -> list[Row]:
    lost = starved.sent - starved.read - starved.cable
    return [
        Row("starved: dropped, by the tap's count", starved.report.dropped, "packets", "at least 1",
            starved.report.dropped > 0),
        Row("starved: sent, and not read", lost, "packets", "what it counts",
            lost == starved.report.dropped),
    ]  # fmt: skip


def _live(network: Network, folder: Path, size: int, packets: int, seconds: int) -> Measured:
    tap = DumpcapTap(VirtualTapPoint(network), RealClock(), _RING)
    path = folder / "net.pcapng"
    before = _cable_losses(network)
    try:
        tap.start(path)
        reading = _Following(path)
        told = _send(network, size, packets, seconds)
        report = tap.stop()
        read, lost_files = reading.end()
    finally:
        tap.close()
    cable = _cable_losses(network) - before
    return Measured(
        round(told["sent"]), told["seconds"], told["latest_s"], read, lost_files, cable, report
    )


def _starved(network: Network, path: Path) -> Measured:
    """Stopped while packets come, the tap finds its small buffer full when it goes on."""
    tap = DumpcapTap(VirtualTapPoint(network), RealClock(), _STARVED)
    before = _cable_losses(network)
    try:
        tap.start(path)
        assert tap._dumpcap is not None
        starter = tap._dumpcap.process
        pid = child_of(starter.pid)
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        told = _send(network, _STARVED_BYTES, _STARVED_PACKETS, 1)
        os.kill(pid, signal.SIGCONT)
        starter.send_signal(signal.SIGCONT)  # it stops with the program that it has started
        time.sleep(_CAUGHT_UP_S)
        report = tap.stop()
    finally:
        tap.close()
    cable = _cable_losses(network) - before
    reader = FlowReader()
    read = sum(_datagrams(batch) for batch in read_files(report.files, reader))
    return Measured(round(told["sent"]), told["seconds"], told["latest_s"], read, 0, cable, report)


class _Following:
    """Reads the ring as it grows, in a thread of its own."""

    def __init__(self, path: Path) -> None:
        self._path, self._over = path, threading.Event()
        self._reader = FlowReader()
        self._read = 0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> tuple[int, int]:
        """Datagrams read, and files of the ring that were gone before."""
        self._over.set()
        self._thread.join()
        return self._read, self._reader.reading.lost_files

    def _run(self) -> None:
        batches = follow(
            lambda: list(capture_files(self._path).paths),
            self._reader,
            lambda: not self._over.is_set(),
            lambda: time.sleep(0.05),
        )
        self._read = sum(_datagrams(batch) for batch in batches)


def _datagrams(batch: Batch) -> int:
    return sum(flow.a.packets for flow in batch.flows() if flow.b.port == _PORT)


def _send(network: Network, size: int, packets: int, seconds: int) -> dict[str, float]:
    words = [network.cloud_address, *map(str, (_PORT, size, packets, seconds))]
    command = network.device_command([sys.executable, "-I", "-S", "-c", _SENDER, *words])
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


@contextmanager
def _deaf(network: Network) -> Iterator[None]:
    """Somebody who never reads, so that nobody answers that nobody listens."""
    with open_socket(network.cloud_command) as deaf:
        deaf.bind((network.cloud_address, _PORT))
        yield


@contextmanager
def _busy(processes: int) -> Iterator[None]:
    loops = [subprocess.Popen([sys.executable, "-c", _BUSY]) for _ in range(processes)]
    try:
        yield
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


def _cable_losses(network: Network) -> int:
    """Packets that the kernel dropped between the device's end of the cable and the tap's."""
    ip = find_program("ip", "iproute2")
    command = network.cloud_command([ip, "-s", "-j", "link", "show", network.cloud_interface])
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    received = json.loads(told)[0]["stats64"]["rx"]
    return int(received["dropped"]) + int(received.get("over_errors", 0))


if __name__ == "__main__":
    sys.exit(main())
