"""The journal of a night: a line for each thing that is over, on the disk before anything goes on.

A line that a power cut tore is taken off again; what it told of is then done once more. Anything
else that cannot be read means that somebody changed the journal, and it is refused.
"""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from harness.errors import RigError, UserError
from harness.evidence.layout import FILE_MODE
from harness.forms.strict import StrictModel
from harness.model.ruling import Verdict
from harness.model.series import PlayKind

NAME = "journal.jsonl"


class HeadLine(StrictModel):
    """What the night is of; the same whenever it is taken up again."""

    what: Literal["night"] = "night"
    rig: str
    device: str
    firmware: str
    plan_sha256: str
    seed: int


class PlayLine(StrictModel):
    """A play that is over and sealed. `evidence`: its folder, counted from the night's."""

    what: Literal["play"] = "play"
    number: int
    scene: str
    kind: PlayKind
    verdict: Verdict
    classes: tuple[str, ...]
    headline: str
    activations: int
    heard_s: float
    evidence: str
    manifest_sha256: str
    began_unix_s: float
    took_s: float


class HealthLine(StrictModel):
    """The rig was examined. `trouble`: what was wrong, None where nothing was."""

    what: Literal["health"] = "health"
    after: int
    trouble: str | None


class ThinnedLine(StrictModel):
    """The evidence of a passed play was given up for space; its seal stays in its own line."""

    what: Literal["thinned"] = "thinned"
    number: int


Line = Annotated[HeadLine | PlayLine | HealthLine | ThinnedLine, Field(discriminator="what")]
_LINE: TypeAdapter[HeadLine | PlayLine | HealthLine | ThinnedLine] = TypeAdapter(Line)


class Journal:
    """A night's journal, open to be written on. `torn`: a line was cut off when it was opened."""

    def __init__(self, folder: Path, head: HeadLine) -> None:
        """Open the one in `folder`, or begin one.

        Raises `UserError` where it is of another night, `RigError` where it cannot be read.
        """
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._path = folder / NAME
        self.torn = False
        self.plays: list[PlayLine] = []
        self.health: list[HealthLine] = []
        self.thinned: set[int] = set()
        lines = self._read() if self._path.exists() else []
        if lines:
            self._check(lines[0], head)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, FILE_MODE)
        for line in lines[1:]:
            self._take(line)
        if not lines:
            self.add(head)

    @property
    def next_number(self) -> int:
        """The number of the play that comes next; the first is 1."""
        return len(self.plays) + 1

    def add(self, line: HeadLine | PlayLine | HealthLine | ThinnedLine) -> None:
        """Write a line; on the disk on return. Raises `RigError` where it cannot be written."""
        text = line.model_dump_json() + "\n"
        try:
            written = os.write(self._file, text.encode())
            os.fsync(self._file)
        except OSError as error:
            raise RigError(f"{self._path}: cannot be written ({error.strerror})") from error
        if written != len(text.encode()):
            raise RigError(f"{self._path}: the disk is full; free some space and take the night up")
        self._take(line)

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)

    def _take(self, line: HeadLine | PlayLine | HealthLine | ThinnedLine) -> None:
        if isinstance(line, PlayLine):
            if line.number != self.next_number:
                raise RigError(
                    f"{self._path}: play {line.number} stands where {self.next_number} should; "
                    "somebody changed it"
                )
            self.plays.append(line)
        elif isinstance(line, HealthLine):
            self.health.append(line)
        elif isinstance(line, ThinnedLine):
            self.thinned.add(line.number)

    def _read(self) -> list[HeadLine | PlayLine | HealthLine | ThinnedLine]:
        data = self._path.read_bytes()
        whole, newline, rest = data.rpartition(b"\n")
        if rest:
            self.torn = True
            os.truncate(self._path, len(whole) + len(newline))
        return _lines(self._path, whole)

    def _check(self, first: object, head: HeadLine) -> None:
        if first == head:
            return
        if not isinstance(first, HeadLine):
            raise RigError(
                f"{self._path}: it does not say what night it is of; begin in another folder"
            )
        was, now = (json.loads(each.model_dump_json()) for each in (first, head))
        other = ", ".join(
            f"{key} {was[key]!r} and not {now[key]!r}" for key in now if was[key] != now[key]
        )
        raise UserError(
            f"{self._path.parent} holds another night ({other}): take that up as it was begun, or "
            "give another folder"
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What a journal says, read without being written on. `thinned`: plays without evidence."""

    head: HeadLine
    plays: tuple[PlayLine, ...]
    health: tuple[HealthLine, ...]
    thinned: frozenset[int]


def read_journal(folder: Path) -> Told:
    """What the journal of a night says so far; a line that is not whole yet is left out.

    Raises `RigError` where it cannot be read.
    """
    path = folder / NAME
    try:
        whole = path.read_bytes().rpartition(b"\n")[0]
    except OSError as error:
        raise RigError(f"{path}: cannot be read ({error.strerror})") from error
    lines = _lines(path, whole)
    head = lines[0] if lines else None
    plays = tuple(line for line in lines if isinstance(line, PlayLine))
    in_order = [play.number for play in plays] == list(range(1, len(plays) + 1))
    if not isinstance(head, HeadLine) or not in_order:
        raise RigError(f"{path}: somebody changed it: its head is gone, or a play is missing in it")
    return Told(
        head,
        plays,
        tuple(line for line in lines if isinstance(line, HealthLine)),
        frozenset(line.number for line in lines if isinstance(line, ThinnedLine)),
    )


def _lines(path: Path, whole: bytes) -> list[HeadLine | PlayLine | HealthLine | ThinnedLine]:
    try:
        return [_LINE.validate_json(text) for text in whole.splitlines()]
    except ValidationError as error:
        raise RigError(
            f"{path}: a line in it is none of a journal's ({error.errors()[0]['msg']}); "
            "begin the night in another folder"
        ) from error
