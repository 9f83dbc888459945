"""Writing so that nothing is lost: whole files or none, and a full disk said plainly."""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from harness.errors import RigError
from harness.evidence.layout import FILE_MODE

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_NEARLY_FULL_BYTES = 64 * 1024


@contextmanager
def disk_full_said(folder: Path, name: str) -> Iterator[None]:
    """Turn "no space left" while `name` is written into a `RigError` that says what is kept.

    Sound libraries do not pass the system's error on, so a failure of theirs on a full disk
    counts as one.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise _disk_full(folder, name) from error
        raise
    except RuntimeError as error:
        if shutil.disk_usage(folder).free < _NEARLY_FULL_BYTES:
            raise _disk_full(folder, name) from error
        raise


def _disk_full(folder: Path, name: str) -> RigError:
    """The error for a disk that filled while `name` was written."""
    kept = [f"{path.name} ({path.stat().st_size} bytes)" for path in sorted(folder.iterdir())]
    return RigError(
        f"{folder}: the disk (or its quota) is full, {name} could not be written. "
        f"Kept so far, unsealed: {', '.join(kept) or 'nothing'}. "
        "Free some space (old evidence folders can be deleted) and play the scene again."
    )


def write_private(path: Path, content: bytes) -> None:
    """Write a new or replaced file, mode 0600, all of it or none, and on the disk on return."""
    part = path.with_name(f".{path.name}.part")
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
