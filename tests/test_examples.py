"""Each command's help ends with examples, and each of them can be typed."""

import shlex
from collections.abc import Iterator

import pytest

from harness.cli import build_parser, main
from harness.commands.examples import EXAMPLES, leaves


def examples() -> Iterator[str]:
    for lines in EXAMPLES.values():
        yield from lines


def test_each_command_has_one() -> None:
    assert {parser.prog for parser in leaves(build_parser())} == set(EXAMPLES)


@pytest.mark.parametrize("line", list(examples()))
def test_it_can_be_typed(line: str) -> None:
    words = shlex.split(line, comments=True)
    if words[0] == "eval":
        words = shlex.split(words[1].strip("$()"))
    assert words[0] == "sayso"
    typed = build_parser().parse_args(words[1:])
    assert callable(typed.run)


def test_help_shows_them_as_they_stand(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["report", "--help"])
    told = capsys.readouterr().out
    assert "examples:\n  sayso report evidence " in told
    for line in EXAMPLES["sayso report"]:
        assert f"  {line}\n" in told or told.endswith(f"  {line}\n")


def test_without_a_word_it_says_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([])
    assert ended.value.code == 3
    assert "first steps:" in capsys.readouterr().err
