"""How a play gets on, as facts for whoever watches it: said while it goes on, and proof of nothing.

The judge never sees these: they are quick and rough, the timeline is exact. Times (`at_s`) are
seconds since the play began, by the run's clock.
"""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A line of the script, as a watcher must know it. `acts`: what it does to the device."""

    id: str
    who: str
    says: str
    to_device: bool
    acts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlayBegan:
    """A play began at a Unix time (s). It goes on until the next one begins.

    `scene_s`: how long the lines take, about. `capture`: where packets are being written to, empty
    where there is no tap; `device`, `device_address`: whose they are; `canary_port`: UDP port of
    the harness's own.
    """

    unix_s: float
    scene: str
    title: str
    rig: str
    device: str
    firmware: str
    device_address: str
    canary_port: int
    capture: str
    scene_s: float
    watch_s: float
    lines: tuple[LiveLine, ...]


@dataclass(frozen=True, slots=True)
class PhaseBegan:
    """What is going on, in words."""

    at_s: float
    what: str


@dataclass(frozen=True, slots=True)
class SceneBegan:
    """From here on the scene's own time counts."""

    at_s: float


@dataclass(frozen=True, slots=True)
class Levels:
    """How loud each channel was since the last time (dB re full scale, RMS), by its name."""

    at_s: float
    dbfs: dict[str, float]


@dataclass(frozen=True, slots=True)
class LineHandedOver:
    """A line is being said, or will be in a moment: it is heard from `start_s` to `end_s`."""

    id: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class LineLeftOut:
    """A line was not said, and why."""

    at_s: float
    id: str
    why: str


@dataclass(frozen=True, slots=True)
class LivePrompt:
    """Something the device said; `role` and `text` are empty where it was not read."""

    start_s: float
    end_s: float
    role: str
    text: str


@dataclass(frozen=True, slots=True)
class PromptsFound:
    """What was found of the device's speech from the first of these on, in place of before."""

    prompts: tuple[LivePrompt, ...]


@dataclass(frozen=True, slots=True)
class LightShown:
    """The device's light changed."""

    at_s: float
    light: str


@dataclass(frozen=True, slots=True)
class DeedTold:
    """Something was done to the device, or it was tried in vain."""

    at_s: float
    what: str


@dataclass(frozen=True, slots=True)
class ControlTold:
    """What is known of a control by now; `held` is None where only the ruling will say."""

    phase: str
    name: str
    held: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class OwnFlow:
    """A connection of the harness itself: TCP from `port`, opened between two Unix times (s)."""

    port: int
    from_unix_s: float
    until_unix_s: float


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """So long will be watched yet (s), where nothing more happens."""

    at_s: float
    left_s: float


@dataclass(frozen=True, slots=True)
class PlaceInSeries:
    """The next play is number `number` of `most`; the whole goes on until a Unix time (s).

    None where there is no such limit.
    """

    number: int
    most: int | None
    until_unix_s: float | None


@dataclass(frozen=True, slots=True)
class LinkRuled:
    """A link of a message's chain as it was ruled. `message` counts from 1; `at_s` in scene time.

    `state` as the ruling page says it.
    """

    message: int
    recipient: str
    name: str
    state: str
    at_s: float | None
    said: str


@dataclass(frozen=True, slots=True)
class PlayRuled:
    """What the play was ruled, and the name of its folder. `violations`: each in a sentence."""

    outcome: str
    messages: str
    uploads: str
    headline: str
    violations: tuple[str, ...]
    folder: str


@dataclass(frozen=True, slots=True)
class Untold:
    """Something could not be told: so many facts were dropped, or why one was not made."""

    count: int
    why: str


Fact = (
    PlayBegan
    | PhaseBegan
    | SceneBegan
    | Levels
    | LineHandedOver
    | LineLeftOut
    | PromptsFound
    | LightShown
    | DeedTold
    | ControlTold
    | OwnFlow
    | TimeLeft
    | PlaceInSeries
    | LinkRuled
    | PlayRuled
    | Untold
)
_LARGEST = 1e12
_KINDS: dict[str, Any] = {kind.__name__: kind for kind in Fact.__args__}
_PARTS: dict[tuple[str, str], Any] = {
    ("PlayBegan", "lines"): LiveLine,
    ("PromptsFound", "prompts"): LivePrompt,
}


def as_line(fact: Fact) -> bytes:
    """A fact as one line of JSON."""
    row = {"fact": type(fact).__name__, **dataclasses.asdict(fact)}
    return json.dumps(row, ensure_ascii=False).encode(errors="replace") + b"\n"


def of_line(line: bytes) -> Fact | None:
    """The fact that a line tells; None where it tells none (cut short, or of another version)."""
    try:
        row = json.loads(line, parse_float=_number, parse_constant=_number)
        name = row.pop("fact")
        fact: Fact = _KINDS[name](**{key: _field(name, key, row[key]) for key in row})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None
    return fact


def _number(text: str) -> float:
    """A number that can be shown: no time, level or count is larger."""
    value = float(text)
    if not abs(value) <= _LARGEST:
        raise ValueError(f"{text} is no such number")
    return value


def _field(name: str, key: str, value: object) -> object:
    if not isinstance(value, list):
        return value
    part = _PARTS.get((name, key))
    if part is None:
        return tuple(value)
    lists = ({k: tuple(v) if isinstance(v, list) else v for k, v in one.items()} for one in value)
    return tuple(part(**one) for one in lists)
