"""`sayso doctor`: is the bench all right?"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.model import record
from harness.model.timeline import Control
from harness.report.check_words import check_line
from harness.series.doctor import Note, examine, notes
from harness.series.progress import ProgressLine


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "doctor",
        help="open a rig, prove every control once, and say what is wrong",
        description="Opens the rig, switches the device on, proves every control as before a "
        "scene, and prints a line for each: measured, limit, and what to do. Notes are no "
        "failures. Exit code 0 when all hold, else 2.",
    )
    parser.add_argument("rig", type=Path, help="rig file")
    parser.add_argument(
        "--load-s",
        type=float,
        default=0.0,
        metavar="S",
        help="also record for so long with a busy processor, and tell what is lost (30 is usual)",
    )
    parser.add_argument("--json", action="store_true", help="print the checks as JSON")
    parser.set_defaults(run=_doctor)


def _doctor(arguments: argparse.Namespace) -> int:
    file = load_rig(arguments.rig)
    progress = ProgressLine(sys.stderr, "doctor")
    # To be told to end takes the bench down as Ctrl-C does.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        checks = examine(file, RealClock(), progress, arguments.load_s)
    finally:
        signal.signal(signal.SIGTERM, before)
        progress.clear()
    print(_as_json(checks, notes(file)) if arguments.json else _as_text(checks, notes(file)))
    return 0 if all(check.held for check in checks) else 2


def _as_json(checks: Sequence[Control], known: Sequence[Note]) -> str:
    lines = record.events_to_jsonl(checks).splitlines()[1:]
    told = [{"kind": "note", **asdict(note)} for note in known]
    return json.dumps([*(json.loads(line) for line in lines), *told], indent=1)


def _as_text(checks: Sequence[Control], known: Sequence[Note]) -> str:
    told = [f"note {'':8} {note.name:18} {'':>14} {'':>16}  {note.detail}" for note in known]
    return "\n".join([*map(check_line, checks), *told])
