"""Every figure of the wire in one run: `python -m benchmarks.wire --all [--quick]`."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.table import OUT, Row, finish

BENCHMARKS = ("wire", "wire_live", "wire_idle", "wire_payload", "wire_covert", "wire_cause")
Run = Callable[[str, Sequence[str]], int]


def in_a_process(name: str, options: Sequence[str]) -> int:
    """Run a benchmark by itself, so that none disturbs the next; its exit code."""
    return subprocess.run([sys.executable, "-m", f"benchmarks.{name}", *options]).returncode


def run_all(options: Sequence[str], run: Run = in_a_process, out: Path = OUT) -> int:
    """Run one after the other, print one table, write it to `out`/wire_all.json.

    0 only if each wrote its figures and every goal holds. What is in `out` from before is removed
    first, so that no figure of another day stands in for one that is missing.
    """
    rows, facts = list[Row](), {"runs": " ".join(options) or "whole"}
    for name in BENCHMARKS:
        path = out / f"{name}.json"
        path.unlink(missing_ok=True)
        begun_s = time.monotonic()
        code = run(name, options)
        facts[name] = f"{time.monotonic() - begun_s:.0f} s"
        if path.exists():
            told = json.loads(path.read_text())["rows"]
            rows += [Row(**{**row, "figure": f"{name}: {row['figure']}"}) for row in told]
        else:
            rows.append(Row(f"{name}: ended without figures, exit code", code, "", "0", False))
    return finish("wire_all", rows, facts, out)
