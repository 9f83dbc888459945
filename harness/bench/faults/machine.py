"""What breaks on the harness's own machine: a disk that fills, a processor that others have."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_ROOM_BYTES = 150_000
_BUSY_PER_CORE = 6
_BUSY = "while True: pass"


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow beyond 150 kB: rulings still fit, no recording does.

    The kernel refuses it (EFBIG), as it does on a disk that is full (ENOSPC), and files are cut
    where it does. Programs that run already, as the recorder of the virtual bench, are not met.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (_ROOM_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def starved_processor() -> Iterator[None]:
    """Six programs a core that do nothing but compute, until it is left; they end with us."""
    command = ["setpriv", "--pdeathsig", "KILL", "--", sys.executable, "-c", _BUSY]
    count = _BUSY_PER_CORE * (os.cpu_count() or 1)
    busy: list[subprocess.Popen[bytes]] = []
    try:
        busy += [subprocess.Popen(command, stdin=subprocess.DEVNULL) for _ in range(count)]
        yield
    finally:
        for process in busy:
            process.kill()
        for process in busy:
            process.wait()
