"""The table that every benchmark ends in."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

OUT = Path(__file__).parent / "out"
"""Where the figures go."""


@dataclass(frozen=True)
class Row:
    """One figure. `goal` in words; `holds` None where the figure has no goal."""

    figure: str
    value: float
    unit: str
    goal: str
    holds: bool | None


def finish(name: str, rows: Sequence[Row], facts: dict[str, str], out: Path = OUT) -> int:
    """Print the table, write it to `out`/NAME.json, return the exit code."""
    facts = {"date": f"{datetime.now(UTC):%Y-%m-%d}", "machine": _machine(), **facts}
    for key, value in facts.items():
        print(f"{key}: {value}")
    width = max(len(row.figure) for row in rows)
    print(f"\n{'figure':{width}}  {'value':>9} {'unit':8} {'goal':28} holds")
    for row in rows:
        holds = {True: "yes", False: "NO", None: "-"}[row.holds]
        print(f"{row.figure:{width}}  {row.value:>9.4g} {row.unit:8} {row.goal:28} {holds}")
    out.mkdir(exist_ok=True)
    content = {"name": name, **facts, "rows": [asdict(row) for row in rows]}
    (out / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")
    return 0 if all(row.holds is not False for row in rows) else 1


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
