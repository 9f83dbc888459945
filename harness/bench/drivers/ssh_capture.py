"""dumpcap on another machine, its packets written here as they come, by the system's own `ssh`.

One connection carries all: packets on the standard output, straight into the file; questions for
the time on the standard input; answers and what dumpcap says on the standard error. The far end
lives as long as that input is open: closed, it ends dumpcap, which writes what it holds and what
was dropped. So a harness that is killed takes the far end along.
"""

import contextlib
import re
import shlex
import subprocess
import threading
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from harness.bench.drivers.capture_blocks import BEGINS
from harness.bench.drivers.capture_program import END_WITHIN_S
from harness.bench.drivers.guests import ending
from harness.bench.drivers.ssh_options import CONNECT_S, SshText
from harness.bench.drivers.ssh_trouble import ssh_trouble
from harness.bench.drivers.tap_point import TapPoint
from harness.bench.far_clock import Bound
from harness.clock import Clock
from harness.errors import RigError

# What the other machine runs: any POSIX shell. Nothing but dumpcap writes to its standard output.
_FAR_END = """
LC_ALL=C; export LC_ALL
command -v "$1" >/dev/null || { echo "sayso: missing $1" >&2; exit 127; }
"$@" </dev/null &
pid=$!
while read -r asked && kill -0 $pid 2>/dev/null; do
  echo "sayso: clock $asked $(date +%s%N)" >&2
done
kill -TERM $pid 2>/dev/null
wait $pid
code=$?
echo "sayso: ended $code" >&2
exit $code
"""
_ANSWER = re.compile(rb"sayso: clock (\d+) (\d{18,20})\r?\n")
_TIME = "sayso: clock "
_BURST, _EACH_S, _SILENT_S = 16, 0.5, 5.0
_LINES = 200


class SshCapture:
    """A capture on another machine, and what was learnt of its clock meanwhile (`bounds`)."""

    arms_within_s = CONNECT_S + 10.0

    def __init__(
        self,
        told: SshText,
        rig_folder: Path,
        point: TapPoint,
        arguments: Sequence[str],
        path: Path,
        clock: Clock,
        client: str = "ssh",
    ) -> None:
        """Start it by the program `client`. `rig_folder`: what files in `told` are counted from.
        `arguments`: dumpcap's.
        """
        self._told, self._clock, self._path = told, clock, path
        self.bounds: list[Bound] = []
        self._lines: deque[str] = deque(maxlen=_LINES)
        self._ending, self._left = threading.Event(), _BURST
        self._sent_s, self._heard_s = 0.0, clock.monotonic_s()
        dumpcap = [told.program, "-q", *arguments, "-i", point.interface, "-w", "-"]
        far_end = shlex.join(["exec", "sh", "-c", _FAR_END, "sh", *dumpcap])
        with path.open("wb") as packets:
            self.process = subprocess.Popen(
                told.command(rig_folder, [far_end], client),
                stdin=subprocess.PIPE,
                stdout=packets,
                stderr=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C is for the harness
            )
        self._talk = threading.Thread(target=self._converse, name="tap-clock", daemon=True)
        self._talk.start()

    def armed(self) -> bool:
        """Whether dumpcap captures, its packets come, and its clock is known."""
        there = self._begins() == BEGINS and "File: " in self.said()
        return there and len(self.bounds) >= _BURST

    def said(self) -> str:
        """What `ssh` and the far end said, but for its time."""
        return "".join(self._lines).strip() or "it said nothing"

    def trouble(self) -> str | None:
        """That it is over, or that nothing comes any more."""
        code = self.process.poll()
        if code is not None:
            self._hang_up()
            self._talk.join(END_WITHIN_S)
            told = ssh_trouble(self._told.host, self.said())
            return f"tap: the capture over ssh has ended ({ending(code)}). {told}"
        if any(_TIME in line for line in list(self._lines)):  # that nobody can read
            return f"tap: {ssh_trouble(self._told.host, self.said())}"
        begins = self._begins()
        if not BEGINS.startswith(begins):
            return (
                f"tap: {self._told.host} says something of its own before the capture begins "
                f"({begins!r} ...): what its shell's start-up files print must not be printed "
                "where nobody is logged in"
            )
        silent_s = self._clock.monotonic_s() - self._heard_s
        if self.bounds and silent_s > _SILENT_S:
            return (
                f"tap: stalled: {self._told.host} has said nothing for {silent_s:.0f} s: is the "
                "network between both machines up, and is that machine not too busy?"
            )
        return None

    def finish(self) -> None:
        """Ask for its time once more, then close its input, and wait until all has come."""
        self._ending.set()
        try:
            code = self.process.wait(END_WITHIN_S)
        except subprocess.TimeoutExpired:
            raise RigError(
                f"tap: the capture on {self._told.host} did not end within {END_WITHIN_S:.0f} s: "
                "is the network between both machines up?"
            ) from None
        self._talk.join(END_WITHIN_S)
        if code:
            raise RigError(
                f"tap: the capture over ssh did not end well ({ending(code)}). "
                f"{ssh_trouble(self._told.host, self.said())}"
            )

    def kill(self) -> None:
        """End `ssh`; the far end goes when it notices."""
        self._ending.set()
        self.process.kill()
        self.process.wait()
        self._hang_up()
        self._talk.join(END_WITHIN_S)
        if self.process.stderr is not None and not self._talk.is_alive():  # else it reads there
            self.process.stderr.close()

    def _begins(self) -> bytes:
        """The first bytes that came; none where nothing did, or the file is gone."""
        try:
            with self._path.open("rb") as packets:
                return packets.read(len(BEGINS))
        except FileNotFoundError:  # told by whoever looks after the file
            return b""

    # The far end's clock, by a thread of its own ----------------------------------------------

    def _converse(self) -> None:
        assert self.process.stderr is not None
        self._ask()
        for line in self.process.stderr:
            got_s = self._clock.now_s()
            answer = _ANSWER.search(line)
            # Two programs write there: an answer may stand behind a line that is not ended yet.
            said = line if answer is None else line[: answer.start()]
            if said:
                self._lines.append(said.decode(errors="replace"))
            if answer is None:
                continue
            self._heard_s = self._clock.monotonic_s()
            self.bounds.append(Bound.of_exchange(int(answer[2]) * 1e-9, self._sent_s, got_s))
            self._go_on()

    def _go_on(self) -> None:
        """The next question: many at the beginning and at the end, some in between."""
        if len(self.bounds) >= _BURST:
            self._ending.wait(_EACH_S)
        if self._ending.is_set():
            self._left -= 1
        if self._left < 0:
            self._hang_up()
            return
        self._ask()

    def _hang_up(self) -> None:
        """Close the far end's input, by which it ends."""
        assert self.process.stdin is not None
        with contextlib.suppress(OSError):  # it has gone
            self.process.stdin.close()

    def _ask(self) -> None:
        assert self.process.stdin is not None
        self._sent_s = self._clock.now_s()
        with contextlib.suppress(OSError, ValueError):  # it has gone, which is told by its end
            self.process.stdin.write(b"%d\n" % len(self.bounds))
            self.process.stdin.flush()
