"""`sayso redact` and `sayso expire`: take people's speech out of evidence, or all of it."""

import argparse
import time
from pathlib import Path
from typing import Any

from harness.errors import UserError
from harness.evidence.redact import redact
from harness.evidence.retention import Policy, copies, expire


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "redact",
        help="take people's speech out of a run's folder",
        description="Removes every recording and packet from a run's folder. What is left "
        "verifies, says that it was redacted, and is judged as before, but never passes where it "
        "did not.",
    )
    parser.add_argument("folders", type=Path, nargs="+", metavar="RUN", help="folder in evidence/")
    parser.add_argument(
        "--words",
        action="store_true",
        help="transcripts and lines too; then nothing is judged again",
    )
    parser.set_defaults(run=_redact)
    parser = commands.add_parser(
        "expire",
        help="remove evidence whose time is up, and write down that it was",
        description="Removes the runs below a folder that are older than they may be, and writes "
        "into expired.jsonl what was removed. Exit code 2 when a copy of it is found elsewhere.",
    )
    parser.add_argument("evidence", type=Path, metavar="DIR", help="folder that holds runs")
    parser.add_argument("--passes", type=float, required=True, metavar="DAYS", help="keep passes")
    parser.add_argument(
        "--others", type=float, metavar="DAYS", help="keep all others (default: for ever)"
    )
    parser.add_argument(
        "--copies-in",
        type=Path,
        nargs="*",
        default=(),
        metavar="DIR",
        help="look there for copies of what is removed, such as allure-results",
    )
    parser.set_defaults(run=_expire)


def _redact(arguments: argparse.Namespace) -> int:
    for folder in arguments.folders:
        done = redact(folder, time.time(), words=arguments.words)
        print(f"{folder}: {len(done.removed)} files with speech were removed")
    return 0


def _expire(arguments: argparse.Namespace) -> int:
    if not arguments.evidence.is_dir():
        raise UserError(f"there is no folder {arguments.evidence}")
    if arguments.passes < 0 or (arguments.others is not None and arguments.others < 0):
        raise UserError("--passes and --others are days, 0 or more")
    policy = Policy(arguments.passes, arguments.others)
    gone = expire(arguments.evidence, policy, time.time())
    for one in gone:
        print(f"{one.run}: {len(one.files)} files were removed")
    print(f"{len(gone)} runs were removed; {arguments.evidence / 'expired.jsonl'} says which")
    found = copies(gone, arguments.copies_in)
    for path in found:
        print(f"{path} is a copy of what was removed: remove it too")
    return 2 if found else 0
