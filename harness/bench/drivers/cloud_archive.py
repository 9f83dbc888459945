"""Reads an export of the reference cloud: a zip with an index and WAV files.

Nothing is unpacked to disk, and nothing larger than an export of this cloud can be is read.
"""

import io
import json
import zipfile
from pathlib import Path
from typing import Any

from harness.bench.ports.account import ExportFile

_MOST_FILES = 10_000
_MOST_BYTES = 200 * 2**20
_INDEX = "index.json"


def read_archive(archive: bytes, folder: Path) -> tuple[tuple[ExportFile, ...], str]:
    """The recordings in it, and what is wrong with it as a whole; empty where nothing is.

    `folder` is not used: it is for readers that must unpack.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as opened:
            return _read(opened)
    except (zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError) as error:
        return (), f"the archive cannot be read ({type(error).__name__}: {error})"


def _read(opened: zipfile.ZipFile) -> tuple[tuple[ExportFile, ...], str]:
    entries = opened.infolist()
    if len(entries) > _MOST_FILES or sum(e.file_size for e in entries) > _MOST_BYTES:
        return (), "the archive holds more than an export of this cloud can"
    told = {each["id"]: each for each in json.loads(opened.read(_INDEX))["recordings"]}
    named = {each["file"] for each in told.values() if each["file"] is not None}
    files = [_file(opened, each) for each in told.values()]
    # What no index tells of is still somebody's recording.
    extra = [e.filename for e in entries if e.filename not in named and e.filename != _INDEX]
    files += [ExportFile(name, opened.read(name), None) for name in extra]
    return tuple(files), ""


def _file(opened: zipfile.ZipFile, told: dict[str, Any]) -> ExportFile:
    name = told["file"]
    return ExportFile(
        name=name or f"{told['id']} (words only)",
        audio=None if name is None else opened.read(name),
        transcript=told["transcript"],
        at_unix_s=float(told["recorded_unix_s"]),
        entry_id=str(told["id"]),
    )
