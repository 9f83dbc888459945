"""dumpcap while it captures into files: started, asked how it is, and ended.

Where it runs is a matter of the class: here, or on another machine (`ssh_capture`).
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Protocol

from harness.bench.drivers.guests import Guest, ending, find_program
from harness.bench.drivers.tap_point import TapPoint
from harness.clock import Clock
from harness.errors import RigError

END_WITHIN_S = 5.0
"""So long a program may take to end that was asked to."""


class CaptureProgram(Protocol):
    """A dumpcap that was started, and has not been let go of yet.

    `process`: what of it runs on this machine.
    """

    process: "subprocess.Popen[bytes]"

    @property
    def arms_within_s(self) -> float:
        """So long it may take until it captures."""

    def armed(self) -> bool:
        """Whether it says that it captures."""

    def said(self) -> str:
        """All that it has said so far, in words where that is nothing."""

    def trouble(self) -> str | None:
        """Why it captures no more, or nothing of use; None while all is well."""

    def finish(self) -> None:
        """End it once it has written all that it holds. `RigError` where it does not end so."""

    def kill(self) -> None:
        """Make sure that it is gone; what it said is kept."""


class LocalDumpcap:
    """dumpcap on this machine, where a point of the link says."""

    arms_within_s = 5.0

    def __init__(self, point: TapPoint, arguments: Sequence[str], path: Path, clock: Clock) -> None:
        """Start it. `arguments`: what it is told but where. `RigError` where it is not here."""
        program = find_program("dumpcap", "wireshark-common")
        where = ["-i", point.interface, "-w", str(path.absolute())]
        command = point.command([program, "-q", *arguments, *where])
        self._depth = point.depth
        # Into a file: a pipe that nobody empties all night would stop the capture.
        self._said = TemporaryFile()  # noqa: SIM115 - open as long as dumpcap runs
        self._guest = Guest(command, clock, stderr=self._said)
        self.process = self._guest.process
        self._last_said = ""

    def armed(self) -> bool:
        """Whether it has named its file."""
        return "File: " in self.said()

    def said(self) -> str:
        """What it wrote to its standard error."""
        if self._said.closed:
            return self._last_said
        # Not by reading on: dumpcap writes where this end of the file stands.
        size = os.fstat(self._said.fileno()).st_size
        said = os.pread(self._said.fileno(), size, 0)
        return said.decode(errors="replace").strip() or "it said nothing"

    def trouble(self) -> str | None:
        """That it has ended."""
        code = self._guest.ended()
        if code is None:
            return None
        return f"tap: dumpcap ended by itself ({ending(code)}): {self.said()}"

    def finish(self) -> None:
        """SIGTERM: it writes what it holds, and how much was dropped."""
        self._guest.send(signal.SIGTERM, self._depth)
        if self._guest.wait(END_WITHIN_S) is None:
            raise RigError(f"tap: dumpcap did not end within {END_WITHIN_S:.0f} s of SIGTERM")

    def kill(self) -> None:
        """SIGKILL, where it still runs."""
        self._guest.kill(self._depth)
        self._last_said = self.said()
        self._said.close()
