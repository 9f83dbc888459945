"""Evidence whose time is up is removed, and that it was is written down: `expired.jsonl`.

What is written is a line for each run: when, what sealed it, its verdict, and every file by size
and SHA-256. It shows what was removed, and lets anybody look for copies elsewhere.
"""

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from harness.errors import RigError, SaysoError
from harness.evidence import layout
from harness.evidence.disk import sync_folder
from harness.evidence.folder import sha256_of
from harness.evidence.read import read_ruling
from harness.evidence.redaction import RemovedFile
from harness.forms.strict import StrictModel
from harness.model.ruling import Verdict

NAME = "expired.jsonl"
_DAY_S = 86_400.0
_STAMP = "%Y-%m-%dT%H-%M-%S"
_STAMP_LENGTH = 19


@dataclass(frozen=True, slots=True)
class Policy:
    """How long evidence is kept, in days since its run began.

    `passes_days`: of runs that passed; `others_days`: of all others, None for ever.
    """

    passes_days: float
    others_days: float | None = None


class Expired(StrictModel):
    """A run that was removed. `done`: it is gone; else it was about to be when this was written."""

    run: str
    expired_unix_s: float
    manifest_sha256: str | None
    verdict: Verdict | None
    files: tuple[RemovedFile, ...]
    done: bool


def expire(root: Path, policy: Policy, now_s: float) -> list[Expired]:
    """Remove every run below `root` whose time is up; what was removed.

    Each is written down before it goes, and again when nothing of it is left. `RigError` where one
    cannot be removed. A run whose folder does not tell when it began is kept.
    """
    begun = {one.run for one in read_expired(root)}
    gone = []
    for run in sorted(_runs(root)):
        if run.name in begun or _is_up(run, policy, now_s):
            gone.append(_removed(root, run, now_s))
    return gone


def read_expired(root: Path) -> list[Expired]:
    """Every run that was removed from below `root`, or was about to be; one line each.

    `RigError` where somebody changed it.
    """
    path = root / NAME
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(b"\n")
    try:
        lines = [Expired.model_validate_json(line) for line in whole.splitlines()]
    except ValidationError as error:
        raise RigError(
            f"{path}: a line in it is none of a removal ({error.errors()[0]['msg']}); "
            "restore the file from a copy"
        ) from error
    return list({line.run: line for line in lines}.values())


def began_s(name: str) -> float | None:
    """When a run began (Unix s), by its folder's name; None where it is no run's."""
    if name[_STAMP_LENGTH : _STAMP_LENGTH + 1] != "-":
        return None
    try:
        return datetime.strptime(name[:_STAMP_LENGTH], _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None


def copies(expired: Sequence[Expired], folders: Sequence[Path]) -> list[Path]:
    """Files below these folders that are, byte for byte, what was removed."""
    wanted = {(file.bytes, file.sha256) for one in expired for file in one.files if file.bytes}
    sizes = {size for size, _ in wanted}
    return [
        path
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink() and path.stat().st_size in sizes
        if (path.stat().st_size, sha256_of(path)) in wanted
    ]


def _runs(root: Path) -> Iterator[Path]:
    for path in root.rglob("*"):
        if path.is_dir() and not path.is_symlink() and began_s(path.name) is not None:
            yield path


def _is_up(run: Path, policy: Policy, now_s: float) -> bool:
    since_s = began_s(run.name)
    days = policy.passes_days if _verdict(run) is Verdict.PASS else policy.others_days
    return since_s is not None and days is not None and now_s - since_s > days * _DAY_S


def _removed(root: Path, run: Path, now_s: float) -> Expired:
    sealed = run / layout.MANIFEST
    line = Expired(
        run=run.name,
        expired_unix_s=now_s,
        manifest_sha256=sha256_of(sealed) if sealed.is_file() else None,
        verdict=_verdict(run),
        files=tuple(_files(run)),
        done=False,
    )
    _write(root, line)
    try:
        shutil.rmtree(run)
        sync_folder(run.parent)
    except OSError as error:
        raise RigError(f"{run}: cannot be removed ({error.strerror}); remove it by hand") from error
    if run.exists():
        raise RigError(f"{run}: is still there after it was removed; is another program writing?")
    done = line.model_copy(update={"done": True})
    _write(root, done)
    return done


def _files(run: Path) -> Iterator[RemovedFile]:
    for path in sorted(run.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name = str(path.relative_to(run))
            yield RemovedFile(name=name, bytes=path.stat().st_size, sha256=sha256_of(path))


def _verdict(run: Path) -> Verdict | None:
    try:
        return read_ruling(run).verdict
    except (SaysoError, OSError):
        return None


def _write(root: Path, line: Expired) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    path = root / NAME
    torn = path.exists() and path.stat().st_size and not path.read_bytes().endswith(b"\n")
    if torn:
        whole, newline, _ = path.read_bytes().rpartition(b"\n")
        os.truncate(path, len(whole) + len(newline))
    text = json.dumps(line.model_dump(mode="json"), ensure_ascii=False) + "\n"
    with os.fdopen(os.open(path, flags, layout.FILE_MODE), "ab") as file:
        file.write(text.encode())
        file.flush()
        os.fsync(file.fileno())
