"""`sayso run`: play scenes, rule, report."""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from harness.bench.rigfile import load_rig
from harness.bench.suitefile import SuiteEntry, load_suite
from harness.commands.report import REPORT, RESULTS, build_report
from harness.commands.watch import add_live_option, live_view
from harness.errors import UserError
from harness.forms.shipped import shipped
from harness.model.series import SeriesPlan
from harness.series.collected import NOT_PLAYED
from harness.series.plan import make_plan, plan_options, question_of

_PYTEST_INTERRUPTED, _PYTEST_USAGE, _PYTEST_NOTHING = 2, 4, 5
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "run",
        help="play scenes on a rig, rule on each, and write a report",
        description="Plays scene files (or folders of them) on a rig, prints the ruling of each, "
        "keeps the evidence, and builds an Allure report. Scenes that a rig lists known "
        "violations for must show exactly these. With --plays a scene is played in a series, which "
        "is ruled on as a whole: one failure fails it (docs/statistics.md).",
    )
    parser.add_argument("scenes", nargs="*", type=Path, help="scene files or folders")
    parser.add_argument("--rig", type=Path, help="rig file (default: rigs/virtual.yaml)")
    parser.add_argument("--suite", type=Path, help="suite file: scenes and rigs, instead of both")
    _add_series_options(parser)
    parser.add_argument(
        "--faults",
        type=int,
        metavar="SEED",
        help="let something on the rig break in each scene, drawn from this seed (docs/faults.md)",
    )
    add_live_option(parser)
    parser.add_argument("--evidence", type=Path, help="folder for evidence (default: the rig's)")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder for Allure's results")
    parser.add_argument("--report", type=Path, default=REPORT, help="folder for the report")
    parser.add_argument(
        "--history", type=Path, metavar="FILE", help="Allure's history over runs, kept there"
    )
    parser.set_defaults(run=_run)


def _add_series_options(parser: argparse.ArgumentParser) -> None:
    """How often; for every entry of a suite, instead of what it says itself."""
    parser.add_argument("--plays", type=int, metavar="N", help="plays of each scene (default: 1)")
    parser.add_argument(
        "--until-settled",
        action="store_true",
        help="end a series as soon as it is settled how often the scene fails; --plays is then "
        "the most (default: twice what it takes at least)",
    )
    parser.add_argument(
        "--question",
        metavar="p0=..,p1=..",
        help="what to settle: whether it fails in at most p0 or at least p1 of all plays, with "
        "error rates alpha and beta (default: p0=0.001,p1=0.1,alpha=0.05,beta=0.05)",
    )
    parser.add_argument(
        "--min-conclusive",
        type=int,
        metavar="N",
        help="so many conclusive plays are enough for a pass (default: every play)",
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Scenes against one rig, and what pytest made of them."""

    rig: Path
    code: int
    rows: list[dict[str, Any]]


def _run(arguments: argparse.Namespace) -> int:
    parts: list[_Part] = []
    planned = [(entry, _plan(entry, arguments)) for entry in _entries(arguments)]
    with live_view([entry.rig for entry, _ in planned], arguments.live):
        for entry, plan in planned:
            parts.append(_play(entry, plan, arguments))
            if parts[-1].code == _PYTEST_INTERRUPTED:
                break
    code = max((_part_code(part) for part in parts), key=_GRAVITY.index, default=3)
    if any(part.rows for part in parts):
        build_report(arguments.results, arguments.report, arguments.history)
    _summary(parts)
    return code


# A proven violation outranks a rig that broke elsewhere; a typing mistake outranks nothing.
_GRAVITY = [0, 3, 2, 1]


def _entries(arguments: argparse.Namespace) -> Sequence[SuiteEntry]:
    if arguments.suite is not None:
        if arguments.scenes or arguments.rig:
            raise UserError("--suite names scenes and rigs itself: give it alone")
        return load_suite(arguments.suite)
    if not arguments.scenes:
        raise UserError("name scene files or folders to play, or a --suite; see sayso run --help")
    missing = [str(path) for path in arguments.scenes if not path.exists()]
    if missing:
        raise UserError(f"there is no {', '.join(missing)}")
    rig = arguments.rig or shipped("rigs/virtual.yaml")
    load_rig(rig)  # a mistake in it is every scene's: told once, before any is played
    return [SuiteEntry(rig=rig.absolute(), scenes=tuple(p.absolute() for p in arguments.scenes))]


def _plan(entry: SuiteEntry, arguments: argparse.Namespace) -> SeriesPlan:
    """How often to play: as typed, or else as the suite says."""
    asked = arguments.question if arguments.question is not None else ""
    settles = arguments.until_settled or arguments.question is not None
    typed = (arguments.plays, question_of(asked) if settles else None, arguments.min_conclusive)
    if any(value is not None for value in typed):
        return make_plan(*typed)
    try:
        return make_plan(entry.plays, entry.question, entry.min_conclusive)
    except UserError as error:
        raise UserError(f"{arguments.suite}, {entry.rig.name}: {error}") from error


def _play(entry: SuiteEntry, plan: SeriesPlan, arguments: argparse.Namespace) -> _Part:
    with tempfile.TemporaryDirectory(prefix="sayso-run-") as scratch:
        results = Path(scratch) / "results.json"
        command = [sys.executable, "-m", "pytest", "-q", "-rN", "--no-header"]
        command += ["-o", "console_output_style=classic"]
        command += ["-p", "harness.plugin", "-p", "harness.report.pytest_interrupts"]
        command += ["-p", "no:cacheprovider"]  # --lf leaves scenes out untold
        command += ["--rig", str(entry.rig)]
        command += ["--alluredir", str(arguments.results), "--sayso-results", str(results)]
        command += plan_options(plan)
        if arguments.faults is not None:
            command += ["--faults", str(arguments.faults)]
        if arguments.evidence:
            command += ["--evidence", str(arguments.evidence)]
        # A group of its own, so that Ctrl-C reaches it once, through us; should we be killed
        # outright, the kernel ends it.
        mortal = ["setpriv", "--pdeathsig", "TERM", "--", *command, "--"]
        scenes = [str(scene) for scene in entry.scenes]
        code = _wait(subprocess.Popen([*mortal, *scenes], process_group=0))
        rows = json.loads(results.read_text()) if results.exists() else []
    return _Part(entry.rig, code, rows)


def _wait(process: "subprocess.Popen[bytes]") -> int:
    """Wait for pytest; a signal to end is handed on, once, and waited out: pytest tears down."""

    def hand_on(number: int, _frame: FrameType | None) -> None:
        for other in _SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        process.send_signal(number)

    before = {number: signal.signal(number, hand_on) for number in _SIGNALS}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _part_code(part: _Part) -> int:
    outcomes = [row.get("outcome", "inconclusive") for row in part.rows]
    mistakes = [row for row in part.rows if row.get("error") in _MISTAKES]
    if "fail" in outcomes:
        return 1
    if mistakes and len(mistakes) == len(part.rows):
        return 3
    if {"inconclusive", NOT_PLAYED} & set(outcomes) or part.code not in (0, 1):
        return 3 if part.code in (_PYTEST_NOTHING, _PYTEST_USAGE) else 2
    return 0 if part.code == 0 and outcomes else 2


_MISTAKES = ("SceneError", "RigFileError", "CorpusError")


def _summary(parts: Sequence[_Part]) -> None:
    print("\nIn short:")
    for part in parts:
        for row in part.rows:
            outcome = row.get("outcome") or f"not played ({row.get('error')})"
            found = f"  {' '.join(dict.fromkeys(row['findings']))}" if row.get("findings") else ""
            print(f"  {outcome:13} {row['scene']:32} {part.rig.stem}{found}")
            if row.get("series"):
                print(textwrap.indent(textwrap.fill(row["series"], 84), " " * 16))
        if not part.rows:
            print(f"  nothing was played on {part.rig.stem}")
