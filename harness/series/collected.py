"""Every scene that pytest was given, and what came of it: one that was left out is no pass, and one
that failed has failed, whoever plays it again or marks it as expected.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_GOOD = ("pass", "fail (known)")
NOT_PLAYED = "not played"


@dataclass(slots=True)
class Collected:
    """The scene files of a session. `files`: all that were given; `begun`: those played."""

    files: dict[Path, None] = field(default_factory=dict)
    begun: set[Path] = field(default_factory=set)

    @property
    def left_out(self) -> list[dict[str, Any]]:
        """A row for `--sayso-results` of each scene that was not played."""
        names = (file.name.removesuffix(".scene.yaml") for file in self.files.keys() - self.begun)
        return [{"scene": name, "outcome": NOT_PLAYED} for name in sorted(names)]


def not_passed(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The scenes that did not pass in one of their plays at least, in words."""
    bad = [row for row in rows if row.get("outcome") not in _GOOD]
    told = (f"{row['scene']} ({row.get('outcome') or row.get('error')})" for row in bad)
    return list(dict.fromkeys(told))
