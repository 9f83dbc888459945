"""What is to be played, laid out once and kept: files, their levels, pieces, blocks.

A block is what one play holds, so that the controls are proven at both of its ends. The plan stands
on the disk before anything is played, and everything that was left out is in it.
"""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError

from harness.errors import RigError, UserError
from harness.evidence.disk import write_private
from harness.forms.strict import StrictModel
from harness.series.background.audio import SoundSource, open_source
from harness.series.background.pieces import Cut, is_silent, joined_level_db, pieces_of
from harness.series.background.transcripts import transcript_of, words_of

NAME = "plan.json"
_ENDS_BYTES = 1 << 20


class Asked(StrictModel):
    """What somebody asked for.

    `whose`: television and the like, or people who talk in the room. `at`: the loudspeakers, in
    turn. `level_db`: of each file's active speech, re the rig's speech level. `gap_s`: pause
    between two files.
    """

    folder: str
    block_s: Annotated[float, Field(ge=10, le=1800)] = 600.0
    gap_s: Annotated[float, Field(ge=0, le=60)] = 1.0
    level_db: Annotated[float, Field(ge=-20, le=10)] = 0.0
    at: tuple[str, ...]
    whose: Literal["media", "people"] = "media"
    contacts: tuple[str, ...]


class File(StrictModel):
    """A sound file below the folder, and what tells it from one that was put in its place.

    `level_dbfs`: its active level. `silent_s`: what of it is left out as silence. `words`: how many
    its transcripts hold, None where it has none.
    """

    name: str
    size_bytes: int
    ends_sha256: str
    length_s: float
    silent_s: float
    level_dbfs: float | None
    transcripts: tuple[str, ...]
    words: int | None


class Piece(StrictModel):
    """A piece to be played. `file`: its place among the files; `level_db`: re the file's own."""

    file: int
    from_s: float
    until_s: float
    level_db: float

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.until_s - self.from_s


class Plan(StrictModel):
    """Everything that is to be played, in order. `no_sound`: files that were passed over."""

    format: Literal[1] = 1
    asked: Asked
    files: tuple[File, ...]
    no_sound: tuple[str, ...]
    blocks: tuple[tuple[Piece, ...], ...]

    @property
    def audio_s(self) -> float:
        """How much is to be played, without gaps."""
        return sum(piece.length_s for block in self.blocks for piece in block)

    @property
    def silent_s(self) -> float:
        """How much is left out as silence."""
        return sum(file.silent_s for file in self.files)

    @property
    def digest(self) -> str:
        """What tells one plan from another."""
        return hashlib.sha256(self.model_dump_json().encode()).hexdigest()

    def path(self, file: int) -> Path:
        """Where a file lies."""
        return Path(self.asked.folder) / self.files[file].name


def plan_in(out: Path, asked: Asked, told: Callable[[str], None]) -> Plan:
    """The plan that stands in `out`, or a new one, measured file by file and written there.

    Raises `UserError` where the one that stands there was made for something else, or a file is
    not to be read; `RigError` for a plan that is not whole.
    """
    path = out / NAME
    if not path.exists():
        plan = _made(asked, told)
        write_private(path, (plan.model_dump_json(indent=1) + "\n").encode())
        return plan
    try:
        plan = Plan.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError, UnicodeDecodeError) as error:
        raise RigError(f"{path}: cannot be read ({error}); begin in another folder") from error
    was, now = plan.asked.model_dump(), asked.model_dump()
    if was != now:
        other = ", ".join(f"{k} {was[k]!r} and not {now[k]!r}" for k in now if was[k] != now[k])
        raise UserError(
            f"{out} holds other hours ({other}): take them up as they were begun, or give another "
            "folder"
        )
    for file in plan.files:
        check_unchanged(Path(asked.folder), file)
    return plan


def check_unchanged(folder: Path, file: File) -> None:
    """Raise `UserError` where a file is no longer the one that was measured."""
    path = folder / file.name
    if not path.is_file() or _identity(path) != (file.size_bytes, file.ends_sha256):
        raise UserError(
            f"{path} is not the file that these hours were planned with; put it back, or begin in "
            "another folder"
        )


def _made(asked: Asked, told: Callable[[str], None]) -> Plan:
    folder, files, no_sound = Path(asked.folder), list[File](), list[str]()
    pieces = list[Piece]()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        name = path.relative_to(folder).as_posix()
        source = None if path.name.startswith(".") else open_source(path)
        if source is None:
            no_sound.append(name)
            continue
        told(f"measuring {name}")
        file, found = _measured(path, name, source, len(files))
        files.append(file)
        pieces += found
    if not pieces:
        raise UserError(f"{folder}: there is no sound in it that could be played")
    blocks = tuple(_blocks(pieces, asked.block_s))
    return Plan(asked=asked, files=tuple(files), no_sound=tuple(no_sound), blocks=blocks)


def _measured(path: Path, name: str, source: SoundSource, index: int) -> tuple[File, list[Piece]]:
    cuts: list[Cut] = list(pieces_of(source))
    file_db = joined_level_db([cut.level for cut in cuts if cut.level is not None])
    pieces = [
        Piece(
            file=index,
            from_s=cut.from_s,
            until_s=cut.until_s,
            level_db=round(cut.level.level_db - file_db, 1),
        )
        for cut in cuts
        if cut.level is not None and file_db is not None and not is_silent(cut, file_db)
    ]
    length_s, transcripts = cuts[-1].until_s if cuts else 0.0, transcript_of(path)
    size_bytes, ends_sha256 = _identity(path)
    file = File(
        name=name,
        size_bytes=size_bytes,
        ends_sha256=ends_sha256,
        length_s=length_s,
        silent_s=length_s - sum(piece.length_s for piece in pieces),
        level_dbfs=None if file_db is None else round(file_db, 2),
        transcripts=tuple(each.name for each in transcripts),
        words=len(words_of(transcripts, path, length_s)) if transcripts else None,
    )
    return file, pieces


def _blocks(pieces: list[Piece], block_s: float) -> Iterator[tuple[Piece, ...]]:
    """Pieces in order, together as soon as they are `block_s` long."""
    block: list[Piece] = []
    for piece in pieces:
        block.append(piece)
        if sum(each.length_s for each in block) >= block_s:
            yield tuple(block)
            block = []
    if block:
        yield tuple(block)


def _identity(path: Path) -> tuple[int, str]:
    """Size, and a digest of both ends: hours of sound are not read again for this."""
    size = path.stat().st_size
    with path.open("rb") as file:
        ends = file.read(_ENDS_BYTES)
        file.seek(max(len(ends), size - _ENDS_BYTES))
        ends += file.read(_ENDS_BYTES)
    return size, hashlib.sha256(ends).hexdigest()
