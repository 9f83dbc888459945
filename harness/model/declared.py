"""The shape of a fact in JSON, taken from its declared type."""

import types
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Union, get_args, get_origin, get_type_hints

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


@cache
def shape_of(declared: Any) -> Shape:
    """The shape of a declared type; `TypeError` for one that has none."""
    options = _options(declared)
    bare = tuple(option for option in options if option is not types.NoneType)
    if len(bare) < len(options):
        return Nullable(shape_of(Union[bare]))  # noqa: UP007 - built from a tuple
    if len(bare) > 1:
        return _tagged(bare)
    return _single(declared)


def _tagged(options: tuple[Any, ...]) -> Tagged:
    records = {option.__name__: record_of(option) for option in options}
    for name, record in records.items():
        if KIND in record.slots:
            raise TypeError(f"{name} stands among others, so no field of it may be called {KIND!r}")
    return Tagged(records)


def _single(declared: Any) -> Shape:
    if get_origin(declared) is tuple:
        return _tuple(get_args(declared))
    if is_dataclass(declared) and isinstance(declared, type):
        return record_of(declared)
    if isinstance(declared, type) and issubclass(declared, StrEnum):
        return Choice(declared)
    if declared in _SCALARS:
        return _SCALARS[declared]
    raise TypeError(
        f"{declared!r} has no form in JSON; use one of the types in harness.model.shape"
    )


_SCALARS: dict[Any, Shape] = {float: Number(), int: Whole(), bool: Flag(), str: Text()}


def _tuple(items: tuple[Any, ...]) -> Shape:
    if len(items) == 2 and items[1] is Ellipsis:
        return Many(shape_of(items[0]))
    return Fixed(tuple(shape_of(item) for item in items))


@cache
def record_of(kind: type) -> Record:
    """The shape of a dataclass; `TypeError` for any other type."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind!r} is no dataclass, so it has no form among others in JSON")
    hints = get_type_hints(kind)
    return Record(kind, {f.name: _slot(f, hints[f.name]) for f in fields(kind)})


def _slot(field: "Field[Any]", declared: Any) -> Slot:
    optional = field.default is not MISSING or field.default_factory is not MISSING
    return Slot(field, shape_of(declared), optional)


def _options(declared: Any) -> tuple[Any, ...]:
    if get_origin(declared) in (Union, types.UnionType):
        return get_args(declared)
    return (declared,)
