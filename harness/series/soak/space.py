"""What a night's evidence takes on the disk, and what of it is given up for space."""

import shutil
from collections import deque
from pathlib import Path

from harness.model.series import PlayKind
from harness.series.soak.journal import Journal, PlayLine, ThinnedLine


class EvidenceSpace:
    """The evidence of a night's plays, held within a budget; each folder is measured once.

    `folder`: the night's. `most_bytes`: None where there is no budget, and then nothing is
    measured.
    """

    def __init__(self, folder: Path, journal: Journal, most_bytes: int | None) -> None:
        """Finish first what was being given up when the harness died."""
        self._folder, self._journal, self._most_bytes = folder, journal, most_bytes
        self._used_bytes = 0
        self._passes = deque[tuple[PlayLine, int]]()
        for play in journal.plays:
            if play.number in journal.thinned:
                self._remove(play)
            else:
                self.count(play)

    def count(self, play: PlayLine) -> None:
        """There is one play more."""
        if self._most_bytes is None or not play.evidence:
            return
        size = _size(self._folder / play.evidence)
        self._used_bytes += size
        if play.kind is PlayKind.PASS:
            self._passes.append((play, size))

    def within_budget(self) -> bool:
        """Give up the oldest passes until what is left fits; False where that is not enough."""
        if self._most_bytes is None:
            return True
        while self._used_bytes > self._most_bytes and self._passes:
            play, size = self._passes.popleft()
            self._journal.add(ThinnedLine(number=play.number))
            self._remove(play)
            self._used_bytes -= size
        return self._used_bytes <= self._most_bytes

    def _remove(self, play: PlayLine) -> None:
        shutil.rmtree((self._folder / play.evidence).parent, ignore_errors=True)


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
