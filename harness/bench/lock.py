"""One rig, one user: a lock that the operating system frees, whatever dies."""

import fcntl
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.clock import Clock
from harness.errors import RigBusy


def runtime_folder() -> Path:
    """The private folder of this user for locks and open benches; made on first use."""
    base = Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir())
    folder = base / f"sayso-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.stat().st_uid != os.getuid():
        raise RigBusy(f"{folder} belongs to another user; set XDG_RUNTIME_DIR to a folder of yours")
    return folder


@contextmanager
def hold(rig: str, clock: Clock, folder: Path | None = None) -> Iterator[Path]:
    """Hold the rig called `rig` while the context is open; yields the lock file.

    Raises `RigBusy` at once, with who holds it and since when, if somebody else does.
    """
    path = (folder or runtime_folder()) / f"{rig}.lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RigBusy(_who(rig, path)) from None
        os.ftruncate(descriptor, 0)
        holder = {"pid": os.getpid(), "since_unix_s": clock.now_s(), "command": _command()}
        os.write(descriptor, json.dumps(holder).encode())
        yield path
    finally:
        os.close(descriptor)


def _command() -> str:
    words = Path("/proc/self/cmdline").read_bytes().decode(errors="replace").split("\0")
    return " ".join(words).strip()


def _who(rig: str, path: Path) -> str:
    try:
        holder = json.loads(path.read_text())
        who = f"process {holder['pid']} ({holder['command']})"
    except (OSError, ValueError, KeyError):
        who = "another process that has not said its name yet"
    return f"the rig {rig!r} is in use by {who}; wait for it to end, or end it, then try again"
