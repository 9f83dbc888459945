"""Facts as JSON and back: strict when read, the same bytes every time when written.

Keys stand in the order in which the dataclasses declare them; floats are rounded to microseconds
(6 decimals); NaN and infinity are refused in both directions. A timeline is JSON Lines: a header
with the schema's version and the number of events, then one event a line (`docs/timeline.md`).
Pure: text in, text out; whoever calls does the reading and writing of files.
"""

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import is_dataclass, replace
from functools import cache
from operator import is_
from typing import Any, TypeVar, cast

from harness.errors import UserError
from harness.model.case import Case
from harness.model.cause import CauseRuling
from harness.model.declared import record_of, shape_of
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.series import SeriesRuling
from harness.model.shape import DECIMALS, Misfit, holds_numbers
from harness.model.timeline import Event

VERSION = 1
"""Of the timeline and of the ruling. It rises when an older file can no longer be read as it is;
a new field with a default and a new kind of event do not raise it (`docs/evidence.md`)."""
RULING_VERSION_KEY = "format"
T = TypeVar("T")


def rounded_s(value: float) -> float:
    """`value` as it will be read back: 6 decimals, and no negative zero."""
    return round(float(value), DECIMALS) + 0.0


def are_plain(values: Iterable[object]) -> bool:
    """Whether each is None or a finite number that rounding would surely not change.

    Many times quicker than rounding; what is very large or small may be rounded and yet not plain.
    """
    for value in values:
        if type(value) is float:
            if not -_LARGE < value < _LARGE:
                return False
            if (value * _UNITS + _TO_WHOLE - _TO_WHOLE) / _UNITS != value:
                return False
            if not value and math.copysign(1.0, value) < 0:
                return False
        elif value is not None and type(value) is not int:
            return False
    return True


_UNITS = 10.0**DECIMALS
_LARGE = 1e9
"""Below this a float tells units apart, so that counting them and going back is exact."""
_TO_WHOLE = 1.5 * 2.0**52
"""So near this floats are whole numbers: adding it and taking it away again rounds to the nearest,
of two the even one, exactly as `round` does and without a call."""


def rounded(fact: T) -> T:
    """`fact` with every float in it as it will be read back, so that a second reading changes
    nothing; the very same object where nothing is to be rounded. NaN and infinity pass through;
    writing them is refused.
    """
    if type(fact) in _UNROUNDED or isinstance(fact, (str, int)):
        return fact
    if isinstance(fact, float):
        if are_plain((fact,)):
            return fact
        near = rounded_s(fact)
        same = near == fact and math.copysign(1.0, near) == math.copysign(1.0, fact)
        return fact if same else cast(T, near)
    if isinstance(fact, tuple):
        items = tuple(map(rounded, fact))
        return fact if all(map(is_, items, fact)) else cast(T, items)
    if is_dataclass(fact) and not isinstance(fact, type):
        values = ((name, getattr(fact, name)) for name in numbers_in(type(fact)))
        pairs = ((name, old, rounded(old)) for name, old in values)
        changed = {name: new for name, old, new in pairs if new is not old}
        return cast(T, replace(fact, **changed)) if changed else fact
    return fact


_UNROUNDED = frozenset({type(None), str, int, bool})
"""Most of what stands in a record; asked first, since it costs least."""


@cache
def numbers_in(kind: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass in which a float can stand, in declared order."""
    slots = record_of(kind).slots
    return tuple(name for name, slot in slots.items() if holds_numbers(slot.shape))


def events_to_jsonl(events: Iterable[Event]) -> str:
    """A timeline as JSON Lines; `UserError` when an event holds NaN or infinity."""
    lines = [_compact(_encode(event, Event, "event")) for event in events]
    return "\n".join([header_of(len(lines)), *lines]) + "\n"


def header_of(count: int) -> str:
    """The first line of a timeline of `count` events, without its end."""
    return _compact({"timeline": VERSION, "events": count})


def events_from_jsonl(text: str) -> tuple[Event, ...]:
    """The timeline in `text`; `UserError` naming the line where it is not as it must be."""
    *lines, rest = text.split("\n")
    ends = [f"{line}\n" for line in lines]
    return tuple(events_from_lines([*ends, rest] if rest else ends))


def events_from_lines(lines: Iterable[str]) -> Iterator[Event]:
    """The events of a timeline one by one, so that a long one need never be held whole.

    `lines` keep their ends. Raises `UserError` as `events_from_jsonl` does, when it comes to it:
    nothing that was taken counts before the last event has been.
    """
    count, seen, whole = 0, 0, False
    for number, line in enumerate(lines, start=1):
        whole = line.endswith("\n")
        if number == 1:
            count = _header_count(line)
            continue
        if not whole:
            break
        seen += 1
        where = f"timeline line {number}"
        yield cast(Event, _decode(load(line, where), Event, where))
    if not whole:
        raise UserError("timeline: the last line is cut off; take the file from the run again")
    if seen != count:
        raise UserError(
            f"timeline: the header promises {count} events, the file holds {seen}; "
            "it was cut or edited, take it from the run again"
        )


def script_to_json(script: Script) -> str:
    """A script as indented JSON."""
    return _pretty(_encode(script, Script, "script"))


def script_from_json(text: str) -> Script:
    """The script in `text`; `UserError` naming the place that is not as it must be."""
    return cast(Script, _decode(load(text, "script"), Script, "script"))


def case_to_json(case: Case) -> str:
    """A whole case (script, rig, events) as indented JSON."""
    return _pretty(_encode(case, Case, "case"))


def case_from_json(text: str) -> Case:
    """The case in `text`; `UserError` naming the place that is not as it must be."""
    return cast(Case, _decode(load(text, "case"), Case, "case"))


def ruling_to_json(ruling: Ruling) -> str:
    """A ruling as indented JSON, its version first: the same bytes for the same ruling."""
    return _pretty({RULING_VERSION_KEY: VERSION, **_encode(ruling, Ruling, "ruling")})


def ruling_from_json(text: str) -> Ruling:
    """The ruling in `text`; `UserError` naming the place that is not as it must be."""
    content = load(text, "ruling")
    if isinstance(content, dict):
        # The first release wrote no version.
        version = content.pop(RULING_VERSION_KEY, VERSION)
        _check_version(version, "ruling")
    return cast(Ruling, _decode(content, Ruling, "ruling"))


def series_to_json(series: SeriesRuling) -> str:
    """The ruling of a series as indented JSON, the same bytes for the same ruling."""
    return _pretty(_encode(series, SeriesRuling, "series"))


def series_from_json(text: str) -> SeriesRuling:
    """The series in `text`; `UserError` naming the place that is not as it must be."""
    return cast(SeriesRuling, _decode(load(text, "series"), SeriesRuling, "series"))


def cause_to_json(cause: CauseRuling) -> str:
    """The ruling of a causal test as indented JSON, the same bytes for the same ruling."""
    return _pretty(_encode(cause, CauseRuling, "cause"))


def cause_from_json(text: str) -> CauseRuling:
    """The causal test in `text`; `UserError` naming the place that is not as it must be."""
    return cast(CauseRuling, _decode(load(text, "cause"), CauseRuling, "cause"))


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _pretty(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def load(text: str, where: str) -> object:
    """Strict JSON: `UserError`, naming `where`, for NaN, infinity, and a key that stands twice."""
    try:
        return cast(object, _STRICT.decode(text))
    except Misfit as misfit:
        raise UserError(f"{where}: {misfit}") from None
    except json.JSONDecodeError as error:
        raise UserError(
            f"{where}: not JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from error
    except RecursionError:
        raise UserError(f"{where}: nested too deep to be a record of a run") from None
    except ValueError as error:  # a number of thousands of digits
        raise UserError(f"{where}: {error}") from error


def _no_constant(constant: str) -> object:
    raise Misfit(f"{constant} is not a number that can be judged")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = min(key for key in found if keys.count(key) > 1)
        raise Misfit(f"{twice!r} stands there twice; keep one")
    return found


_STRICT = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_unique)


def _header_count(line: str) -> int:
    header = load(line, "timeline line 1")
    if not isinstance(header, dict) or set(header) != {"timeline", "events"}:
        raise UserError(
            'timeline line 1: expected the header {"timeline": 1, "events": COUNT}; '
            "is this a timeline of a run?"
        )
    _check_version(header["timeline"], "timeline line 1")
    return cast(int, _decode(header["events"], int, "timeline line 1: events"))


def _check_version(version: object, where: str) -> None:
    if isinstance(version, bool) or version != VERSION:
        raise UserError(
            f"{where}: schema version {version!r}, this program reads {VERSION}; "
            "use the release that wrote it"
        )


def _encode(value: object, declared: Any, where: str) -> Any:
    try:
        return shape_of(declared).encode(value)
    except Misfit as misfit:
        raise UserError(f"{where}{misfit.path}: {misfit}; it cannot be written") from None


def _decode(value: object, declared: Any, where: str) -> object:
    try:
        return shape_of(declared).decode(value)
    except Misfit as misfit:
        raise UserError(f"{where}{misfit.path}: {misfit}") from None
