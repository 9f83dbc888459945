"""Holds data against a pydantic model and says what is wrong in words a person understands."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, RootModel, ValidationError

from harness.forms.problems import Problems, closest, did_you_mean, listed, quoted
from harness.forms.yaml_positions import Document, Place

M = TypeVar("M", bound=BaseModel)


class StrictModel(BaseModel):
    """Base of everything read from a person's file: nothing unknown, nothing guessed, frozen."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def validated(model: type[M], document: Document, problems: Problems) -> M | None:
    """The document as `model`. Adds a problem for each thing wrong.

    Unknown keys alone do not stop it: they are noted, left out, and the rest is still returned,
    so that what it means can be checked in the same go. None where more is wrong than that.
    """
    data = document.data
    for _ in range(2):
        try:
            # By way of JSON, since pydantic's strictness there is what YAML needs: a list may
            # become a tuple and a word an enum, but no word becomes a number.
            return model.model_validate_json(json.dumps(data))
        except ValidationError as caught:
            errors = _causes(caught.errors(include_url=False))
            for error in errors:
                _note(error, model, document, problems)
            if any(error["type"] != "extra_forbidden" for error in errors):
                return None
            data = _without(data, [error["loc"] for error in errors])
    return None


def _causes(errors: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Errors that are not mere echoes: a list is not too short since its entries are wrong."""

    def echo(error: Mapping[str, Any]) -> bool:
        place = error["loc"]
        return error["type"] == "too_short" and any(
            len(other["loc"]) > len(place) and other["loc"][: len(place)] == place
            for other in errors
        )

    return [error for error in errors if not echo(error)]


def _note(
    error: Mapping[str, Any], model: type[BaseModel], document: Document, problems: Problems
) -> None:
    place: Place = tuple(part for part in error["loc"] if part != "[key]")
    if error["type"] not in ("missing", "extra_forbidden"):
        while place and place not in document.values:  # one act, where the model sees a list
            place = place[:-1]
    kind = error["type"]
    if kind == "extra_forbidden":
        known = known_keys(model, place[:-1], document.data)
        what = f"`{place[-1]}` is not a key here{did_you_mean(str(place[-1]), known)}"
        problems.add(document.key_mark(place), what)
    elif kind == "missing" and isinstance(place[-1], str):
        problems.add(document.mark(place[:-1]), f"{_around(place[:-1])}`{place[-1]}` is missing")
    elif kind == "missing":
        problems.add(document.mark(place[:-1]), f"{_subject(place[:-1])} has too few entries")
    else:
        said = _said(error, place, document)
        problems.add(document.mark(place), f"{_subject(place)} {said}")


def _around(place: Place) -> str:
    """Which part of the file, for a key that is not there."""
    name = next((part for part in reversed(place) if isinstance(part, str)), None)
    if name is None:
        return ""
    return f"in an entry of `{name}`, " if isinstance(place[-1], int) else f"in `{name}`, "


def _subject(place: Place) -> str:
    name = next((part for part in reversed(place) if isinstance(part, str)), None)
    if name is None:
        return "the file" if not place else "an entry"
    return f"an entry of `{name}`" if isinstance(place[-1], int) else f"`{name}`"


def _limit(word: str, key: str) -> Callable[[Mapping[str, Any]], str]:
    return lambda error: f"is {quoted(error['input'])}; it must be {word} {error['ctx'][key]}"


_SAID: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than_equal": _limit("at least", "ge"),
    "greater_than": _limit("more than", "gt"),
    "less_than_equal": _limit("at most", "le"),
    "less_than": _limit("less than", "lt"),
    "too_short": lambda error: f"needs at least {error['ctx']['min_length']} entries",
    "too_long": lambda error: f"may have at most {error['ctx']['max_length']} entries",
    "string_too_short": lambda error: "is empty; write something or leave the key out",
    "string_too_long": lambda error: f"is longer than {error['ctx']['max_length']} characters",
    "value_error": lambda error: str(error["ctx"]["error"]),
}
_WANTED = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "tuple_type": "a list",
    "dict_type": "a map of `key: value`",
    "model_type": "a map of `key: value`",
}


def _said(error: Mapping[str, Any], place: Place, document: Document) -> str:
    """The predicate of the message about the value at `place`."""
    kind = error["type"]
    if kind in _SAID:
        return _SAID[kind](error)
    if kind in ("enum", "literal_error"):
        choices = [word.strip("'") for word in re.split(r", | or ", error["ctx"]["expected"])]
        value = document.plain.get(place, error["input"])
        return (
            f"is {quoted(value)}; it must be one of {listed(choices)}{closest(str(value), choices)}"
        )
    if kind in _WANTED:
        return _wrong_kind(kind, error["input"], document.plain.get(place))
    return f"is not right: {error['msg']}"


def _wrong_kind(kind: str, value: object, raw: str | None) -> str:
    wanted = _WANTED[kind]
    if value is None:
        return f"has no value; it must be {wanted}"
    if kind == "string_type" and isinstance(value, bool):
        return f'must be text, but YAML reads {raw} as true or false; quote it: "{raw}"'
    if kind == "string_type" and isinstance(value, int | float):
        return f'must be text, but YAML reads {raw} as a number; quote it: "{raw}"'
    if isinstance(value, dict):
        return f"must be {wanted}, not a map (is a line indented too far?)"
    if isinstance(value, list):
        return f"must be {wanted}, not a list"
    if isinstance(value, str) and kind in ("float_type", "int_type"):
        return f"must be {wanted}, not the text {quoted(value)}"
    return f"must be {wanted}, not {quoted(value)}"


def _without(data: Any, places: list[Any]) -> Any:
    """A copy of the data with the keys at those places left out."""
    copy = json.loads(json.dumps(data))
    for place in places:
        parent = copy
        for part in place[:-1]:
            parent = parent[part]
        del parent[place[-1]]
    return copy


def known_keys(model: type[BaseModel], place: Place, data: Any = None) -> list[str]:
    """The keys that the model knows at a place; empty where no map of fixed keys stands there.

    `data`: the document's; where one of several models may stand, it tells which is meant.
    """
    current: Any = model
    if issubclass(model, RootModel):
        current = model.model_fields["root"].annotation
    for part in place:
        data = _at(data, part)
        if isinstance(current, type) and issubclass(current, BaseModel):
            known = current.model_fields.get(str(part))
            current = _bare(known.annotation, data) if known else None
        else:
            arguments = get_args(current)
            which = 0 if get_origin(current) is tuple else -1
            current = _bare(arguments[which], data) if arguments else None
    if isinstance(current, type) and issubclass(current, BaseModel):
        return list(current.model_fields)
    return []


def _at(data: Any, part: str | int) -> Any:
    """The value below `data`, None where there is none."""
    try:
        return data[part]
    except (KeyError, IndexError, TypeError):
        return None


def _bare(annotation: Any, data: Any) -> Any:
    """An annotation without `Annotated` and `None`; of several models the one most like `data`."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _bare(get_args(annotation)[0], data)
    if origin in (Union, UnionType):
        inner = [each for each in get_args(annotation) if each is not type(None)]
        return _bare(max(inner, key=lambda each: _likeness(each, data)), data)
    return annotation


def _likeness(annotation: Any, data: Any) -> int:
    """How many of the data's keys a model has."""
    if not (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return 0
    return len(set(annotation.model_fields) & set(data)) if isinstance(data, dict) else 0
