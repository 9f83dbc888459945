"""`sayso series`: what a series came to, ruled again from the evidence of its plays."""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from harness.commands.folders import ruling_code
from harness.model import record
from harness.report.explain import wants_colour
from harness.report.series_story import play_line, series_text
from harness.series.ledger import read_series
from harness.series.rerule import rule_again


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "series",
        help="say what a series of plays came to, from the evidence alone",
        description="Judges every play of a series again from its folder, counts anew, and says "
        "whether that is what was recorded. Exit code as for `run`; 2 when it differs.",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="evidence/....series.json")
    parser.add_argument("--json", action="store_true", help="print the ruling as JSON")
    parser.set_defaults(run=_series)


def _series(arguments: argparse.Namespace) -> int:
    file: Path = arguments.file
    series = rule_again(file)
    if arguments.json:
        print(record.series_to_json(series), end="")
    else:
        for play in series.plays:
            print(play_line(play, series.plan))
        print(f"\n{series_text(series, file, colour=wants_colour(sys.stdout, os.environ))}")
    same = series == read_series(file)
    print(
        "The same ruling as recorded."
        if same
        else "Not the recorded ruling: the rule, a play or the record has changed since.",
        file=sys.stderr,
    )
    return ruling_code(series) if same else 2
