"""Is a folder still what was sealed?

The manifest shows every accident: a changed byte, a cut or lost file, a file put in afterwards. It
shows no forgery: whoever can write the folder can also write a manifest that fits. Only the
manifest's own SHA-256, kept elsewhere, shows that (`sealed_as`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.errors import RigError, UserError
from harness.evidence import layout
from harness.evidence.folder import sha256_of
from harness.model import record


class ProblemKind(StrEnum):
    """What can be wrong with a folder."""

    NOT_SEALED = "not sealed"
    MANIFEST = "manifest unreadable"
    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"
    NOT_LISTED = "judged but not sealed"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, with the file's name and a sentence that says how."""

    kind: ProblemKind
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class _Sealed:
    """What the manifest says of a file."""

    size_bytes: int
    sha256: str


def verify(folder: Path, sealed_as: str | None = None) -> list[Problem]:
    """Compare a folder with its manifest; an empty list means that it is whole and unchanged.

    `sealed_as`: SHA-256 of the manifest, kept elsewhere since the run; one that differs is a
    problem. Raises `RigError` when there is no such folder.
    """
    if not folder.is_dir():
        raise RigError(f"{folder}: no such evidence folder; `ls` its parent for those that exist")
    path = folder / layout.MANIFEST
    if not path.exists() and not path.is_symlink():
        detail = "there is no manifest: the run was cut short, or somebody removed it"
        return [Problem(ProblemKind.NOT_SEALED, layout.MANIFEST, detail)]
    try:
        sealed = _read_manifest(path)
        if sealed_as is not None and sha256_of(path) != sealed_as.lower():
            raise ValueError(f"its SHA-256 is {sha256_of(path)}, and not {sealed_as.lower()}")
    except (OSError, ValueError, UserError) as error:
        return [Problem(ProblemKind.MANIFEST, layout.MANIFEST, f"is not to be trusted: {error}")]
    return _compare(folder, sealed)


def _read_manifest(path: Path) -> dict[str, _Sealed]:
    """The manifest by file name; `ValueError`, `OSError` or `UserError` when it is not one."""
    if path.is_symlink() or not path.is_file():
        raise ValueError("it is no plain file")
    if path.stat().st_size > layout.MOST_BYTES[layout.MANIFEST]:
        raise ValueError(f"it has {path.stat().st_size} bytes, more than any manifest")
    content = record.load(path.read_text(encoding="utf-8"), "its text")
    if not isinstance(content, dict) or content.get("format") != layout.FORMAT_VERSION:
        version = content.get("format") if isinstance(content, dict) else None
        raise ValueError(f"format {version!r}; this version reads {layout.FORMAT_VERSION}")
    rows = content.get("files")
    if not isinstance(rows, list):
        raise ValueError("it lists no files")
    files = dict(map(_row, rows))
    if len(files) != len(rows):
        raise ValueError("a file is listed twice")
    return files


def _row(row: object) -> tuple[str, _Sealed]:
    """A line of the manifest; `ValueError` where it is not a plain file of this folder."""
    match row:
        case {"name": str(name), "bytes": int(size_bytes), "sha256": str(digest)}:
            pass
        case _:
            raise ValueError(f"{row!r} does not give name, bytes and sha256 of a file")
    if not re.fullmatch(layout.FILE_NAME, name) or name == layout.MANIFEST:
        raise ValueError(f"it lists {name!r}, which is no name of a file in the folder")
    if isinstance(size_bytes, bool) or size_bytes < 0:
        raise ValueError(f"{name} cannot have {size_bytes} bytes")
    if not re.fullmatch(layout.SHA256, digest):
        raise ValueError(f"the SHA-256 of {name} is not 64 digits of 0-9 and a-f")
    return name, _Sealed(size_bytes, digest)


def _compare(folder: Path, sealed: Mapping[str, _Sealed]) -> list[Problem]:
    """Every file of either side, by name."""
    found = {path.name for path in folder.iterdir()} - {layout.MANIFEST}
    problems = []
    for name in sorted(found | sealed.keys()):
        if name not in found:
            detail = f"was sealed with {sealed[name].size_bytes} bytes and is gone"
            problems.append(Problem(ProblemKind.MISSING, name, detail))
        elif name not in sealed:
            problems.append(_unlisted(name))
        elif problem := _changed(folder / name, sealed[name]):
            problems.append(problem)
    return problems


def _unlisted(name: str) -> Problem:
    """A file that the manifest does not know; grave where a ruling would rest on it."""
    if name in layout.JUDGED:
        detail = "is not in the manifest, so nothing says that it is what was recorded"
        return Problem(ProblemKind.NOT_LISTED, name, detail)
    return Problem(ProblemKind.EXTRA, name, "was not there when it was sealed")


def _changed(path: Path, sealed: _Sealed) -> Problem | None:
    """How a file differs from what was sealed; None when it does not."""
    if path.is_symlink() or not path.is_file():
        return Problem(ProblemKind.CHANGED, path.name, "is no plain file any more")
    try:
        size_bytes = path.stat().st_size
        if size_bytes != sealed.size_bytes:
            detail = f"has {size_bytes} bytes, was sealed with {sealed.size_bytes}"
        elif sha256_of(path) != sealed.sha256:
            detail = "has the same size but other content than when it was sealed"
        else:
            return None
    except OSError as error:
        detail = f"cannot be read: {error.strerror}"
    return Problem(ProblemKind.CHANGED, path.name, detail)
