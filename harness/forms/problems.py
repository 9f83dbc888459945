"""What is wrong with a file a person wrote: where, what, and what they probably meant.

Problems are collected, so that one look at a file shows all of them, and raised together.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from rapidfuzz import fuzz, process

from harness.errors import UserError

_ALIKE = 60.0
_BEFORE, _WIDTH = 60, 100
_MOST_SHOWN = 5


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """A place in a file; lines and columns count from 1, line 0 means the file as a whole."""

    file: Path
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        """`file:line:column`, which terminals and editors can open."""
        shown = _shown(self.file)
        return f"{shown}:{self.line}:{self.column}" if self.line else shown


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is not right, and where."""

    mark: Mark
    what: str

    def __str__(self) -> str:
        """`file:line:column: what`."""
        return f"{self.mark}: {self.what}"


@dataclass(slots=True)
class Problems:
    """Collects problems of one load and raises them as one `error`."""

    error: type[UserError]
    found: list[Problem] = field(default_factory=list)

    def add(self, mark: Mark, what: str) -> None:
        """Note a problem; the same one twice is noted once."""
        problem = Problem(mark, what)
        if problem not in self.found:
            self.found.append(problem)

    def raise_if_any(self) -> None:
        """Raise all problems as one error, in the order of the file; return when there are none."""
        if not self.found:
            return
        told = sorted(self.found)
        if len(told) == 1:
            error = self.error(str(told[0]))
            if shown := excerpt(told[0].mark):
                error.add_note(shown)
            raise error
        lines = [f"{len(told)} problems:"]
        # Each place is shown below what is wrong with it, not all of them at the end.
        for number, (mark, here) in enumerate(groupby(told, key=lambda problem: problem.mark)):
            lines += [f"  {problem}" for problem in here]
            if number < _MOST_SHOWN and (shown := excerpt(mark)):
                lines.append(shown)
        raise self.error("\n".join(lines))


def excerpt(mark: Mark) -> str:
    """The line of a mark with a caret under its column; empty where there is none to be shown."""
    try:
        lines = mark.file.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError):
        return ""
    if not 0 < mark.line <= len(lines):
        return ""
    # A long line is cut, so that the caret stands under what it points at in a narrow window too.
    left = max(0, mark.column - 1 - _BEFORE)
    text = lines[mark.line - 1][left : left + _WIDTH].replace("\t", " ")
    return f"{mark.line:5} | {text}\n      | {' ' * (mark.column - 1 - left)}^"


def told(error: BaseException) -> str:
    """What an error says, with the lines that it points at."""
    return "\n".join([str(error), *getattr(error, "__notes__", ())])


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion to append to a message: `; did you mean X?`, or the known words."""
    words = list(dict.fromkeys(known))
    return closest(word, words) or (f"; known here: {listed(words)}" if words else "")


def closest(word: str, known: Iterable[str]) -> str:
    """A suggestion to append to a message; empty where no known word is like it."""
    found = process.extractOne(
        word, list(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=_ALIKE
    )
    return "" if found is None else f"; did you mean `{found[0]}`?"


def listed(words: Sequence[str]) -> str:
    """Words for a sentence: `a`, `b`, `c`."""
    return ", ".join(f"`{word}`" for word in words)


def quoted(text: object, limit: int = 60) -> str:
    """A value for a message, cut short where it is long."""
    shown = str(text)
    return f"`{shown if len(shown) <= limit else shown[: limit - 3] + '...'}`"


def _shown(file: Path) -> str:
    """The path as short as it can be said from here."""
    here = Path.cwd()
    absolute = file.absolute()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(file)
