"""`sayso explain` and `sayso rejudge`: what a run's folder says."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from harness.errors import RigError
from harness.evidence import layout
from harness.evidence.read import read_ruling
from harness.evidence.rejudge import Recorded, compare, rejudge
from harness.evidence.verify import ProblemKind, verify
from harness.model import record
from harness.model.ruling import KnownOutcome, Ruling, Verdict
from harness.model.series import SeriesRuling
from harness.report.explain import explain, wants_colour


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "explain",
        help="say in plain English why a run was ruled as it was",
        description="Prints the ruling that a run's folder holds, after checking that the folder "
        "is as it was sealed.",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="a folder in evidence/")
    parser.set_defaults(run=_explain)
    parser = commands.add_parser(
        "rejudge",
        help="judge a recorded run again, from its folder alone",
        description="Judges again from what was recorded, on any machine, and says whether the "
        "ruling is byte for byte the recorded one. Exit code as for `run`; 2 when it differs.",
    )
    parser.add_argument("folder", type=Path, metavar="RUN", help="a folder in evidence/")
    parser.add_argument("--json", action="store_true", help="print the ruling as JSON")
    parser.add_argument(
        "--sealed-as",
        metavar="SHA256",
        help="refuse the folder unless its manifest.json has this SHA-256",
    )
    parser.set_defaults(run=_rejudge)


def ruling_code(ruling: Ruling | SeriesRuling) -> int:
    """The exit code for the ruling of one play, or of a series."""
    if ruling.verdict is Verdict.PASS:
        return 0
    if ruling.verdict is Verdict.FAIL:
        return 0 if ruling.known is KnownOutcome.EXACTLY else 1
    return 2


def _explain(arguments: argparse.Namespace) -> int:
    folder = _folder(arguments.folder)
    problems = verify(folder)
    if problems:
        named = "; ".join(f"{p.name} {p.detail}" for p in problems)
        print(f"Warning: {folder} is not as it was sealed: {named}\n", file=sys.stderr)
    if not (folder / layout.RULING).exists():
        raise RigError(f"{folder} holds no ruling: the run was cut short; try sayso rejudge")
    ruling = read_ruling(folder)
    print(explain(ruling, folder, colour=wants_colour(sys.stdout, os.environ)))
    # What was put in beside it was never read; docs/evidence.md.
    spoilt = any(problem.kind is not ProblemKind.EXTRA for problem in problems)
    return 2 if spoilt else ruling_code(ruling)


def _rejudge(arguments: argparse.Namespace) -> int:
    folder = _folder(arguments.folder)
    ruling = rejudge(folder, arguments.sealed_as)
    if arguments.json:
        print(record.ruling_to_json(ruling), end="")
    else:
        print(explain(ruling, folder, colour=wants_colour(sys.stdout, os.environ)))
    recorded = compare(folder, ruling)
    print(_COMPARED[recorded], file=sys.stderr)
    return 2 if recorded is Recorded.OTHER else ruling_code(ruling)


_COMPARED = {
    Recorded.SAME: "The same ruling as recorded, byte for byte.",
    Recorded.OTHER: "Not the recorded ruling: the rule or the recording has changed since.",
    Recorded.NONE: "The folder holds no ruling to compare this one with.",
}


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise RigError(f"there is no run {path}; runs are the folders in evidence/")
    return path
