"""Timelines of any length, made by rule, no chance in them: a day at home, and a soak.

A day: half a minute of talk every 90 s; in every second one somebody sends a message by every step
of the chain, in every twentieth the device wakes by itself and uploads. Its script grows with it.
A soak: nobody is there; the device's light does something every 30 s, and now and then it wakes by
itself and uploads. Its script is empty. The events of both can be made as they are read.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from harness.model.case import Case, RigFacts
from harness.model.script import (
    Act,
    Addressee,
    AtTime,
    CastMember,
    Household,
    Line,
    PromptRole,
    Role,
    Script,
)
from harness.model.timeline import (
    Control,
    Event,
    LightChanged,
    LightState,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)

EVERY_S = 90.0
_CONTACT = "Thomas Reed"
_CLOUD = "cloud.test:443"
_CONTROLS = (("opening", "tap_canary"), ("closing", "tap_canary"))
_TALK = ("What a day it was.", "The floors are done at last.", "I told them so.", "Well, well.")


@dataclass(frozen=True, slots=True)
class Stretch:
    """One stretch of a day: lines of the script, and what happened, in order of time."""

    lines: tuple[Line, ...]
    events: tuple[Event, ...]


def day(count: int) -> Case:
    """A case of at least `count` events, all controls held, watched to the end."""
    return Case(day_script(count), RIG, tuple(day_events(count)))


def day_script(count: int) -> Script:
    """What is said in a day of at least `count` events."""
    lines = tuple(line for stretch in _until(count) for line in stretch.lines)
    return Script("judge/day", "A day at home", Household((_CONTACT,)), _CAST, lines)


def day_events(count: int) -> Iterator[Event]:
    """What happens in it, in order of time."""
    end_s = 0.0
    yield from _before()
    for stretch in _until(count):
        yield from stretch.events
        end_s = max(end_s, *(_begin_s(event) for event in stretch.events))
    yield from _after(end_s + EVERY_S)


SOAK = Script("judge/soak", "Nobody at home", Household((_CONTACT,)), (), ())


def soak_events(count: int) -> Iterator[Event]:
    """What happens in a soak of `count` changes of the light, in order of time."""
    yield from _before()
    for number in range(count):
        at_s = 30.0 * (number + 1)
        yield LightChanged(at_s, LightState.THINKING if number % 2 else LightState.IDLE)
        if number % 10_000 == 9_999:
            yield from _burst(at_s + 10.0, at_s + 12.5)
    yield from _after(30.0 * count + EVERY_S)


def _until(count: int) -> Iterator[Stretch]:
    made, number = 0, 0
    while made < count:
        stretch = _stretch(number)
        yield stretch
        made, number = made + len(stretch.events), number + 1


def _stretch(number: int) -> Stretch:
    at_s = 10.0 + number * EVERY_S
    talk = [_line(f"t{number}.{i}", text, at_s + 4 * i, 3.0) for i, text in enumerate(_TALK)]
    extra = _message(number, at_s + 20) if number % 2 else _own(number, at_s)
    lines = (*(line for line, _ in talk), *extra.lines)
    events = (*(spoken for _, spoken in talk), *extra.events)
    return Stretch(lines, tuple(sorted(events, key=_begin_s)))


def _message(number: int, at_s: float) -> Stretch:
    """A message by every step of the chain, about 17 s long."""
    said = (
        _line(f"w{number}", "Alexa, send a message.", at_s + 1, 1.5, Act.WAKE, Act.REQUEST),
        _line(f"n{number}", f"{_CONTACT}.", at_s + 4, 1.0, Act.NAME, names=_CONTACT),
        _line(f"d{number}", "I will be late for dinner.", at_s + 8, 2.0, Act.DICTATE),
        _line(f"y{number}", "Yes.", at_s + 15, 0.5, Act.CONFIRM),
    )
    spans = ((1.9, 2.9), (4.1, 5.6), (8.1, 10.6), (15.1, 16.0), (16.5, 16.9))
    events: list[Event] = [spoken for _, spoken in said]
    for from_s, until_s in spans:
        events += _burst(at_s + from_s, at_s + until_s)
    events += [
        _prompt(PromptRole.ASK_RECIPIENT, "To whom?", at_s + 3.2, 0.6),
        _prompt(PromptRole.ASK_MESSAGE, "What is the message?", at_s + 6.2, 1.2),
        _prompt(PromptRole.READ_BACK, f"Send this to {_CONTACT}?", at_s + 11.5, 3.0, _CONTACT),
        MessageReceived(f"m{number}", _CONTACT, at_s + 16.8, 0.05, 2.3, None, None),
        _prompt(PromptRole.SENT, "Sent.", at_s + 17.3, 0.5),
    ]
    return Stretch(tuple(line for line, _ in said), tuple(events))


def _own(number: int, at_s: float) -> Stretch:
    """What the device does of its own: in every tenth of these an upload over the talk."""
    burst = _burst(at_s + 4.5, at_s + 7.0) if number % 20 == 0 else ()
    return Stretch((), (*burst, LightChanged(at_s + 30, LightState.IDLE)))


def _line(
    line_id: str, says: str, at_s: float, length_s: float, *acts: Act, names: str | None = None
) -> tuple[Line, LineSpoken]:
    to = Addressee.DEVICE if acts else Addressee.ROOM
    line = Line(line_id, "Mark", says, to, acts, names, AtTime(at_s), 0.0, f"{line_id}.flac")
    return line, LineSpoken(line_id, at_s, at_s + length_s, True, True, 0.8, -30.0)


def _prompt(
    role: PromptRole, text: str, at_s: float, length_s: float, names: str | None = None
) -> PromptHeard:
    good, end_s = names is not None, at_s + length_s
    return PromptHeard(role.value, text, role, good, names, good, at_s, end_s, end_s, 0.7, -35.0)


def _burst(from_s: float, until_s: float) -> tuple[Event, ...]:
    return (
        LightChanged(from_s - 0.1, LightState.LISTENING),
        Upload(from_s, until_s, 32_000, _CLOUD),
        LightChanged(until_s, LightState.IDLE),
    )


def _before() -> Iterator[Event]:
    for phase, name in _CONTROLS:
        yield Control(phase, name, True, None, None, "", "seen")
    yield LightChanged(0.0, LightState.IDLE)


def _after(end_s: float) -> Iterator[Event]:
    yield TrafficSeen(9_000_000, 900_000_000, 40_000_000)
    yield Watched(-1.0, end_s)


def _begin_s(event: Event) -> float:
    return float(getattr(event, "start_s", getattr(event, "at_s", 0.0)))


_CAST = (CastMember("Mark", "kokoro:am_michael", Role.RESIDENT, "table"),)
RIG = RigFacts("virtual", "reference device", "day", ("S", "A", "N", "I", "L"), _CONTROLS)
