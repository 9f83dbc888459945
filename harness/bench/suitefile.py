"""A suite file: which scenes are played against which rigs, and how often.

A list of `{scenes: [paths or globs], rig: path}`, paths counted from the suite file; `plays`,
`until_settled`, `question` and `min_conclusive` say how often, as the options of these names do.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field, RootModel

from harness.bench.rig_schema import Words
from harness.errors import RigFileError, UserError
from harness.forms.fields import Text
from harness.forms.problems import Mark, Problems, did_you_mean
from harness.forms.strict import StrictModel, validated
from harness.forms.yaml_positions import Document, Place, read_yaml
from harness.model.series import MOST_PLAYS, Question

_USUAL = Question()
_Plays = Annotated[int, Field(ge=1, le=MOST_PLAYS)]


class QuestionText(StrictModel):
    """What a series is to settle."""

    p0: float = _USUAL.p0
    p1: float = _USUAL.p1
    alpha: float = _USUAL.alpha
    beta: float = _USUAL.beta


class EntryText(StrictModel):
    """Scenes to play against one rig."""

    scenes: Words
    rig: Text
    plays: _Plays | None = None
    until_settled: bool = False
    question: QuestionText | None = None
    min_conclusive: _Plays | None = None


class SuiteText(RootModel[tuple[EntryText, ...]]):
    """All entries, in order."""

    root: tuple[EntryText, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class SuiteEntry:
    """Scene files to play, in order, against one rig file; all paths are absolute.

    `plays`: of each scene, None where it is not said. `question`: to be settled, None where the
    plays are simply counted. `min_conclusive`: so many are enough, None for every one.
    """

    rig: Path
    scenes: tuple[Path, ...]
    plays: int | None = None
    question: Question | None = None
    min_conclusive: int | None = None


def load_suite(path: Path) -> tuple[SuiteEntry, ...]:
    """Read and check a suite. Raises `RigFileError` with every problem found."""
    document, problems = read_yaml(path, RigFileError)
    suite = validated(SuiteText, document, problems)
    problems.raise_if_any()
    assert suite is not None
    folder = path.absolute().parent
    entries = tuple(
        SuiteEntry(
            rig=_rig(folder, entry.rig, document.mark((index, "rig")), problems),
            scenes=_scenes(folder, entry.scenes, (index, "scenes"), document, problems),
            plays=entry.plays,
            question=_question(entry, document.mark((index, "question")), problems),
            min_conclusive=entry.min_conclusive,
        )
        for index, entry in enumerate(suite.root)
    )
    problems.raise_if_any()
    return entries


def _question(entry: EntryText, mark: Mark, problems: Problems) -> Question | None:
    """What is to be settled: `question` alone asks for it, too."""
    if entry.question is None:
        return _USUAL if entry.until_settled else None
    asked = entry.question
    try:
        return Question(asked.p0, asked.p1, asked.alpha, asked.beta)
    except UserError as error:
        problems.add(mark, str(error))
        return None


def _rig(folder: Path, written: str, mark: Mark, problems: Problems) -> Path:
    found = files_matching(folder, written)
    if len(found) == 1:
        return found[0]
    beside = [each.name for each in folder.glob("*.yaml")]
    problems.add(mark, f"there is no rig file {written}{did_you_mean(written, beside)}")
    return folder


def _scenes(
    folder: Path, written: tuple[str, ...], place: Place, document: Document, problems: Problems
) -> tuple[Path, ...]:
    """The files that the patterns match, each once, in the order of the patterns and by name."""
    found: dict[Path, None] = {}
    for index, pattern in enumerate(written):
        matches = files_matching(folder, pattern)
        if not matches:
            problems.add(
                document.mark((*place, index)),
                f"no scene matches {pattern} (paths count from {folder})",
            )
        found.update(dict.fromkeys(matches))
    return tuple(found)


def files_matching(folder: Path, pattern: str) -> list[Path]:
    """Files that a path or glob names; none where it cannot name any."""
    whole = folder / pattern
    try:
        if whole.is_file():
            return [whole.resolve()]
        matches = Path(whole.anchor).glob(str(whole.relative_to(whole.anchor)))
        return sorted(each.resolve() for each in matches if each.is_file())
    except (OSError, ValueError, IndexError, NotImplementedError):
        return []
