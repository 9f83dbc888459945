"""What watching costs: two hours of a play, told in minutes, to a watcher with a page open.

python -m benchmarks.live [--pace 120] [--terminal]

The feed and the capture of a play are written `pace` times faster than they would come, to a real
watcher with a reader on its page; then, with all that it keeps, a minute more in real time. The
kernel says what it used.
"""

import argparse
import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.bench.drivers.simulated_capture import pcapng_bytes, tcp_frame
from harness.bench.live_feed import open_feed
from harness.model.live import (
    Levels,
    LineHandedOver,
    LiveLine,
    LivePrompt,
    PhaseBegan,
    PlayBegan,
    PromptsFound,
    SceneBegan,
)

HOURS = 2.0
_HZ, _LINES, _PACKETS_HZ = 4, 1300, 12
_CHANNELS = ("listener", "device", "sofa", "kitchen", "television", "device_loudspeaker")
_DEVICE, _CLOUD = "10.13.37.2", "203.0.113.7"
_TICKS = os.sysconf("SC_CLK_TCK")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--pace", type=float, default=120.0, help="times faster than real time")
    parser.add_argument("--last-s", type=float, default=60.0, help="told in real time at the end")
    parser.add_argument("--terminal", action="store_true", help="the terminal in place of the page")
    parser.add_argument("--quick", action="store_true", help="a shorter end")
    told = parser.parse_args()
    last_s = 20.0 if told.quick else told.last_s
    fed_s, part, most_mb = _measure(told.pace, last_s, told.terminal)
    figures = {
        "shown": "terminal" if told.terminal else "page",
        "hours": HOURS,
        "cpu_s_for_two_hours_at_once": round(fed_s, 1),
        "percent_of_a_core_in_the_last_minute": round(100 * part, 2),
        "most_resident_mb": round(most_mb, 1),
    }
    print(json.dumps(figures, indent=1))
    return 0 if part < 0.05 and most_mb < 100 else 1


def _measure(pace: float, last_s: float, terminal: bool) -> tuple[float, float, float]:
    """Processor time for all at that pace (s), its part of the last seconds, most memory (MB)."""
    with tempfile.TemporaryDirectory() as scratch, _watcher(Path(scratch), terminal) as pid:
        time.sleep(2.0)
        marks: list[tuple[float, float]] = []

        def mark() -> None:
            marks.append((time.monotonic(), _cpu_s(pid)))

        mark()
        _tell(Path(scratch), pace, last_s, mark)
        mark()
        (_, at_first), (before_s, before), (after_s, after) = marks
        return before - at_first, (after - before) / (after_s - before_s), _most_mb(pid)


def _tell(folder: Path, pace: float, last_s: float, mark: Callable[[], None]) -> None:
    """Two hours of a play, as it would be told, with the packets of a talkative device.

    `mark` is called before the last seconds, which are told in real time.
    """
    steps, last = round(HOURS * 3600 * _HZ), round(last_s * _HZ)
    runtime = folder / f"sayso-{os.getuid()}"
    capture, began_s = folder / "network.pcapng", time.time()
    lines = tuple(
        LiveLine(f"l{n}", "Dana", f"Line {n} of a long evening at home.", n % 3 == 0, ("wake",))
        for n in range(_LINES)
    )
    with open_feed("measured", runtime) as feed, capture.open("wb") as packets:
        packets.write(pcapng_bytes([], dropped=None))
        head = packets.tell()
        feed.tell(_began(began_s, capture, lines))
        feed.tell(SceneBegan(1.0))
        clock_s = time.monotonic()
        for step in range(steps + last):
            at_s = step / _HZ
            if step == steps:
                time.sleep(3.0)  # until all of it was read
                mark()
                clock_s, pace = time.monotonic() - at_s, 1.0
            feed.tell(Levels(at_s, dict.fromkeys(_CHANNELS, -60.0 + step % 30)))
            if step % (6 * _HZ) == 0:
                number = step // (6 * _HZ)
                feed.tell(PhaseBegan(at_s, f"Dana: line {number}"))
                feed.tell(LineHandedOver(f"l{number}", at_s, at_s + 3.0))
                feed.tell(PromptsFound(tuple(reversed([*_prompts(at_s)]))))
            rows = [(began_s + at_s + n / 100, _frame(step, n)) for n in range(_PACKETS_HZ // _HZ)]
            packets.write(pcapng_bytes(rows, dropped=None)[head:])
            if step % 20 == 0 or step >= steps:
                packets.flush()
                time.sleep(max(0.0, clock_s + at_s / pace - time.monotonic()))


def _began(began_s: float, capture: Path, lines: tuple[LiveLine, ...]) -> PlayBegan:
    return PlayBegan(
        unix_s=began_s,
        scene="measured/evening",
        title="Two hours",
        rig="measured",
        device="speaker",
        firmware="1",
        device_address=_DEVICE,
        canary_port=48_557,
        capture=str(capture),
        scene_s=HOURS * 3600,
        watch_s=12.0,
        lines=lines,
    )


def _prompts(at_s: float) -> Iterator[LivePrompt]:
    for back in range(min(20, int(at_s) // 60)):
        yield LivePrompt(at_s - 60 * back, at_s - 60 * back + 2, "answer", "It is half past nine.")


def _frame(step: int, number: int) -> bytes:
    return tcp_frame(_DEVICE, 40_000, _CLOUD, 443 + step % 5, 1000 * (step + number), bytes(600))


@contextmanager
def _watcher(folder: Path, terminal: bool) -> Iterator[int]:
    """A watcher of the rig `measured`, and somebody who looks; its process."""
    command = [sys.executable, "-m", "harness.live", "measured"]
    if terminal:
        # A terminal of its own, which somebody reads.
        command = ["script", "-qfec", " ".join([*command, "--terminal"]), "/dev/null"]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "TERM": "xterm-256color"}
    into = subprocess.DEVNULL if terminal else None
    process = subprocess.Popen(
        command, env=environment, stderr=subprocess.PIPE, stdout=into, text=True
    )
    try:
        if terminal:
            time.sleep(1.5)
            yield _child(process.pid)
        else:
            assert process.stderr is not None
            address = "http" + process.stderr.readline().partition("http")[2].strip()
            threading.Thread(target=_read, args=(address + "events",), daemon=True).start()
            yield process.pid
    finally:
        process.kill()
        process.wait()


def _child(pid: int) -> int:
    """The process that `script` runs, below its shell."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    below = Path(f"/proc/{found[0]}/task/{found[0]}/children").read_text().split()
    return int((below or found)[0])


def _read(address: str) -> None:
    """A page that is open."""
    try:
        with urllib.request.urlopen(address) as answer:
            while answer.read1(65536):
                pass
    except (OSError, http.client.HTTPException):
        pass  # the watcher was ended


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _most_mb(pid: int) -> float:
    (line,) = (
        row for row in Path(f"/proc/{pid}/status").read_text().splitlines() if "VmHWM" in row
    )
    return int(line.split()[1]) / 1000


if __name__ == "__main__":
    sys.exit(main())
