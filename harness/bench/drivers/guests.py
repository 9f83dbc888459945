"""Processes that run inside the bench's namespaces, as seen from outside.

What `Popen` starts is `nsenter`, which joins the namespaces and forks; the program proper is its
only child. A signal for the program must go to that child: `nsenter` hands none on. The namespace
is cleared by the kernel when its holder ends (`namespaces.py`), so nothing here outlives the bench.
"""

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from harness.clock import Clock
from harness.errors import RigError

_POLL_S = 0.01
_LONGEST_LINE = 200


def find_program(name: str, package: str) -> str:
    """The absolute path of a program; `RigError` names the Debian package that brings it."""
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if found is None:
        raise RigError(f"{name} is not installed. Install it: sudo apt-get install {package}")
    return found


def child_of(pid: int) -> int | None:
    """The first child of a process, None when it has none or is gone."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            if _parent((entry / "stat").read_bytes()) == pid:
                return int(entry.name)
    return None


def run_delay_s(root: int) -> float:
    """Seconds that all threads below process `root` have waited for a processor (schedstat)."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
                parents[int(entry.name)] = _parent((entry / "stat").read_bytes())
    total_ns = 0
    for pid in parents:
        above = pid
        while above > 1 and above != root:
            above = parents.get(above, 0)
        if above == root:
            total_ns += sum(_task_delays_ns(pid))
    return total_ns / 1e9


def _task_delays_ns(pid: int) -> list[int]:
    """The second figure of each thread's schedstat: nanoseconds in the run queue."""
    delays = []
    for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # ended meanwhile
            delays.append(int(task.read_text().split()[1]))
    return delays


def _parent(stat: bytes) -> int:
    """The parent's pid; the name before it may hold blanks and brackets of its own."""
    return int(stat.rpartition(b")")[2].split()[1])


def last_lines(path: Path, count: int = 8) -> str:
    """The last lines of a log, for an error message; says so when there are none.

    A guest may print anything: what is no text is shown as such, since it would else command the
    terminal of whoever reads the message.
    """
    if not path.exists():
        return "(no log)"
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 8192))
        lines = log.read().decode(errors="replace").splitlines()
    shown = [_printable(line) for line in lines[-count:]]
    return "\n".join(shown) if shown else "(it wrote nothing)"


def _printable(line: str) -> str:
    text = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line.expandtabs())
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]}..."


def ending(code: int) -> str:
    """How a process ended, in words."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:  # a real-time signal has no name of its own
        return f"signal {-code}"


class Guest:
    """A program inside the namespaces, started by one of the network's commands."""

    def __init__(
        self,
        command: Sequence[str],
        clock: Clock,
        *,
        environment: Mapping[str, str] | None = None,
        stdout: int | IO[bytes] | None = subprocess.DEVNULL,
        stderr: int | IO[bytes] | None = subprocess.DEVNULL,
    ) -> None:
        """Start it, in a session of its own: Ctrl-C is for the harness, not for its guests."""
        self._clock = clock
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )

    def ended(self) -> int | None:
        """Its exit code (negative: the signal), None while it runs."""
        return self.process.poll()

    def send(self, number: signal.Signals, depth: int = 1) -> None:
        """Send a signal to the program: the process `depth` forks below what was started.

        Does nothing when it has ended. Waits for the program to exist: its start may be under way.
        """
        pid = self._find(depth)
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):  # ended meanwhile
                os.kill(pid, number)

    def _find(self, depth: int) -> int | None:
        deadline_s = self._clock.monotonic_s() + 2.0
        while self.ended() is None:
            pid: int | None = self.process.pid
            for _ in range(depth):
                pid = None if pid is None else child_of(pid)
            if pid is not None or self._clock.monotonic_s() > deadline_s:
                return pid
            self._clock.wait_s(_POLL_S)
        return None

    def wait(self, limit_s: float) -> int | None:
        """Its exit code once it has ended; None when it still runs after `limit_s`."""
        try:
            return self.process.wait(timeout=limit_s)
        except subprocess.TimeoutExpired:
            return None

    def kill(self, depth: int = 1) -> None:
        """SIGKILL; returns once it is gone. `RigError` when the kernel does not let go of it."""
        self.send(signal.SIGKILL, depth)
        if self.wait(3.0) is None:
            self.process.kill()
            if self.wait(2.0) is None:
                raise RigError(
                    f"process {self.process.pid} ({self.process.args!r}) does not end on SIGKILL. "
                    "It hangs in the kernel: look at the machine (dmesg) before the next run."
                )
