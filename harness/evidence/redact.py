"""Takes people's speech out of a run's folder, and leaves one that verifies and says so.

What stays is listed, and everything else goes: a file that nobody thought of is no leak. The
packets go with the sound, for they hold it. What was cut short is finished by doing it again.
"""

import json
import shutil
from pathlib import Path

from harness.errors import RigError, SaysoError
from harness.evidence import layout
from harness.evidence.disk import sync_folder, write_private
from harness.evidence.folder import sha256_of
from harness.evidence.read import read_ruling
from harness.evidence.redaction import (
    NAME,
    Redaction,
    RemovedFile,
    read_redaction,
    write_redaction,
)
from harness.evidence.verify import Problem, ProblemKind, verify
from harness.model.ruling import Verdict

_FACTS = frozenset(
    {layout.CONTROLS, layout.SOUNDS, layout.TRAFFIC, layout.WIRE, layout.CLOCK, layout.EVENTS, NAME}
)
# Transcripts, lines and names stand in these.
_WORDS = frozenset({layout.CASE, layout.TIMELINE, layout.RULING, layout.RULING_TEXT})


def redact(folder: Path, now_s: float, *, words: bool = False) -> Redaction:
    """Take the speech out of a run; what was taken out.

    `words`: take out transcripts and the script too; nothing can then be judged again. `now_s`:
    Unix time. Raises `RigError` where the folder is not what was sealed: then nobody knows what it
    holds, and nothing is touched.
    """
    before = read_redaction(folder)
    _check(folder, before)
    redaction = _planned(folder, now_s, words, before)
    # Said before it is done: what a power cut leaves half done is then known for what it is.
    write_redaction(folder, redaction)
    for path in sorted(folder.iterdir()):
        if path.name not in _kept(words) and path.name != layout.MANIFEST:
            _remove(path)
    sync_folder(folder)
    if redaction.manifest_sha256 is not None:
        _seal(folder)
    return redaction


def _kept(words: bool) -> frozenset[str]:
    return _FACTS if words else _FACTS | _WORDS


def _check(folder: Path, before: Redaction | None) -> None:
    """Refuse a folder that is not what was sealed, but for what a redaction cut short has done."""
    removed = {one.name for one in before.removed} if before else set()
    wrong = [one for one in verify(folder) if not _expected(one, removed)]
    if wrong:
        named = "; ".join(f"{one.name} {one.detail}" for one in wrong)
        raise RigError(
            f"{folder}: not redacted, since it is not what was sealed: {named}. Nothing was "
            "touched; restore it from a copy, or remove the whole folder."
        )


def _expected(problem: Problem, removed: set[str]) -> bool:
    if problem.kind in (ProblemKind.NOT_SEALED, ProblemKind.EXTRA):
        return True
    return problem.kind is ProblemKind.MISSING and problem.name in removed


def _planned(folder: Path, now_s: float, words: bool, before: Redaction | None) -> Redaction:
    going = [
        RemovedFile(name=path.name, bytes=path.stat().st_size, sha256=sha256_of(path))
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink()
        if path.name not in _kept(words) and path.name != layout.MANIFEST
    ]
    if before is not None:
        names = {one.name for one in going}
        earlier = [one for one in before.removed if one.name not in names]
        return before.model_copy(
            update={"removed": (*earlier, *going), "words": before.words or words}
        )
    sealed = folder / layout.MANIFEST
    return Redaction(
        redacted_unix_s=now_s,
        manifest_sha256=sha256_of(sealed) if sealed.exists() else None,
        verdict=_verdict(folder),
        words=words,
        removed=tuple(going),
    )


def _verdict(folder: Path) -> Verdict | None:
    """As it was recorded; None where there is none that can be read, which counts as no pass."""
    try:
        return read_ruling(folder).verdict
    except (SaysoError, OSError):
        return None


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _seal(folder: Path) -> None:
    """A manifest of what is left."""
    files = [
        {"name": path.name, "bytes": path.stat().st_size, "sha256": sha256_of(path)}
        for path in sorted(folder.iterdir())
        if path.name != layout.MANIFEST
    ]
    content = {"format": layout.FORMAT_VERSION, "run": folder.name, "files": files}
    text = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_private(folder / layout.MANIFEST, text.encode())
