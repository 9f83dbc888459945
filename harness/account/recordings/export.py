"""What an export holds: each recording with what stands beside it, and what is not there."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from harness.account.recordings.archive import ArchiveLimits, Member, Refused, unpack
from harness.account.recordings.times import Recorded, when
from harness.account.recordings.transcripts import Row, is_audio_name, is_transcript, read_rows
from harness.errors import UserError

# What makers put beside recordings, and what holds none.
_BESIDE = (".txt", ".md", ".pdf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".css", ".js", ".ico")
_HEADS = (b"RIFF", b"OggS", b"fLaC", b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2", b"#!AMR")
_SYSTEM = ("__macosx", ".ds_store", "thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Item:
    """One recording of an export. `path`: where it lies, None where only words came.

    `said`: its transcript, empty where it has none. `trouble`: why it cannot be looked at, empty
    where it can.
    """

    number: int
    name: str
    path: Path | None
    said: str
    recorded: Recorded | None
    entry_id: str | None
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class ExportRead:
    """An export as it came. `refused`: what is not whole of it; `remarks`: what was odd."""

    items: tuple[Item, ...]
    refused: tuple[Refused, ...]
    remarks: tuple[Refused, ...]


def read_export(archive: Path, into: Path, limits: ArchiveLimits | None = None) -> ExportRead:
    """Read a zip archive or folder as its maker delivered it.

    `into`: an empty private folder, which must outlive what is returned. Raises `UserError` where
    there is no such archive.
    """
    found = unpack(archive, into, limits)
    refused, remarks = list(found.refused), list(found.remarks)
    rows: dict[str, list[Row]] = defaultdict(list)
    sounds: list[Member] = []
    for member in found.members:
        kind = _kind(member)
        if kind == "transcript":
            for row in _rows_of(member, refused):
                rows[_base(row.file or "")].append(row)
        elif kind == "sound":
            sounds.append(member)
        elif kind == "beside":
            remarks.append(Refused(member.name, "it is no recording and was not looked at"))
    items = tuple(_items(sounds, rows))
    return ExportRead(items, tuple(refused), tuple(remarks))


def _items(sounds: list[Member], rows: dict[str, list[Row]]) -> Iterator[Item]:
    number = 0
    for number, sound in enumerate(sounds, 1):
        beside = rows.get(_base(sound.name)) or []
        row = beside.pop(0) if beside else Row(None, "", None, None)
        recorded = row.recorded or when(PurePosixPath(sound.name).name)
        yield Item(number, sound.name, sound.path, row.said, recorded, row.entry_id)
    for row in (row for left in rows.values() for row in left):
        number += 1
        trouble = f"its recording {row.file} is not in the export" if row.file else ""
        name = row.file or f"words {number}"
        yield Item(number, name, None, row.said, row.recorded, row.entry_id, trouble)


def _rows_of(member: Member, refused: list[Refused]) -> list[Row]:
    try:
        return read_rows(member.name, member.path)
    except (UserError, OSError) as error:
        refused.append(Refused(member.name, str(error)))
        return []


def _kind(member: Member) -> str:
    """What a file is: a sound, a transcript, something beside them, or the system's own litter.

    Whatever is none of those that are known counts as a sound, so that it is not passed over.
    """
    parts = [part.lower() for part in PurePosixPath(member.name).parts]
    if any(part in _SYSTEM for part in parts):
        return "litter"
    if is_audio_name(member.name):
        return "sound"
    if is_transcript(member.name):
        return "transcript"
    with member.path.open("rb") as file:
        head = file.read(12)
    if head.startswith(_HEADS) or head[4:8] == b"ftyp":
        return "sound"
    return "beside" if member.name.lower().endswith(_BESIDE) else "sound"


def _base(name: str) -> str:
    """A file's name as it is compared: the last part, whatever its letters are made of."""
    return unicodedata.normalize("NFC", PurePosixPath(name).name).casefold()
