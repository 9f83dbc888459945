"""Shapes of types, their schemas, and what a reader must survive."""

from dataclasses import dataclass
from enum import StrEnum

import pytest

from harness.errors import UserError
from harness.model import record
from harness.model.declared import record_of, shape_of
from harness.model.schema import field_texts, schema_of
from harness.model.shape import Record


class Colour(StrEnum):
    """A colour."""

    RED = "red"


@dataclass(frozen=True)
class Thing:
    """A thing.

    `at_s`: when it was seen, by anybody; on the run's clock. `pair`, `other`: two numbers,
    `at_s` not among them. `colour` of it.
    """

    at_s: float
    pair: tuple[int, float]
    other: int | None
    colour: Colour = Colour.RED


@dataclass(frozen=True)
class Other:
    kind: str


def test_the_docstring_says_what_fields_mean() -> None:
    shape = shape_of(Thing)
    assert isinstance(shape, Record)
    assert field_texts(shape) == {
        "at_s": "when it was seen, by anybody; on the run's clock",
        "pair": "two numbers, `at_s` not among them",
        "other": "two numbers, `at_s` not among them",
        "colour": "of it",
    }


def test_a_new_dataclass_needs_nothing_more() -> None:
    definitions: dict[str, dict[str, object]] = {}
    assert schema_of(record_of(Thing), definitions) == {"$ref": "#/$defs/Thing"}
    thing = definitions["Thing"]
    assert thing["required"] == ["at_s", "pair", "other"]
    assert thing["properties"]["colour"]["default"] == "red"  # type: ignore[index]
    shape = shape_of(Thing)
    value = Thing(1.0, (2, 3.0), None)
    assert shape.decode(shape.encode(value)) == value
    assert shape.decode({"at_s": 1, "pair": [2.0, 3], "other": None}) == value


@pytest.mark.parametrize("declared", [dict, Thing | int, bytes, Thing | Other])
def test_a_type_without_a_form_is_told_at_once(declared: object) -> None:
    with pytest.raises(TypeError):
        shape_of(declared)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("[" * 100_000, "nested too deep"),
        ('{"kind": "Interrupted", "at_s": 1' + "0" * 400 + ', "reason": ""}', "of that size"),
        ('{"kind": "Interrupted", "at_s": 1' + "0" * 5000 + ', "reason": ""}', "digits"),
        ('{"kind": "Interrupted", "at_s": 1.0, "reason": "\\ud800"}', "lone surrogate"),
    ],
)
def test_a_trap_is_refused_with_its_line(line: str, word: str) -> None:
    with pytest.raises(UserError, match="timeline line 2") as caught:
        record.events_from_jsonl(f"{record.header_of(1)}\n{line}\n")
    assert word in str(caught.value)


def test_a_line_separator_inside_a_text_ends_no_line() -> None:
    line = '{"kind": "Interrupted", "at_s": 1.0, "reason": "a\u2028b\u0085c"}'
    (event,) = record.events_from_jsonl(f"{record.header_of(1)}\n{line}\n")
    assert event.reason == "a\u2028b\u0085c"  # type: ignore[union-attr]
