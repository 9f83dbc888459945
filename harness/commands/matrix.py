"""`sayso matrix`: does this harness catch every bad device, and no honest one?"""

import argparse
import json
import shutil
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from harness.clock import RealClock
from harness.errors import UserError
from harness.forms.problems import did_you_mean
from harness.forms.shipped import shipped
from harness.report.allure_build import MISSING, build
from harness.report.allure_results import write_categories
from harness.series.matrix import WRONG, Fate, Play, RigPlays, Row, as_json, matrix, summary
from harness.series.matrix_page import write_rows
from harness.series.matrix_report import write_matrix
from harness.series.progress import ProgressLine
from harness.series.zoo import BadDevice, load_catalogue

_WRONG = (Fate.MISSED, Fate.FALSE_ALARM, Fate.OTHERWISE)


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "matrix",
        help="play every bad device of the zoo and its honest twin, and print the kill matrix",
        description="Plays every device of the zoo's catalogue in its scene, and its honest twin "
        "in the same one. Exit code 0 when every bad device was caught with the right class first "
        "and every twin passed; 1 when one was missed, caught as something else, or a twin was "
        "not passed for what it did; 2 when one was inconclusive. Devices whose class the rig "
        "cannot show are named and not played; 2 when there is nothing else.",
    )
    parser.add_argument("--rig", type=Path, help="rig file (default: rigs/simulated.yaml)")
    parser.add_argument("--catalogue", type=Path, help="default: rigs/zoo/catalogue.yaml")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these devices of the catalogue")
    parser.add_argument("--evidence", type=Path, help="keep the evidence of all plays here")
    parser.add_argument("--json", action="store_true", help="print the matrix as JSON")
    parser.add_argument(
        "--write",
        type=Path,
        metavar="PAGE",
        help="put each row into the table of this page, docs/zoo.md, as soon as it is known; the "
        "others stay",
    )
    parser.add_argument(
        "--report", type=Path, metavar="DIR", help="build an Allure report here, a test a device"
    )
    parser.set_defaults(run=_matrix)


def _matrix(arguments: argparse.Namespace) -> int:
    every = load_catalogue(arguments.catalogue or shipped("rigs/zoo/catalogue.yaml"))
    devices = chosen(every, arguments.only)
    page: Path | None = arguments.write
    if page is not None:
        write_rows(page, every, [])

    def put(rows: Sequence[Row]) -> None:
        if page is not None:
            write_rows(page, every, rows)

    rig = arguments.rig or shipped("rigs/simulated.yaml")
    progress = ProgressLine(sys.stderr, "matrix")
    # To be told to end takes the bench down as Ctrl-C does.
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        play = RigPlays(rig, arguments.evidence, progress)
        rows = _rows(devices, play, progress, put, quiet=arguments.json)
    finally:
        signal.signal(signal.SIGTERM, before)
        progress.clear()
    print(json.dumps([as_json(row) for row in rows], indent=1) if arguments.json else summary(rows))
    if arguments.report:
        _report(rows, arguments.report, quiet=arguments.json)
    return exit_code(rows)


def _report(rows: Sequence[Row], out: Path, *, quiet: bool) -> None:
    """Build the report; results of an earlier one are not mixed in."""
    results = out.with_name(f"{out.name}-results")
    shutil.rmtree(results, ignore_errors=True)
    write_matrix(results, rows, RealClock().now_s())
    write_categories(results)
    page = build(results, out)
    told = f"Report: {page}" if page else MISSING
    print(told, file=sys.stderr if quiet else sys.stdout)


def chosen(devices: Sequence[BadDevice], names: Sequence[str] | None) -> Sequence[BadDevice]:
    """The devices of these names; all where none is named. `UserError` for a name there is not."""
    known = {device.name: device for device in devices}
    for name in names or ():
        if name not in known:
            raise UserError(f"the catalogue has no device {name}{did_you_mean(name, known)}")
    return [known[name] for name in names] if names else devices


def _rows(
    devices: Sequence[BadDevice],
    play: Play,
    progress: ProgressLine,
    put: Callable[[Sequence[Row]], None],
    *,
    quiet: bool,
) -> list[Row]:
    """Play all; each row is told and `put` down as soon as it is known."""
    rows = list[Row]()
    for row in matrix(devices, play):
        rows.append(row)
        put([row])
        progress.clear()
        if not quiet:
            print(line(row), flush=True)
    return rows


def line(row: Row) -> str:
    """A row on one line, and below it why, where something is not as it must be."""
    named = " ".join(row.named) or "-"
    told = f"{row.device.name:24} {row.device.first:4} {row.fate.value:24} {named:16} "
    told += f"twin: {row.twin_fate.value}"
    for play in (*row.plays, row.twin):
        twin = play is row.twin
        fine = row.twin_fate is Fate.CLEAN if twin else row.fate is Fate.CAUGHT
        if play.unseen:
            told += "" if twin else f"\n    {play.why}"
        elif not fine:
            told += f"\n    {play.firmware}, seed {play.seed}: {play.verdict.value}: {play.why}"
    return told


def exit_code(rows: Sequence[Row]) -> int:
    """0 all right, 1 something ruled wrongly, 2 something not ruled.

    What the rig cannot show is left out, but where that is all, nothing was ruled.
    """
    fates = {fate for row in rows for fate in (row.fate, row.twin_fate)}
    if fates & WRONG:
        return 1
    return 2 if Fate.INCONCLUSIVE in fates or fates <= {Fate.UNSEEN} else 0
