"""`sayso report`: what a run, a night or many came to, and Allure's report from its results."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

from harness.errors import RigError, UserError
from harness.evidence.disk import write_private
from harness.report.allure_build import MISSING, build, copy_told_apart
from harness.report.allure_night import write_beside
from harness.report.junit import junit_of_results
from harness.report.nights import Answers, Night, answer, read_nights
from harness.report.nights.page import build_first_page, build_wakes_page
from harness.report.nights.words import machine_line, markdown

RESULTS, REPORT, FIRST = Path("allure-results"), Path("allure-report"), Path("sayso-report")
PAGE = "index.html"


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "report",
        help="safe to ship, what is new, is the rig well: one page over a run, a night or many",
        description="Given a run's folder, or one with many runs, or nights of `sayso soak`, "
        "writes one static page that answers: is it safe to ship, what is new since the night "
        "before, is the rig well. The answers are printed too, and last a line for machines. Exit "
        "code 0 when nothing speaks against it but what is known, 1 a failure, 2 not proven. "
        "Given neither, builds the Allure report again from its results, offline.",
    )
    parser.add_argument("runs", nargs="*", type=Path, metavar="RUN", help="a run, or many in one")
    parser.add_argument(
        "--nights", nargs="+", type=Path, default=[], metavar="DIR", help="nights of one rig"
    )
    parser.add_argument("--out", type=Path, default=FIRST, help=f"folder for the page ({FIRST})")
    parser.add_argument("--markdown", action="store_true", help="print it for a merge request")
    parser.add_argument("--results", type=Path, default=RESULTS, help="folder of Allure's results")
    parser.add_argument("--report", type=Path, default=REPORT, help="folder for Allure's report")
    parser.add_argument(
        "--history", type=Path, metavar="FILE", help="Allure's history over nights, kept there"
    )
    parser.add_argument(
        "--for-allure-2",
        type=Path,
        metavar="DIR",
        help="also copy the results there, each attempt a test of its own, for an Allure 2 to read",
    )
    parser.add_argument(
        "--into-allure",
        action="store_true",
        help="of nights: attach their false wakes to the results, and build Allure's report too",
    )
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the results as JUnit XML")
    parser.set_defaults(run=_report)


def _report(arguments: argparse.Namespace) -> int:
    folders = [*arguments.runs, *arguments.nights]
    into_allure: bool = arguments.into_allure
    if into_allure and not folders:
        raise UserError("--into-allure attaches what nights say: name them (--nights nights/*)")
    code = _first_page(folders, arguments) if folders else 0
    asked = arguments.junit is not None or arguments.for_allure_2 is not None
    if not folders or asked or into_allure:
        _allure(arguments, page=not folders or into_allure)
    return code


def _allure(arguments: argparse.Namespace, *, page: bool) -> None:
    if arguments.junit is not None:
        _write_junit(arguments.junit, junit_of_results(arguments.results))
        print(f"JUnit: {arguments.junit}", file=sys.stderr)
    if arguments.for_allure_2 is not None:
        copy_told_apart(arguments.results, arguments.for_allure_2)
    if page:
        # After answers on nights, whose last line is for machines.
        into = sys.stderr if arguments.runs or arguments.nights else sys.stdout
        build_report(arguments.results, arguments.report, arguments.history, into)


def _write_junit(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise RigError(f"{file}: JUnit XML cannot be written there ({error.strerror})") from error


def build_report(
    results: Path, out: Path, history: Path | None = None, into: TextIO | None = None
) -> None:
    """Build Allure's page and say where it is, or why there is none (by itself: on stdout)."""
    page = build(results, out, history=history)
    print(f"\nReport: {page}" if page else f"\n{MISSING}", file=into)


def _first_page(folders: Sequence[Path], arguments: argparse.Namespace) -> int:
    nights = read_nights(folders)
    answers = answer(nights)
    page = _write(nights, answers, arguments.out)
    if arguments.into_allure:
        wakes = {"False wakes, night by night": ("text/html", build_wakes_page(nights))}
        write_beside(arguments.results, arguments.out, wakes)
    print(markdown(nights, answers) if arguments.markdown else _in_words(answers))
    print(f"Page: {page}", file=sys.stderr)
    print(machine_line(nights, answers), file=sys.stderr if arguments.markdown else sys.stdout)
    return answers.exit_code


def _write(nights: Sequence[Night], answers: Answers, out: Path) -> Path:
    """The page, whole or not at all; as private as the evidence that its headlines come from."""
    try:
        out.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(out / PAGE, build_first_page(nights, answers, out).encode())
    except OSError as error:
        raise RigError(f"{out}: the page cannot be written ({error.strerror})") from error
    return out / PAGE


def _in_words(answers: Answers) -> str:
    parts = (
        ("Safe to ship?", answers.ship, answers.ship_why),
        ("What is new?", "", answers.new),
        ("Is the rig well?", answers.rig, answers.rig_why),
    )
    lines = []
    for question, word, why in parts:
        lines += [f"{question} {word.upper()}".rstrip(), *(f"  {text}" for text in why), ""]
    return "\n".join(lines)
