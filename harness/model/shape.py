"""The shapes that a fact can have in JSON; `harness.model.declared` finds that of a type.

One place says how a dataclass, a tuple, an enum or a number stands in a file. The codec
(`harness.model.record`) and the published schemas (`harness.model.schema`) both walk these shapes,
so that they cannot differ, and a new field or a new kind of event is in both at once.
"""

import math
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass
from enum import StrEnum
from typing import Any, Protocol

DECIMALS = 6
KIND = "kind"


class Misfit(Exception):  # noqa: N818 - caught by the record, which names the file
    """A value that does not fit its shape. `path` grows from the inside out."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.path = ""

    def inside(self, step: str) -> "Misfit":
        """The same misfit, seen from one level further out."""
        self.path = step + self.path
        return self


class Shape(Protocol):
    """What every shape can do. Both raise `Misfit`, which says where and what."""

    def encode(self, value: Any) -> Any:
        """`value` as plain JSON."""

    def decode(self, value: Any) -> Any:
        """The fact that plain JSON stands for."""


def _expected(what: str, value: object) -> Misfit:
    return Misfit(f"expected {what}, found {value!r}")


@dataclass(frozen=True, slots=True)
class Number:
    """A float: finite, kept to the microsecond, never a negative zero."""

    def encode(self, value: Any) -> float:
        """See `Shape`."""
        return self.decode(value)

    def decode(self, value: Any) -> float:
        """See `Shape`."""
        if type(value) is not float:
            value = self._as_float(value)
        if not math.isfinite(value):
            raise Misfit(f"{value} is not a number that can be judged")
        return float(round(value, DECIMALS) + 0.0)

    def _as_float(self, value: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _expected("float", value)
        try:
            return float(value)
        except OverflowError:
            raise Misfit("a number of that size cannot be judged") from None


@dataclass(frozen=True, slots=True)
class Whole:
    """An int. JSON knows no difference between 3 and 3.0, so both are read."""

    def encode(self, value: Any) -> int:
        """See `Shape`."""
        if type(value) is not int:
            raise _expected("int", value)
        return value

    def decode(self, value: Any) -> int:
        """See `Shape`."""
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return self.encode(value)


@dataclass(frozen=True, slots=True)
class Flag:
    """A bool."""

    def encode(self, value: Any) -> bool:
        """See `Shape`."""
        if not isinstance(value, bool):
            raise _expected("bool", value)
        return value

    decode = encode


@dataclass(frozen=True, slots=True)
class Text:
    """A str that can be written as UTF-8."""

    def encode(self, value: Any) -> str:
        """See `Shape`."""
        if not isinstance(value, str):
            raise _expected("str", value)
        if not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise Misfit("holds half a character (a lone surrogate)") from None
        return str(value)

    decode = encode


@dataclass(frozen=True, slots=True)
class Choice:
    """One of a closed set of words: a `StrEnum`."""

    kind: type[StrEnum]

    def encode(self, value: Any) -> str:
        """See `Shape`."""
        if not isinstance(value, self.kind):
            raise _expected(self.kind.__name__, value)
        return value.value

    def decode(self, value: Any) -> StrEnum:
        """See `Shape`."""
        known = self.kind._value2member_map_
        if not isinstance(value, str) or value not in known:
            raise Misfit(f"{value!r} is none of {', '.join(map(str, known))}")
        return self.kind(value)


@dataclass(frozen=True, slots=True)
class Nullable:
    """A shape, or null for None."""

    inner: Shape

    def encode(self, value: Any) -> Any:
        """See `Shape`."""
        return None if value is None else self.inner.encode(value)

    def decode(self, value: Any) -> Any:
        """See `Shape`."""
        return None if value is None else self.inner.decode(value)


@dataclass(frozen=True, slots=True)
class Many:
    """A tuple of any length, as a list."""

    item: Shape

    def encode(self, value: Any) -> list[Any]:
        """See `Shape`."""
        if not isinstance(value, tuple):
            raise _expected("a tuple", value)
        return _each(value, [self.item.encode] * len(value))

    def decode(self, value: Any) -> tuple[Any, ...]:
        """See `Shape`."""
        if not isinstance(value, list):
            raise _expected("a list", value)
        return tuple(_each(value, [self.item.decode] * len(value)))


@dataclass(frozen=True, slots=True)
class Fixed:
    """A tuple of given shapes, as a list."""

    items: tuple[Shape, ...]

    def encode(self, value: Any) -> list[Any]:
        """See `Shape`."""
        if not isinstance(value, tuple):
            raise _expected("a tuple", value)
        self._check(len(value))
        return _each(value, [item.encode for item in self.items])

    def decode(self, value: Any) -> tuple[Any, ...]:
        """See `Shape`."""
        if not isinstance(value, list):
            raise _expected("a list", value)
        self._check(len(value))
        return tuple(_each(value, [item.decode for item in self.items]))

    def _check(self, count: int) -> None:
        if count != len(self.items):
            raise Misfit(f"expected {len(self.items)} values, found {count}")


def _each(values: Any, turn: list[Callable[[Any], Any]]) -> list[Any]:
    """Every item turned by its own function; a misfit says which."""
    done: list[Any] = []
    try:
        for one, value in zip(turn, values, strict=True):
            done.append(one(value))
    except Misfit as misfit:
        raise misfit.inside(f"[{len(done)}]") from None
    return done


@dataclass(frozen=True, slots=True)
class Slot:
    """A field of a record. `optional`: it has a default, so that older files may lack it."""

    field: "Field[Any]"
    shape: Shape
    optional: bool

    def default(self) -> Any:
        """What an older file that lacks the field is taken to say."""
        made = self.field.default_factory
        return self.field.default if made is MISSING else made()


@dataclass(frozen=True, slots=True)
class Record:
    """A dataclass, as an object with its fields in declared order."""

    kind: type
    slots: dict[str, Slot]

    def encode(self, value: Any) -> dict[str, Any]:
        """See `Shape`."""
        if type(value) is not self.kind:
            raise _expected(self.kind.__name__, value)
        out: dict[str, Any] = {}
        for name, slot in self.slots.items():
            try:
                out[name] = slot.shape.encode(getattr(value, name))
            except Misfit as misfit:
                raise misfit.inside(f".{name}") from None
        return out

    def decode(self, value: Any) -> Any:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise _expected("an object", value)
        read: dict[str, Any] = {}
        for name, item in value.items():
            slot = self.slots.get(name)
            if slot is None:
                raise self._unknown(name)
            try:
                read[name] = slot.shape.decode(item)
            except Misfit as misfit:
                raise misfit.inside(f".{name}") from None
        if len(read) < len(self.slots):
            self._check_missing(read)
        return self.kind(**read)

    def _unknown(self, name: str) -> Misfit:
        return Misfit(
            f"{self.kind.__name__} has no {name!r}; this release knows {', '.join(self.slots)}"
        )

    def _check_missing(self, read: dict[str, Any]) -> None:
        for name, slot in self.slots.items():
            if name not in read and not slot.optional:
                raise Misfit(f"{self.kind.__name__} lacks {name!r}")


@dataclass(frozen=True, slots=True)
class Tagged:
    """One of several dataclasses, as an object whose `kind` says which."""

    records: dict[str, Record]

    def encode(self, value: Any) -> dict[str, Any]:
        """See `Shape`."""
        record = self.records.get(type(value).__name__)
        if record is None:
            raise _expected(" or ".join(self.records), value)
        return {KIND: record.kind.__name__, **record.encode(value)}

    def decode(self, value: Any) -> Any:
        """See `Shape`."""
        if not isinstance(value, dict):
            raise _expected("an object", value)
        tag = value.get(KIND)
        record = self.records.get(tag) if isinstance(tag, str) else None
        if record is None:
            raise Misfit(
                f"{KIND} {tag!r} is none of those that this release knows: "
                f"{', '.join(self.records)}"
            )
        return record.decode({name: item for name, item in value.items() if name != KIND})


def holds_numbers(shape: Shape) -> bool:
    """Whether a float can stand anywhere in a shape."""
    match shape:
        case Number():
            return True
        case Nullable(inner) | Many(inner):
            return holds_numbers(inner)
        case Fixed(items):
            return any(map(holds_numbers, items))
        case Record(_, slots):
            return any(holds_numbers(slot.shape) for slot in slots.values())
        case Tagged(records):
            return any(map(holds_numbers, records.values()))
        case _:
            return False
