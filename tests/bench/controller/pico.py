"""A Pico on a pty: the firmware as it stands, in a process of its own, with another `board`."""

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time
import tty
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
FIRMWARE = ROOT / "rigs" / "controller"
_PLACES = os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", "")))
INTERPRETERS = [
    sys.executable,
    *filter(None, [shutil.which("micropython", path=_PLACES)]),
]
"""CPython always; MicroPython's unix port where it is installed, as the set-up does on x86-64."""


class Pico:
    """`port` is a link that stays, as those in /dev/serial/by-id/ do.

    `to_host`: changes what goes to the host, to lose and bend bytes.
    """

    def __init__(self, folder: Path, interpreter: str = sys.executable, **environment: str) -> None:
        self.folder, self.port = folder, str(folder / "port")
        self.to_host: Callable[[bytes], bytes] = lambda said: said
        self.to_pico: Callable[[bytes], bytes] = lambda said: said
        self._interpreter, self._environment = interpreter, environment
        for file in FIRMWARE.glob("*.py"):
            shutil.copy(file, folder)
        shutil.copy(Path(__file__).parent / "board.py", folder)
        self.plug_in()

    def plug_in(self, **environment: str) -> None:
        self._ours, theirs = os.openpty()
        tty.setraw(theirs)
        self._theirs = theirs
        Path(self.port).unlink(missing_ok=True)
        Path(self.port).symlink_to(os.ttyname(theirs))
        self._start(environment)
        self._pull, self._pulled = os.pipe()
        self._pump = threading.Thread(target=self._serve, daemon=True)
        self._pump.start()

    def unplug(self) -> None:
        if not self._pump.is_alive():
            return
        os.write(self._pulled, b"!")
        self._pump.join()
        self._stop()

    def restart(self, **environment: str) -> None:
        """Its watchdog bites: the program starts anew, the port stays."""
        self._stop()
        self._start(environment)

    def freeze(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def world(self, **values: object) -> None:
        """Change the device; a file is put in place whole."""
        new = self.folder / "world.new"
        new.write_text(" ".join(f"{name}={value}" for name, value in values.items()))
        new.rename(self.folder / "world")

    def deeds(self) -> list[str]:
        path = self.folder / "deeds"
        return path.read_text().splitlines() if path.exists() else []

    def _start(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [self._interpreter, "main.py"],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], **self._environment, **environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def _stop(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()

    def _serve(self) -> None:
        while True:
            said = self._process.stdout
            assert said is not None
            ready = [self._ours, self._pull] + ([] if said.closed else [said.fileno()])
            ready = select.select(ready, (), (), 0.05)[0]
            if self._pull in ready:
                break
            with contextlib.suppress(OSError, ValueError):  # it was just killed
                self._carry(ready)
        for descriptor in (self._theirs, self._ours, self._pull, self._pulled):
            os.close(descriptor)

    def _carry(self, ready: list[int]) -> None:
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        if self._ours in ready:
            os.write(process.stdin.fileno(), self.to_pico(os.read(self._ours, 4096)))
        if process.stdout.fileno() in ready:
            came = os.read(process.stdout.fileno(), 4096)
            if came:
                os.write(self._ours, self.to_host(came))
            else:
                time.sleep(0.01)  # dead, until it is started anew


def until(true: Callable[[], object], within_s: float = 30.0) -> bool:
    """Whether it came true in time."""
    deadline_s = time.monotonic() + within_s
    while time.monotonic() < deadline_s:
        if true():
            return True
        time.sleep(0.01)
    return False
