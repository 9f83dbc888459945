"""Is a folder still what was sealed?"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.folder import sha256_of


class ProblemKind(StrEnum):
    """What can be wrong with a folder."""

    NOT_SEALED = "not sealed"
    MANIFEST = "manifest unreadable"
    MISSING = "missing"
    CHANGED = "changed"
    EXTRA = "extra"


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


def verify(folder: Path) -> list[Problem]:
    """Compare a folder with its manifest; an empty list means that it is whole and unchanged.

    Raises `RigError` when there is no such folder.
    """
    if not folder.is_dir():
        raise RigError(f"{folder}: no such evidence folder; `ls` its parent for those that exist")
    path = folder / layout.MANIFEST
    if not path.exists():
        detail = "there is no manifest: the run was cut short, or somebody removed it"
        return [Problem(ProblemKind.NOT_SEALED, layout.MANIFEST, detail)]
    try:
        sealed = _read_manifest(path)
    except (OSError, ValueError, KeyError, TypeError) as error:
        return [Problem(ProblemKind.MANIFEST, layout.MANIFEST, f"cannot be read: {error}")]
    return _compare(folder, sealed)


def _read_manifest(path: Path) -> dict[str, _Sealed]:
    """The manifest by file name; `ValueError` and the like when it is not one."""
    content = json.loads(path.read_bytes())
    if content["format"] != layout.FORMAT_VERSION:
        raise ValueError(f"format {content['format']}; this version reads {layout.FORMAT_VERSION}")
    files = {
        str(row["name"]): _Sealed(int(row["bytes"]), str(row["sha256"])) for row in content["files"]
    }
    if len(files) != len(content["files"]):
        raise ValueError("a file is listed twice")
    return files


def _compare(folder: Path, sealed: Mapping[str, _Sealed]) -> list[Problem]:
    """Every file of either side, by name."""
    found = {path.name for path in folder.iterdir()} - {layout.MANIFEST}
    problems = []
    for name in sorted(found | sealed.keys()):
        if name not in found:
            detail = f"was sealed with {sealed[name].size_bytes} bytes and is gone"
            problems.append(Problem(ProblemKind.MISSING, name, detail))
        elif name not in sealed:
            problems.append(Problem(ProblemKind.EXTRA, name, "was not there when it was sealed"))
        elif problem := _changed(folder / name, sealed[name]):
            problems.append(problem)
    return problems


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
