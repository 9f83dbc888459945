"""Follows the feeds of some rigs: the play that goes on now, the next one, and the one after."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.bench.live_feed import SUFFIX, is_written
from harness.model.live import Fact, of_line

_PIECE = 1 << 18
# A line that is longer than this is no fact.
_LONGEST_LINE = 4 << 20


@dataclass(frozen=True, slots=True)
class Following:
    """What a look brought: the facts that are new, and whether a play is being told of at all."""

    facts: tuple[Fact, ...]
    is_on: bool


class FeedFollower:
    """Reads the newest feed in `folders` to its end, and goes on to the next one there is.

    It can be made before there is any feed, and stays when there is none any more.
    """

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders
        self._path: Path | None = None
        self._file: int | None = None
        self._rest = b""

    def look(self) -> Following:
        """Whatever was told since the last look, at most a piece of it."""
        if self._file is None:
            self._open_newest()
        facts = tuple(self._facts())
        if not facts and self._is_over():
            self.close()
            self._open_newest()
            facts = tuple(self._facts())
        return Following(facts, self._file is not None and not self._is_left())

    def close(self) -> None:
        """Let go of the file. Safe to call twice."""
        if self._file is not None:
            os.close(self._file)
        self._file, self._path, self._rest = None, None, b""

    def _facts(self) -> Iterator[Fact]:
        if self._file is None:
            return
        lines = (self._rest + os.read(self._file, _PIECE)).split(b"\n")
        self._rest = lines.pop()
        if len(self._rest) > _LONGEST_LINE:
            self._rest = b""
        for line in lines:
            fact = of_line(line)
            if fact is not None:
                yield fact

    def _is_over(self) -> bool:
        """Whether nothing more will come in the file that is open."""
        if self._file is None or self._path is None:
            return False
        try:
            return self._path.stat().st_ino != os.fstat(self._file).st_ino
        except FileNotFoundError:
            return True

    def _is_left(self) -> bool:
        """Whether its writer was killed: the file stays, and nobody writes it."""
        return self._path is not None and not is_written(self._path)

    def _open_newest(self) -> None:
        found = [path for folder in self._folders for path in folder.glob(f"*{SUFFIX}")]
        for path in sorted((path for path in found if is_written(path)), key=_begun, reverse=True):
            try:
                self._file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            except OSError:
                continue
            self._path = path
            return


def _begun(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
