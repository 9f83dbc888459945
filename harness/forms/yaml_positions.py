"""YAML in, plain data out, with the line and column of every key and value kept.

Stricter than YAML itself, since people who do not program write these files: a key may stand
once only; anchors, aliases and tags are refused; only what looks plainly like a number or like
true/false is one (YAML 1.1 would read `1:30` as ninety and `2026-11-22` as a date).
"""

import re
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import yaml

from harness.errors import UserError
from harness.forms.problems import Mark, Problems, did_you_mean

Place = tuple[str | int, ...]

_DEEPEST = 20
_INT = re.compile(r"[-+]?[0-9]{1,15}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "yes", "on"})
_FALSE = frozenset({"false", "no", "off"})
_UNSPEAKABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UNSEEN = re.compile("[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
"""Signs without a shape: two names that differ in one look the same, and are not."""


@dataclass(slots=True)
class Document:
    """A file's data and where each piece of it stands.

    `keys` and `values` map a place, such as `("lines", 0, "says")`, to its mark; `plain` holds the
    raw words of every scalar that was written without quotes.
    """

    path: Path
    data: Any = None
    keys: dict[Place, Mark] = field(default_factory=dict)
    values: dict[Place, Mark] = field(default_factory=dict)
    plain: dict[Place, str] = field(default_factory=dict)

    def key_mark(self, place: Place) -> Mark:
        """Where the key at `place` stands, else what surrounds it."""
        return self.keys[place] if place in self.keys else self.mark(place)

    def mark(self, place: Place) -> Mark:
        """Where the value at `place` stands, else the nearest thing around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.values:
                return self.values[place[:length]]
        return Mark(self.path)

    def part(self, place: Place) -> "Document":
        """What stands at `place`, as a document of its own, every mark where it was."""
        data, below = self.data, len(place)
        for key in place:
            data = data[key]
        marks = [
            {each[below:]: mark for each, mark in marks.items() if each[:below] == place}
            for marks in (self.keys, self.values)
        ]
        plain = {each[below:]: raw for each, raw in self.plain.items() if each[:below] == place}
        return Document(self.path, data, marks[0], marks[1], plain)

    def forget(self, place: Place) -> None:
        """Drop the marks of everything at and below `place`."""
        below = len(place)
        for marks in (self.keys, self.values, self.plain):
            for known in [each for each in marks if each[:below] == place]:
                del marks[known]


def read_document(path: Path, problems: Problems) -> Document:
    """Read a YAML file. Raises the collector's error where it cannot be read as plain YAML."""
    document = Document(path)
    text = _text_of(path, problems)
    root = _composed(text, path, problems)
    if root is None:
        problems.add(Mark(path), "is empty")
    else:
        document.data = _Builder(document, problems).value(root, ())
    problems.raise_if_any()
    return document


def merged(base: Document, over: Document) -> Document:
    """`over` laid on `base`: maps merge, lists and scalars replace. Marks follow their data."""
    result = Document(over.path, base.data, dict(base.keys), dict(base.values), dict(base.plain))
    result.data = _merge(base.data, over.data, (), result)
    result.keys |= over.keys
    result.values |= over.values
    result.plain |= over.plain
    return result


def _merge(base: Any, over: Any, place: Place, result: Document) -> Any:
    if not (isinstance(base, dict) and isinstance(over, dict)):
        result.forget(place)
        return over
    together = dict(base)
    for key, value in over.items():
        if key in base:
            together[key] = _merge(base[key], value, (*place, key), result)
        else:
            together[key] = value
    return together


def _text_of(path: Path, problems: Problems) -> str:
    """The file's text, or an error that says how to get there."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.add(Mark(path), f"is not UTF-8 text (byte {error.start}); save it as UTF-8")
    except FileNotFoundError:
        problems.add(Mark(path), f"there is no such file{_neighbour(path)}")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problems.add(Mark(path), f"cannot be read: {reason}")
    problems.raise_if_any()
    raise AssertionError("unreachable: a problem was just added")


def _neighbour(path: Path) -> str:
    """The file beside it that was probably meant."""
    try:
        names = [each.name for each in path.parent.iterdir() if each.suffix == path.suffix]
    except OSError:
        return f"; there is no folder {path.parent} either"
    return did_you_mean(path.name, names)


class _Loader(yaml.SafeLoader):
    """Composes nodes with anchors, aliases, tags and bottomless nesting refused."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="anchors (&) and aliases (*) are not read here; write it out "
                "(or quote it, if it is meant as text)",
                problem_mark=event.start_mark,
            )
        if getattr(event, "tag", None) is not None:
            raise yaml.MarkedYAMLError(
                problem="tags (!) are not read here; quote it, if it is meant as text",
                problem_mark=event.start_mark,
            )
        self._depth += 1
        if self._depth > _DEEPEST:
            raise yaml.MarkedYAMLError(
                problem=f"nested more than {_DEEPEST} deep", problem_mark=event.start_mark
            )
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _composed(text: str, path: Path, problems: Problems) -> yaml.Node | None:
    """The tree of nodes; syntax errors become problems and are raised."""
    try:
        loader = _Loader(text)
        try:
            return loader.get_single_node()
        finally:
            loader.dispose()
    except yaml.MarkedYAMLError as error:
        spot = _opening_quote(error) or error.problem_mark or error.context_mark
        mark = Mark(path, spot.line + 1, spot.column + 1) if spot else Mark(path)
        problems.add(mark, f"not readable: {_plainly(error)}")
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        problems.add(Mark(path, line, 1), "holds a control character; delete it")
    except (yaml.YAMLError, ValueError) as error:
        # PyYAML itself fails with ValueError on a few malformed escapes and directives.
        problems.add(Mark(path), f"not readable as YAML: {error}")
    problems.raise_if_any()
    return None


def _opening_quote(error: yaml.MarkedYAMLError) -> yaml.Mark | None:
    """Where a text begins whose quote is never closed: it is found out at the end of the file."""
    unclosed = error.problem == "found unexpected end of stream"
    return error.context_mark if unclosed and "quoted" in str(error.context) else None


def _plainly(error: yaml.MarkedYAMLError) -> str:
    """PyYAML's message, with the cause that it nearly always has."""
    if _opening_quote(error):
        return "the quote that opens here is never closed"
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    if "mapping values are not allowed" in said:
        return f"{said}; a text that holds a colon must be quoted"
    if "'\\t'" in said:
        return f"{said}; indent with spaces, not tabs"
    if "expected ',' or '}'" in said or "expected ',' or ']'" in said:
        return f"{said}; a bracket is not closed, or a text that holds a comma is not quoted"
    if "but found another document" in said:
        return "a second document begins here (---); a file holds one"
    return said


class _Builder:
    """Turns nodes into plain data, noting where everything stands."""

    def __init__(self, document: Document, problems: Problems) -> None:
        self._document = document
        self._problems = problems

    def value(self, node: yaml.Node, place: Place) -> Any:
        """The data of one node."""
        self._document.values[place] = self._mark(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        if isinstance(node, yaml.SequenceNode):
            return [self.value(each, (*place, i)) for i, each in enumerate(node.value)]
        return self._scalar(node, place)

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            mark = self._mark(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                self._problems.add(mark, "a key must be a plain word")
                continue
            key = self._speakable(key_node.value, mark)
            if key in data:
                first = self._document.keys[(*place, key)].line
                self._problems.add(
                    mark, f"`{key}` stands here twice (first in line {first}); keep one"
                )
                continue
            self._document.keys[(*place, key)] = mark
            data[key] = self.value(value_node, (*place, key))
        return data

    def _scalar(self, node: yaml.Node, place: Place) -> Any:
        text = self._speakable(str(node.value), self._mark(node))
        if node.style is not None:  # type: ignore[attr-defined]
            return text
        self._document.plain[place] = text
        return _plain_value(text)

    def _speakable(self, text: str, mark: Mark) -> str:
        if _UNSPEAKABLE.search(text):
            self._problems.add(mark, "holds a control character; delete it")
        elif (unseen := _UNSEEN.search(text)) is not None:
            sign = f"U+{ord(unseen[0]):04X}"
            self._problems.add(mark, f"holds a sign that nobody sees ({sign}); write it anew")
        return text

    def _mark(self, node: yaml.Node) -> Mark:
        spot = node.start_mark
        return Mark(self._document.path, spot.line + 1, spot.column + 1)


def _plain_value(text: str) -> Any:
    """What an unquoted word is: nothing, true or false, a number, or text."""
    if text in _NULLS:
        return None
    if text.lower() in _TRUE | _FALSE:
        return text.lower() in _TRUE
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if isfinite(number) else text
    return text


def read_yaml(path: Path, error: type[UserError]) -> tuple[Document, Problems]:
    """Read a file and hand back an empty collector for what is found wrong later."""
    problems = Problems(error)
    return read_document(path, problems), problems


def is_file(path: Path) -> bool:
    """Whether a file is there; False too for a name that no file can have."""
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False
