"""The Allure results of `sayso soak`: plays as they end, the doctor before, the summary after."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.errors import RigError
from harness.report.allure_night import write_beside, write_play
from harness.report.allure_results import write_categories, write_environment
from harness.report.check_words import check_line
from harness.scene.labels import SceneLabels, labels_of
from harness.scene.loader import scene_id
from harness.series.doctor import examine
from harness.series.progress import ProgressLine
from harness.series.soak import Journal, PlayLine
from harness.series.soak.journal import HeadLine, HealthLine

_TEXT, _MARKDOWN = "text/plain", "text/markdown"


class NightReport:
    """Results of one night in a folder; what an earlier start of it wrote there is replaced."""

    def __init__(self, results: Path, night: Path, head: HeadLine, scenes: Iterable[Path]) -> None:
        """`scenes`: the files that are played. Raises `SceneError` for one that cannot be read."""
        self._labels = {scene_id(path): labels_of(path) for path in scenes}
        self._results, self._night, self._head = results.absolute(), night, head
        self._beside: dict[str, tuple[str, str]] = {}

    def begin(
        self, journal: Journal, file: RigFile, clock: Clock, progress: ProgressLine
    ) -> HealthLine:
        """Examine the rig as the doctor does, and write what was played before this start.

        Returns what the examination found, for the journal. Raises `RigError` where the rig does
        not open.
        """
        checks = examine(file, clock, progress)
        name = "Doctor before the night" if not journal.plays else "Doctor when taken up again"
        self._beside[name] = _TEXT, "\n".join(check_line(check) for check in checks) + "\n"
        for count in range(1, len(journal.plays) + 1):
            self._write_play(journal.plays[:count])
        write_beside(self._results, self._night, self._beside)
        broken = "; ".join(f"{c.name}: {c.detail}" for c in checks if not c.held)
        return HealthLine(after=len(journal.plays), trouble=broken or None)

    def tell_environment(self, facts: Mapping[str, str]) -> None:
        """What the report says of machine, rig and versions, and how it sorts what failed."""
        write_environment(self._results, facts)
        write_categories(self._results)

    def tell_play(self, journal: Journal) -> None:
        """A play has ended. Raises `RigError` where it cannot be written; the night itself is."""
        try:
            self._write_play(journal.plays)
        except OSError as error:
            raise RigError(
                f"{self._results}: the results cannot be written ({error.strerror}); free some "
                "space and give the same command again"
            ) from error

    def _write_play(self, plays: Sequence[PlayLine]) -> None:
        labels = self._labels.get(plays[-1].scene, SceneLabels())
        write_play(self._results, self._night, self._head, plays, labels)

    def end(self, summary: str, journal: Journal) -> None:
        """What the night came to, and what each examination of the rig found."""
        found = [
            f"after play {line.after}: {line.trouble or 'all is well'}" for line in journal.health
        ]
        self._beside["Summary"] = _MARKDOWN, summary
        self._beside["Examinations"] = _TEXT, "\n".join(found or ["none was needed"]) + "\n"
        write_beside(self._results, self._night, self._beside)
