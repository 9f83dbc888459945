"""Facts as JSON and back: strict when read, the same bytes every time when written.

Keys stand in the order in which the dataclasses declare them; floats are rounded to microseconds
(6 decimals); NaN and infinity are refused in both directions. A timeline is JSON Lines: a header
with the schema's version and the number of events, then one event a line (`docs/timeline.md`).
Pure: text in, text out; whoever calls does the reading and writing of files.
"""

import json
import math
import types
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from harness.errors import UserError
from harness.model.case import Case
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.series import SeriesRuling
from harness.model.timeline import Event

VERSION = 1
DECIMALS = 6
_KIND = "kind"
_EVENTS: tuple[type, ...] = get_args(Event)
T = TypeVar("T")


def rounded_s(value: float) -> float:
    """`value` as it will be read back: 6 decimals, and no negative zero."""
    return round(float(value), DECIMALS) + 0.0


def rounded(fact: T) -> T:
    """`fact` with every float in it as it will be read back, so that a second reading changes
    nothing. NaN and infinity pass through; writing them is refused.
    """
    if isinstance(fact, float):
        return cast(T, rounded_s(fact))
    if isinstance(fact, tuple):
        return cast(T, tuple(rounded(item) for item in fact))
    if is_dataclass(fact) and not isinstance(fact, type):
        values = {f.name: rounded(getattr(fact, f.name)) for f in fields(fact)}
        return cast(T, type(fact)(**values))
    return fact


def events_to_jsonl(events: Iterable[Event]) -> str:
    """A timeline as JSON Lines; `UserError` when an event holds NaN or infinity."""
    lines = [_compact(_encode(event, Event, "event")) for event in events]
    header = _compact({"timeline": VERSION, "events": len(lines)})
    return "\n".join([header, *lines]) + "\n"


def events_from_jsonl(text: str) -> tuple[Event, ...]:
    """The timeline in `text`; `UserError` naming the line where it is not as it must be."""
    header, *lines = text.split("\n")
    count = _header_count(header)
    if not lines or lines[-1] != "":
        raise UserError("timeline: the last line is cut off; take the file from the run again")
    del lines[-1]
    if len(lines) != count:
        raise UserError(
            f"timeline: the header promises {count} events, the file holds {len(lines)}; "
            "it was cut or edited, take it from the run again"
        )
    decoded = (
        _decode(_load(line, f"timeline line {number}"), Event, f"timeline line {number}")
        for number, line in enumerate(lines, start=2)
    )
    return cast(tuple[Event, ...], tuple(decoded))


def script_to_json(script: Script) -> str:
    """A script as indented JSON."""
    return _pretty(_encode(script, Script, "script"))


def script_from_json(text: str) -> Script:
    """The script in `text`; `UserError` naming the place that is not as it must be."""
    return cast(Script, _decode(_load(text, "script"), Script, "script"))


def case_to_json(case: Case) -> str:
    """A whole case (script, rig, events) as indented JSON."""
    return _pretty(_encode(case, Case, "case"))


def case_from_json(text: str) -> Case:
    """The case in `text`; `UserError` naming the place that is not as it must be."""
    return cast(Case, _decode(_load(text, "case"), Case, "case"))


def ruling_to_json(ruling: Ruling) -> str:
    """A ruling as indented JSON, the same bytes for the same ruling."""
    return _pretty(_encode(ruling, Ruling, "ruling"))


def ruling_from_json(text: str) -> Ruling:
    """The ruling in `text`; `UserError` naming the place that is not as it must be."""
    return cast(Ruling, _decode(_load(text, "ruling"), Ruling, "ruling"))


def series_to_json(series: SeriesRuling) -> str:
    """The ruling of a series as indented JSON, the same bytes for the same ruling."""
    return _pretty(_encode(series, SeriesRuling, "series"))


def series_from_json(text: str) -> SeriesRuling:
    """The series in `text`; `UserError` naming the place that is not as it must be."""
    return cast(SeriesRuling, _decode(_load(text, "series"), SeriesRuling, "series"))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _load(text: str, where: str) -> object:
    def refuse(constant: str) -> object:
        raise UserError(f"{where}: {constant} is not a number that can be judged")

    def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
        keys = [key for key, _ in pairs]
        twice = sorted({key for key in keys if keys.count(key) > 1})
        if twice:
            raise UserError(f"{where}: {twice[0]!r} stands there twice; keep one")
        return dict(pairs)

    try:
        return cast(object, json.loads(text, parse_constant=refuse, object_pairs_hook=unique))
    except json.JSONDecodeError as error:
        raise UserError(
            f"{where}: not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error


def _header_count(line: str) -> int:
    header = _load(line, "timeline line 1")
    if not isinstance(header, dict) or set(header) != {"timeline", "events"}:
        raise UserError(
            'timeline line 1: expected the header {"timeline": 1, "events": COUNT}; '
            "is this a timeline of a run?"
        )
    if header["timeline"] != VERSION:
        raise UserError(
            f"timeline line 1: schema version {header['timeline']!r}, this program reads "
            f"{VERSION}; use the release that wrote it"
        )
    return cast(int, _decode(header["events"], int, "timeline line 1: events"))


# --- writing: driven by the declared types, so that 5 in a float field is always 5.0 -------------


def _encode(value: object, declared: Any, where: str) -> object:
    options = _options(declared)
    if value is None and type(None) in options:
        return None
    if get_origin(options[0]) is tuple:
        return _encode_tuple(value, options[0], where)
    if is_dataclass(value) and not isinstance(value, type):
        return _encode_dataclass(value, tagged=len(_dataclasses(options)) > 1, where=where)
    if float in options and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _finite(float(value), where)
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, (str, bool, int)) and type(value) in options:
        return value
    raise UserError(f"{where}: {value!r} cannot be written as {_name(declared)}")


def _encode_tuple(value: object, declared: Any, where: str) -> list[object]:
    if not isinstance(value, tuple):
        raise UserError(f"{where}: expected a tuple, found {value!r}")
    kinds = _item_types(declared, len(value), where)
    pairs = zip(value, kinds, strict=True)
    return [_encode(item, kind, f"{where}[{i}]") for i, (item, kind) in enumerate(pairs)]


def _encode_dataclass(value: Any, *, tagged: bool, where: str) -> dict[str, object]:
    hints = get_type_hints(type(value))
    out: dict[str, object] = {_KIND: type(value).__name__} if tagged else {}
    for field in fields(value):
        place = f"{where}.{field.name}"
        out[field.name] = _encode(getattr(value, field.name), hints[field.name], place)
    return out


# --- reading -------------------------------------------------------------------------------------


def _decode(value: object, declared: Any, where: str) -> object:
    options = _options(declared)
    if value is None and type(None) in options:
        return None
    if get_origin(options[0]) is tuple:
        return _decode_tuple(value, options[0], where)
    if _dataclasses(options):
        return _decode_dataclass(value, _dataclasses(options), where)
    if isinstance(value, bool) and bool not in options:
        raise UserError(f"{where}: expected {_name(declared)}, found {value!r}")
    if float in options and isinstance(value, (int, float)):
        return _finite(float(value), where)
    for option in options:
        if isinstance(option, type) and issubclass(option, StrEnum):
            return _decode_enum(value, option, where)
    if type(value) in options:
        return value
    raise UserError(f"{where}: expected {_name(declared)}, found {value!r}")


def _decode_tuple(value: object, declared: Any, where: str) -> tuple[object, ...]:
    if not isinstance(value, list):
        raise UserError(f"{where}: expected a list, found {value!r}")
    kinds = _item_types(declared, len(value), where)
    pairs = zip(value, kinds, strict=True)
    return tuple(_decode(item, kind, f"{where}[{i}]") for i, (item, kind) in enumerate(pairs))


def _decode_enum(value: object, kind: type[StrEnum], where: str) -> StrEnum:
    known = {member.value: member for member in kind}
    if not isinstance(value, str) or value not in known:
        raise UserError(f"{where}: {value!r} is none of {', '.join(known)}")
    return known[value]


def _decode_dataclass(value: object, kinds: tuple[type, ...], where: str) -> object:
    if not isinstance(value, dict):
        raise UserError(f"{where}: expected an object, found {value!r}")
    kind = kinds[0] if len(kinds) == 1 else _tagged(value, kinds, where)
    given = {k: v for k, v in value.items() if len(kinds) == 1 or k != _KIND}
    _check_keys(given, kind, where)
    hints = get_type_hints(kind)
    read = {k: _decode(v, hints[k], f"{where}.{k}") for k, v in given.items()}
    make = cast(Callable[..., object], kind)
    return make(**read)


def _tagged(value: Mapping[str, object], kinds: tuple[type, ...], where: str) -> type:
    known = {kind.__name__: kind for kind in kinds}
    tag = value.get(_KIND)
    if not isinstance(tag, str) or tag not in known:
        raise UserError(f"{where}: {_KIND} {tag!r} is none of {', '.join(known)}")
    return known[tag]


def _check_keys(given: Mapping[str, object], kind: type, where: str) -> None:
    declared = {f.name: f for f in fields(kind)}
    unknown = sorted(set(given) - set(declared))
    if unknown:
        raise UserError(
            f"{where}: {kind.__name__} has no {unknown[0]!r}; it has {', '.join(declared)}"
        )
    missing = [
        name
        for name, f in declared.items()
        if name not in given and f.default is MISSING and f.default_factory is MISSING
    ]
    if missing:
        raise UserError(f"{where}: {kind.__name__} lacks {missing[0]!r}")


# --- types ---------------------------------------------------------------------------------------


def _options(declared: Any) -> tuple[Any, ...]:
    if get_origin(declared) in (Union, types.UnionType):
        return get_args(declared)
    return (declared,)


def _dataclasses(options: tuple[Any, ...]) -> tuple[type, ...]:
    return tuple(o for o in options if isinstance(o, type) and is_dataclass(o))


def _item_types(declared: Any, count: int, where: str) -> tuple[Any, ...]:
    args = get_args(declared)
    if len(args) == 2 and args[1] is Ellipsis:
        return (args[0],) * count
    if len(args) != count:
        raise UserError(f"{where}: expected {len(args)} values, found {count}")
    return args


def _finite(value: float, where: str) -> float:
    if not math.isfinite(value):
        raise UserError(f"{where}: {value} is not a number that can be judged")
    return rounded_s(value)


def _name(declared: Any) -> str:
    names = [getattr(option, "__name__", str(option)) for option in _options(declared)]
    return " or ".join("null" if name == "NoneType" else name for name in names)
