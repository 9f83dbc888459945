"""What sessions of `sayso run` found of the rig before and after, for the first page over runs."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.errors import RigError
from harness.report.nights.facts import Examination
from harness.series.health_record import FOLDER, trouble_told


def examinations_of(folder: Path, runs: Sequence[Path]) -> tuple[Examination, ...]:
    """Before and after the last session that played any of these runs, oldest run first.

    `folder`: the runs', or that of the only one. None where no session left a record, as of runs
    that other commands have made. Raises `RigError` for a record that cannot be read.
    """
    names = [run.name for run in runs]
    root = folder if len(runs) != 1 or runs[0] != folder else folder.parent
    told = [_read(path) for path in sorted((root / FOLDER).glob("*.json"))]
    ours = [content for content in told if set(content["plays"]) & set(names)]
    if not ours:
        return ()
    last = max(ours, key=lambda content: float(content["before"]["unix_s"]))
    played = [names.index(name) for name in last["plays"] if name in names]
    before, after = trouble_told(last)
    return Examination(min(played), before), Examination(max(played) + 1, after)


def _read(path: Path) -> dict[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        trouble_told(content)
        float(content["before"]["unix_s"]), list(content["plays"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RigError(
            f"{path}: cannot be read as a record of the rig's health ({error}); move it away"
        ) from error
    return content
