"""The `sayso` command.

Exit codes: 0 pass (known violations, exactly, count as expected), 1 a violation or a wrong
refusal, 2 inconclusive or rig trouble, 3 a mistake in what was typed or in a file.
"""

import argparse
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from harness import __version__
from harness.commands import completion
from harness.commands.examples import Formatter, add_examples
from harness.errors import ConsentViolation, ExpectationUnmet, RigError, SaysoError, UserError
from harness.forms.problems import told

PASS, VIOLATION, INCONCLUSIVE, USAGE = 0, 1, 2, 3


_FAMILIES = {
    "doctor": ("doctor",),
    "calibrate": ("calibrate",),
    "rig": ("rig",),
    "device": ("device",),
    "scene": ("scene",),
    "init": ("init",),
    "run": ("run",),
    "watch": ("watch",),
    "report": ("report",),
    "folders": ("explain", "rejudge"),
    "series": ("series",),
    "cause": ("cause",),
    "soak": ("soak",),
    "background": ("background",),
    "sound_alikes": ("sound-alikes",),
    "wire": ("wire",),
    "corpus": ("corpus",),
    "learn": ("learn-prompts",),
    "learn_idle": ("learn-idle",),
    "matrix": ("matrix",),
    "export_check": ("export-check",),
    "privacy": ("redact", "expire"),
}
"""The commands of each module of `harness.commands`, which is imported when one is asked for."""

_EPILOG = """\
exit codes:
  0  pass; or exactly the violations that the rig file lists as known
  1  something left without consent, or the device wrongly refused
  2  inconclusive: a control broke, the bench is not right, or the run was interrupted
  3  a mistake in a scene, a rig file, or on the command line

first steps:
  sayso init mine                         a folder of your own, with a scene and rigs
  sayso doctor rigs/virtual.yaml          is the bench all right?
  sayso run scenarios/portland            play the scenes, rule, report
  sayso explain evidence/RUN              why was it ruled so?
  sayso COMMAND --help                    what it does, and an example
"""


class _Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes end with this program's own code for them."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": Formatter, **options})

    def error(self, message: str) -> "None":  # type: ignore[override]
        """Say what is wrong, show the usage, end with 3."""
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {message}\n")


def build_parser(only: str | None = None) -> argparse.ArgumentParser:
    """The whole command line; of a command that is named, no more than that and its kin."""
    parser = _Parser(
        prog="sayso",
        description="Tests smart speakers: nothing leaves the room without your say-so.",
        epilog=_EPILOG,
    )
    parser.add_argument("--version", action="version", version=f"sayso {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for module, names in _FAMILIES.items():
        if only is None or only in names:
            importlib.import_module(f"harness.commands.{module}").add_commands(commands)
    completion.add_commands(commands, build_parser)
    add_examples(parser)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    words = sys.argv[1:] if arguments is None else arguments
    known = {name for names in _FAMILIES.values() for name in names}
    try:
        parser = build_parser(words[0] if words and words[0] in known else None)
    except KeyboardInterrupt:  # what the command needs is still being loaded
        print("sayso: interrupted before anything was begun", file=sys.stderr)
        return INCONCLUSIVE
    if not words:
        parser.print_help(sys.stderr)
        parser.exit(USAGE)
    parsed = parser.parse_args(words)
    command: Callable[[argparse.Namespace], int] = parsed.run
    try:
        return command(parsed)
    except SaysoError as error:
        print(f"sayso: {told(error)}", file=sys.stderr)
        return code_of(error)
    except KeyboardInterrupt:
        print("sayso: interrupted; nothing is proven either way", file=sys.stderr)
        return INCONCLUSIVE
    except BrokenPipeError:
        # Whoever read our output has gone; say no more, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INCONCLUSIVE


def code_of(error: SaysoError) -> int:
    """The exit code for an error."""
    if isinstance(error, UserError):
        return USAGE
    if isinstance(error, ConsentViolation | ExpectationUnmet):
        return VIOLATION
    return INCONCLUSIVE if isinstance(error, RigError) else USAGE


if __name__ == "__main__":
    sys.exit(main())
