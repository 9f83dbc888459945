"""Every `sayso` command that stands on a page can be typed."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import harness
from harness.cli import build_parser

ROOT = Path(harness.__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
_TYPED = re.compile(r"^\s*(?:\$ )?sayso (.*)$")
_NAMED = re.compile(r"`sayso ([a-z-]+)")


def typed(page: Path) -> Iterator[list[str]]:
    """The words of each command in the page's blocks; of what a shell makes of it no more."""
    inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        inside ^= line.startswith("```")
        if (inside or line.startswith("    ")) and (found := _TYPED.match(line)):
            words = shlex.split(found[1].replace("new|check|preview", "check"), comments=True)
            yield words[: words.index("<")] if "<" in words else words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_in_blocks_are_whole(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in typed(page):
        try:
            build_parser().parse_args(words)
        except SystemExit as ended:
            assert not ended.code, (
                f"{page.name}: sayso {' '.join(words)}\n{capsys.readouterr().err}"
            )


def test_commands_in_sentences_are_there() -> None:
    parser = build_parser()
    (commands,) = (action.choices for action in parser._actions if action.dest == "command")
    assert commands is not None
    named = {(p.name, name) for p in PAGES for name in _NAMED.findall(p.read_text("utf-8"))}
    assert [each for each in sorted(named) if each[1] not in commands] == []


def test_there_are_many() -> None:
    assert sum(1 for page in PAGES for _ in typed(page)) > 80
