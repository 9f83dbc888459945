"""The shapes of facts as JSON Schemas (draft 2020-12), with meaning and units.

What a field means is taken from the docstring of its dataclass, where a clause begins with the
field's name in backticks; its unit from the end of its name. Pure: shapes in, plain JSON out.
"""

import inspect
import re
from typing import Any

from harness.model.shape import (
    KIND,
    Choice,
    Fixed,
    Flag,
    Many,
    Nullable,
    Number,
    Record,
    Shape,
    Slot,
    Tagged,
    Text,
    Whole,
)

JsonSchema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_UNITS = {
    "_s": "seconds",
    "_ms": "milliseconds",
    "_db": "decibels",
    "_dba": "decibels (A)",
    "_hz": "hertz",
    "_ppm": "parts per million",
}
_SCALARS: dict[type, JsonSchema] = {
    Number: {"type": "number"},
    Whole: {"type": "integer"},
    Flag: {"type": "boolean"},
    Text: {"type": "string"},
}


def schema_of(shape: Shape, definitions: dict[str, JsonSchema]) -> JsonSchema:
    """The schema of a shape; dataclasses and enums go into `definitions`, under their names."""
    match shape:
        case Choice(kind):
            words = [member.value for member in kind]
            definitions[kind.__name__] = {"description": summary(kind), "enum": words}
            return _reference(kind)
        case Nullable(inner):
            return {"anyOf": [schema_of(inner, definitions), {"type": "null"}]}
        case Many(item):
            return {"type": "array", "items": schema_of(item, definitions)}
        case Fixed(items):
            return _fixed([schema_of(item, definitions) for item in items])
        case Tagged(records):
            for record in records.values():
                definitions[record.kind.__name__] = _object(record, definitions, tagged=True)
            return {"oneOf": [_reference(record.kind) for record in records.values()]}
        case Record(kind):
            definitions[kind.__name__] = _object(shape, definitions, tagged=False)
            return _reference(kind)
        case _:
            return dict(_SCALARS[type(shape)])


def _reference(kind: type) -> JsonSchema:
    return {"$ref": f"#/$defs/{kind.__name__}"}


def _fixed(items: list[JsonSchema]) -> JsonSchema:
    count = len(items)
    return {
        "type": "array",
        "prefixItems": items,
        "items": False,
        "minItems": count,
        "maxItems": count,
    }


def _object(record: Record, definitions: dict[str, JsonSchema], *, tagged: bool) -> JsonSchema:
    """A dataclass: closed, with everything required that has no default."""
    told = field_texts(record)
    properties = {
        name: _property(slot, told.get(name, ""), definitions)
        for name, slot in record.slots.items()
    }
    required = [name for name, slot in record.slots.items() if not slot.optional]
    if tagged:
        properties = {KIND: {"const": record.kind.__name__}, **properties}
        required = [KIND, *required]
    return {
        "description": summary(record.kind),
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _property(slot: Slot, told: str, definitions: dict[str, JsonSchema]) -> JsonSchema:
    """A field's schema, with what it means, its unit and its default."""
    schema = schema_of(slot.shape, definitions)
    described = ". ".join(part for part in (told, unit_of(slot)) if part)
    if described:
        schema["description"] = described
    if slot.optional:
        schema["default"] = slot.shape.encode(slot.default())
    return schema


def unit_of(slot: Slot) -> str:
    """The unit that a number's name ends in, in words; empty where it has none."""
    inner = slot.shape.inner if isinstance(slot.shape, Nullable) else slot.shape
    if not isinstance(inner, Number):
        return ""
    units = [unit for end, unit in _UNITS.items() if slot.field.name.endswith(end)]
    return f"In {units[0]}" if units else ""


def summary(kind: type) -> str:
    """The first paragraph of a class's docstring, on one line."""
    return " ".join(_docstring(kind).split("\n\n")[0].split())


def field_texts(record: Record) -> dict[str, str]:
    """What the docstring says of each field, by its name; fields it does not name are left out."""
    paragraphs = _docstring(record.kind).split("\n\n")
    names = "|".join(map(re.escape, record.slots))
    begins = re.compile(rf"(?:^|(?<=[.;] )|(?<=`, ))`({names})`")
    found: dict[str, str] = {}
    for paragraph in paragraphs:
        flat = " ".join(paragraph.split())
        starts = list(begins.finditer(flat))
        ends = [start.start() for start in starts[1:]] + [len(flat)]
        shared: list[str] = []
        for start, end in zip(starts, ends, strict=False):
            shared.append(start[1])
            text = flat[start.end() : end].strip(" :;,.")
            if text:
                found |= dict.fromkeys(shared, text)
                shared = []
    return found


def _docstring(kind: type) -> str:
    return inspect.getdoc(kind) or ""
