"""The file that an open device, or a proxy before it, logs its TLS session keys to.

Whoever has it reads all that the device sent: it is private from the first moment, lies in the
bench's own folder, is emptied before each play, and goes with the bench. The evidence holds the
keys inside the capture, which is as private.
"""

import os
import stat
from pathlib import Path

from harness.errors import RigError

_MOST_BYTES = 16 << 20


class KeyLog:
    """One such file at `path`."""

    def __init__(self, path: Path) -> None:
        """Nothing is there yet."""
        self.path = path

    def clear(self) -> None:
        """An empty file, which the device finds and adds to; while the device is off."""
        try:
            self.path.unlink(missing_ok=True)
            self.path.touch(mode=0o600, exist_ok=False)
        except OSError as error:
            raise RigError(
                f"TLS keys: {self.path} cannot be made: {error}. Free or open the bench's folder."
            ) from error

    def read(self) -> bytes:
        """What has been logged, the first of it where it is endless; empty for none."""
        try:
            with self.path.open("rb") as log:
                return log.read(_MOST_BYTES)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise RigError(f"TLS keys: {self.path} cannot be read: {error}") from error


class SharedKeyLog(KeyLog):
    """One that a program logs to which is not the harness's, and runs on from play to play.

    It holds the file open and adds to its end, so the file is emptied where it is, never replaced.
    """

    def clear(self) -> None:
        """An empty file. Raises `RigError` where others than its owner may read it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            log = os.open(self.path, flags, 0o600)
            try:
                self._refuse_open(os.fstat(log))
                os.ftruncate(log, 0)
            finally:
                os.close(log)
        except OSError as error:
            raise RigError(
                f"TLS keys: {self.path} cannot be emptied: {error}. Does its folder exist, and may "
                "the harness write there?"
            ) from error

    def _refuse_open(self, facts: os.stat_result) -> None:
        if not stat.S_ISREG(facts.st_mode):
            raise RigError(f"TLS keys: {self.path} is no ordinary file; name one that is")
        if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise RigError(
                f"TLS keys: others may read {self.path}, and with it all that the device sends: "
                f"chmod 600 {self.path}"
            )
