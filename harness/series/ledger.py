"""A series as JSON, beside the evidence of its plays: written after each, whole at any time.

Each play is named by its folder and by the SHA-256 of the manifest that seals it, so that a play
cannot be exchanged, and the series can be ruled again from the rulings in the folders.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from harness.errors import RigError
from harness.evidence.disk import disk_full_said, write_private
from harness.model import record
from harness.model.series import SeriesRuling

FORMAT_VERSION = 1
SUFFIX = ".series.json"


def write_series(first: Path, ruling: SeriesRuling) -> Path:
    """Write the series beside its first play's folder `first`, by the same name; its path.

    Raises `RigError` when it cannot be written.
    """
    path = first.with_name(first.name + SUFFIX)
    series = json.loads(record.series_to_json(ruling))
    content = {"format": FORMAT_VERSION, "outcome": ruling.outcome, "series": series}
    write_ledger("the series", {path: ledger_text(content)})
    return path


def ledger_text(content: Mapping[str, Any]) -> str:
    """A ledger's content as its file holds it."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def write_ledger(what: str, texts: Mapping[Path, str]) -> None:
    """Write files of one folder, private to their owner. Raises `RigError` where one cannot be:
    `what` stands in its message.
    """
    for path, text in texts.items():
        try:
            with disk_full_said(path.parent, path.name):
                write_private(path, text.encode())
        except OSError as error:
            why = error.strerror
            raise RigError(f"{path}: {what} cannot be written there ({why})") from error


def read_series(path: Path) -> SeriesRuling:
    """The series in a file. Raises `RigError` where it cannot be read, `UserError` where it is not
    as it must be.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != FORMAT_VERSION:
            raise RigError(f"{path}: format {content['format']!r} is not known here; update Sayso")
        inner = json.dumps(content["series"])
    except FileNotFoundError as error:
        raise RigError(
            f"{path} is no series: there is no such file; they are evidence/....series.json"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RigError(f"{path} is no series: {error}") from error
    return record.series_from_json(inner)
