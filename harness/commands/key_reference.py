"""Every key of a kind of file, as a table: written from the model that the file is held against."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

Schema = Mapping[str, Any]
_NUMBERS = {"minimum": "at least", "exclusiveMinimum": "over", "maximum": "at most",
            "exclusiveMaximum": "under"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A key: its place in the file (`device.prompts.folder`), what may stand there, what it is."""

    place: str
    kind: str
    default: str
    meaning: str


def keys_of(model: type[BaseModel]) -> list[Key]:
    """Every key of a model in the order in which it is written, each below what it is part of."""
    schema = model.model_json_schema()
    named = schema.get("$defs", {})
    # A model that holds itself stands among the named ones.
    root = named[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    return list(_keys(root, named, "", ()))


def key_table(model: type[BaseModel]) -> str:
    """The keys as a table in Markdown."""
    rows = ["| key | what may stand there | default | what it is |", "|---|---|---|---|"]
    for key in keys_of(model):
        cells = (f"`{key.place}`", key.kind, key.default, key.meaning)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def _keys(part: Schema, named: Schema, above: str, seen: tuple[str, ...]) -> Iterator[Key]:
    needed = part.get("required", ())
    for name, value in part.get("properties", {}).items():
        default = "needed" if name in needed else _shown(value.get("default"))
        meaning = " ".join(value.get("description", "").split())
        place = f"{above}{name}"
        yield Key(place, _kind(value, named), default, meaning)
        yield from _below(value, named, place, seen)


def _below(value: Schema, named: Schema, place: str, seen: tuple[str, ...]) -> Iterator[Key]:
    """The keys of whatever stands at a place, where it is a map or a list of maps."""
    for each in value.get("anyOf", value.get("oneOf", (value,))):
        if (reference := each.get("$ref")) is not None:
            name = reference.rpartition("/")[2]
            if name not in seen and "properties" in named[name]:
                yield from _keys(named[name], named, f"{place}.", (*seen, name))
        elif isinstance(each.get("additionalProperties"), dict):
            yield from _below(each["additionalProperties"], named, f"{place}.NAME", seen)
        elif isinstance(each.get("items"), dict):
            yield from _below(each["items"], named, f"{place}[]", seen)


def _kind(value: Schema, named: Schema) -> str:
    """What may stand there, in words."""
    choices = value.get("anyOf", value.get("oneOf"))
    if "properties" in value:
        return "a map"
    if choices is not None:
        kinds = [_kind(each, named) for each in choices if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if (reference := value.get("$ref")) is not None:
        return _kind(named[reference.rpartition("/")[2]], named)
    words = value.get("enum") or ([value["const"]] if "const" in value else None)
    if words:
        return ", ".join(f"`{word}`" for word in words)
    return _plain(value, named)


def _plain(value: Schema, named: Schema) -> str:
    kind = value.get("type", "anything")
    if kind == "array":
        items = value.get("items")
        return f"a list: {_kind(items, named)}" if isinstance(items, dict) else "a list"
    if kind in ("number", "integer"):
        bounds = [f"{word} {value[name]:g}" for name, word in _NUMBERS.items() if name in value]
        return " ".join(["a number" if kind == "number" else "a whole number", *bounds])
    return {"object": "a map", "string": "text", "boolean": "true or false"}.get(kind, str(kind))


def _shown(default: object) -> str:
    """A default as it would be written in a file; empty where there is none."""
    if default is None or default in ({}, [], ()):
        return ""
    if isinstance(default, bool):
        return str(default).lower()
    if isinstance(default, dict | list):
        return "see below" if isinstance(default, dict) else ", ".join(map(str, default))
    return f"{default}"
