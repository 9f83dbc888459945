"""Writes the reference pages of docs/: what the code itself says of its files and commands.

python -m harness.commands.reference --write
"""

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from harness.bench.rig_schema import RigText
from harness.cli import build_parser
from harness.commands.examples import Formatter
from harness.commands.house import house
from harness.commands.key_reference import key_table
from harness.forms import published
from harness.forms.shipped import HOME
from harness.scene.lesson import LessonText
from harness.scene.scene_schema import SceneText

FOLDER = HOME / "docs" / "reference"
_MADE = "(This page is made from the code by `make docs`.)"
_WIDTH = 96


def pages(folder: Path = FOLDER) -> dict[Path, str]:
    """The text of each page by its file."""
    keys: dict[str, type[BaseModel]] = {"scene": SceneText, "rig": RigText, "lesson": LessonText}
    named = {
        "scene": ("Every key of a scene file", "../scenes.md"),
        "rig": ("Every key of a rig file", "../rigs.md"),
        "lesson": ("Every key of a lesson", "../learn-prompts.md"),
    }
    made = {}
    for name, model in keys.items():
        title, about = named[name]
        head = f"# {title}\n\n{_MADE} How it is meant: [{about.removeprefix('../')}]({about}).\n\n"
        note = "`NAME` stands for names of your own, `[]` for each entry of a list.\n\n"
        made[folder / f"{name}.md"] = head + note + key_table(model) + "\n"
    made[folder / "command-line.md"] = _command_line()
    head = f"# Every room of the house\n\n{_MADE} How they hang together: [map.md](../map.md).\n\n"
    made[folder / "house.md"] = head + house(HOME)
    return made


def _command_line() -> str:
    """Every command with its options, as `--help` tells them."""
    parts = ["# The command line", "", _MADE, ""]
    for name, parser in _commands(build_parser()):
        parser.formatter_class = _wide
        text = parser.format_help().rstrip()
        parts += [f"## {name}", "", "```", text, "```", ""]
    return "\n".join(parts).rstrip() + "\n"


def _commands(parser: argparse.ArgumentParser) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """A parser and all below it, by what one types."""
    yield parser.prog, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from _commands(below)


def _wide(prog: str) -> argparse.HelpFormatter:
    """A formatter that does not ask how wide somebody's terminal is."""
    return Formatter(prog, width=_WIDTH)


def main(arguments: list[str] | None = None) -> int:
    """Check or rewrite the reference; 0 when it is as the code says."""
    about = str(main.__doc__)
    return published.check_or_write("harness.commands.reference", about, pages(), arguments)


if __name__ == "__main__":
    sys.exit(main())
