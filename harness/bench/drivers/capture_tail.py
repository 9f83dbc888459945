"""The end of a capture that is being written, one file or a ring: has something reached it yet?"""

from pathlib import Path

from harness.bench.ports.capture_files import capture_files

_PIECE = 2**20


class CaptureTail:
    """Reads what is written from now on, from file to file."""

    def __init__(self, path: Path) -> None:
        """Begin at the end that the capture begun as `path` has now."""
        self._path = path
        files = capture_files(path).paths
        self._file = files[-1] if files else path
        self._at = self._file.stat().st_size if files else 0
        self._before = b""

    def holds(self, mark: bytes) -> bool:
        """Whether `mark` was written since, in one piece; to be asked again until it was."""
        while fresh := self._read():
            if mark in self._before + fresh:
                return True
            self._before = fresh[-len(mark) :]
        return False

    def _read(self) -> bytes:
        """What comes next; nothing where all that is there was read."""
        # Asked before reading: what was written before the next file was begun is then read.
        later = self._later()
        if self._file.exists():  # a ring may have overwritten it
            with self._file.open("rb") as file:
                file.seek(self._at)
                fresh = file.read(_PIECE)
            if fresh:
                self._at += len(fresh)
                return fresh
        if later is None:
            return b""
        self._file, self._at, self._before = later, 0, b""
        return self._read()

    def _later(self) -> Path | None:
        later = [path for path in capture_files(self._path).paths if path.name > self._file.name]
        return later[0] if later else None
