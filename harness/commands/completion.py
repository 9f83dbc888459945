"""`sayso completion`: what the shell needs to complete commands, options and files."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import shtab

SHELLS = ("bash", "zsh", "fish")


def add_commands(
    commands: "argparse._SubParsersAction[Any]", whole: Callable[[], argparse.ArgumentParser]
) -> None:
    """Add the command; `whole`: makes the command line that is to be completed."""
    parser = commands.add_parser(
        "completion",
        help="print what makes a shell complete commands, options and files",
        description='bash: `eval "$(sayso completion bash)"` in ~/.bashrc. zsh: into a file '
        "_sayso of a folder in $fpath. fish: into ~/.config/fish/completions/sayso.fish.",
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=lambda arguments: _print(whole(), arguments.shell))


def completion(parser: argparse.ArgumentParser, shell: str) -> str:
    """The script for a shell; wherever a path is wanted it completes files."""
    _prepare(parser)
    return str(shtab.complete(parser, shell))


def _print(parser: argparse.ArgumentParser, shell: str) -> int:
    print(completion(parser, shell))
    return 0


def _prepare(parser: argparse.ArgumentParser) -> None:
    """Mark paths, and let each command be told in its few words, not in its whole description."""
    for action in parser._actions:
        if action.type is Path:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
        if isinstance(action, argparse._SubParsersAction):
            for told in action._choices_actions:
                action.choices[told.dest].description = told.help
            for below in action.choices.values():
                _prepare(below)
