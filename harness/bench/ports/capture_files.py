"""How a capture lies on disk: one file, or the numbered files of a ring as dumpcap names them."""

import re
from dataclasses import dataclass
from pathlib import Path

_NUMBERED = re.compile(r"_(\d{5})_\d{14}$")


@dataclass(frozen=True, slots=True)
class CaptureFiles:
    """The files of one capture, in the order written; `overwritten`: how many more there were."""

    paths: tuple[Path, ...]
    overwritten: int = 0


def ring_number(path: Path) -> int | None:
    """The number of a file within its ring, counted from 1; None where it is no file of a ring."""
    found = _NUMBERED.search(path.stem)
    return None if found is None else int(found[1])


def capture_files(path: Path) -> CaptureFiles:
    """The files of the capture that was begun as `path`: that one, or those of a ring.

    A ring begins with number 1: what is not there up to the highest number was overwritten.
    """
    if path.is_file() or not path.parent.is_dir():
        return CaptureFiles((path,) if path.is_file() else ())
    numbered = {
        number: other
        for other in path.parent.glob(f"{_literal(path.stem)}_*{_literal(path.suffix)}")
        if (number := ring_number(other)) is not None
        and len(other.stem) == len(path.stem) + len("_00001_20260101000000")
    }
    paths = tuple(numbered[number] for number in sorted(numbered))
    return CaptureFiles(paths, max(numbered, default=0) - len(numbered))


def _literal(text: str) -> str:
    return re.sub(r"([*?[])", r"[\1]", text)
