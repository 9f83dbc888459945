"""What was taken out of a run's folder, and what can still be said of it: `redaction.json`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.disk import write_private
from harness.forms.strict import StrictModel
from harness.model.ruling import Verdict

NAME = "redaction.json"
_MOST_BYTES = 16 << 20


class RemovedFile(StrictModel):
    """A file that was taken out; its SHA-256 tells it wherever a copy of it is."""

    name: str
    bytes: int = Field(ge=0)
    sha256: str = Field(pattern=f"^{layout.SHA256}$")


class Redaction(StrictModel):
    """What was taken out of a run.

    `manifest_sha256`: of the manifest before, None where the run was never sealed. `verdict`: as
    it was recorded, None where there was no ruling. `words`: whether the words were taken out
    too, so that nothing can be judged again.
    """

    format: Literal[1] = 1
    redacted_unix_s: float
    manifest_sha256: str | None
    verdict: Verdict | None
    words: bool
    removed: tuple[RemovedFile, ...]


def read_redaction(folder: Path) -> Redaction | None:
    """That of a run; None where it is whole. `RigError` where it cannot be read."""
    path = folder / NAME
    if not path.exists() and not path.is_symlink():
        return None
    try:
        if path.is_symlink() or path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is no plain file of a redaction")
        return Redaction.model_validate_json(path.read_bytes())
    except (OSError, ValueError, ValidationError) as error:
        raise RigError(
            f"{path}: cannot be read ({error}). Restore the run from a copy, or remove all of it."
        ) from error


def write_redaction(folder: Path, redaction: Redaction) -> None:
    """Write it; on the disk on return."""
    write_private(folder / NAME, redaction.model_dump_json(indent=1).encode() + b"\n")
