"""The file that an open device logs its TLS session keys to (`SSLKEYLOGFILE`).

Whoever has it reads all that the device sent: it is private from the first moment, lies in the
bench's own folder, is emptied before each play, and goes with the bench. The evidence holds the
keys inside the capture, which is as private.
"""

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
        """What the device has logged, the first of it where it is endless; empty for none."""
        try:
            with self.path.open("rb") as log:
                return log.read(_MOST_BYTES)
        except FileNotFoundError:
            return b""
        except OSError as error:
            raise RigError(f"TLS keys: {self.path} cannot be read: {error}") from error
