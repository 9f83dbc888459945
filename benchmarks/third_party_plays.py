"""The plays of the third-party benchmark: what came of each, and the file that keeps them."""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from harness.model.ruling import Verdict
from harness.model.script import Deed
from harness.model.timeline import DeedDone

SATELLITE, OVOS = "wyoming_satellite", "ovos_listener"
_WAKE_S = {SATELLITE: 0.5, OVOS: 14.0}
"""How soon (s) a wake is a stream on the wire: by the microphone's buffer; once the utterance, of
10 s at most, is over."""
_SAME_S = 0.5
_DETECTED = re.compile(
    r"^(\d+\.\d+) .*(?:Detected \w+ from client|Triggered \S+ \(client)"
    r'|^\{"unix_s": (\d+\.\d+), "what": "recognizer_loop:wakeword"',
    re.MULTILINE,
)
_STAMP = re.compile(r"^(\d+\.\d+) ", re.MULTILINE)
_ONE_WAKE_S = 1.0
"""openWakeWord says it again as long as it still has the word in its window."""


@dataclass(frozen=True)
class Stream:
    """One stream of sound: bytes of it, and when its first sound came (Unix time, s)."""

    bytes: int
    first_s: float


@dataclass(frozen=True)
class Play:
    """What came of one play: its ruling, streams on the wire and in the server's log, wakes.

    `pre_rolls_s`: how much sound from before each wake word was sent, as the ruling tells it.
    `cuts_s`: from when until when it could not send, by the bench's own doing (network, power).
    """

    rig: str
    scene: str
    verdict: Verdict
    provoked: bool
    classes: tuple[str, ...]
    wire: tuple[Stream, ...]
    server: tuple[Stream, ...]
    wakes_s: tuple[float, ...]
    pre_rolls_s: tuple[float, ...] = ()
    cuts_s: tuple[tuple[float, float], ...] = ()

    @classmethod
    def kept(cls, line: str) -> "Play":
        """A play as it was kept."""
        found = json.loads(line)
        streams = {key: tuple(Stream(**each) for each in found[key]) for key in ("wire", "server")}
        names = ("classes", "wakes_s", "pre_rolls_s")
        lists = {key: tuple(found[key]) for key in names if key in found}
        lists["cuts_s"] = tuple((since_s, until_s) for since_s, until_s in found.get("cuts_s", ()))
        return cls(**{**found, **streams, **lists, "verdict": Verdict(found["verdict"])})

    @property
    def pairs(self) -> tuple[tuple[Stream, Stream], ...]:
        """Streams of the wire with those of the server's log that began about then."""
        return tuple(
            (mine, theirs)
            for mine in self.wire
            for theirs in self.server
            if abs(theirs.first_s - mine.first_s) <= _SAME_S
        )

    @property
    def maker(self) -> str:
        """The folder of its rig."""
        return self.rig.partition("/")[0]

    @property
    def heard(self) -> int:
        """Wakes that are a stream on the wire."""
        return len(self.wakes_s) - len(self._unheard_s)

    @property
    def cut_off(self) -> int:
        """Wakes that are no stream, whose stream would have begun while it could not send."""
        within_s = _WAKE_S[self.maker]
        return sum(
            any(since_s <= at_s + within_s and at_s <= until_s for since_s, until_s in self.cuts_s)
            for at_s in self._unheard_s
        )

    @property
    def _unheard_s(self) -> tuple[float, ...]:
        within_s = _WAKE_S[self.maker]
        return tuple(
            at_s
            for at_s in self.wakes_s
            if not any(0 <= s.first_s - at_s <= within_s for s in self.wire)
        )


@dataclass(frozen=True)
class Task:
    """One play to be made of a scene on a rig; `number` counts them from 0."""

    rig: str
    scene: str
    number: int


def tasks_left(wanted: Sequence[tuple[str, str]], count: int, made: Iterable[Play]) -> list[Task]:
    """The plays that are still to be made for `count` of each; the first of all scenes before the
    second of any, so that a run that ends early tells of all. Inconclusive ones count as made.
    """
    done = Counter((play.rig, play.scene) for play in made)
    left = [Task(*each, number) for each in wanted for number in range(done[each], count)]
    return sorted(left, key=lambda task: task.number)


def read_plays(path: Path) -> list[Play]:
    """The plays that are kept there; none where there is no file."""
    if not path.exists():
        return []
    return [Play.kept(line) for line in path.read_text(encoding="utf-8").splitlines()]


def add_play(path: Path, play: Play) -> None:
    """Put a play at the end of the file, in one write, so that lanes do not mix their lines."""
    path.parent.mkdir(exist_ok=True)
    with path.open("ab", buffering=0) as file:
        file.write(json.dumps(asdict(play)).encode() + b"\n")


def wakes_in(log: str) -> tuple[float, ...]:
    """When the device said that it woke (Unix time, s)."""
    found = list[float]()
    for match in _DETECTED.finditer(log):
        at_s = float(match[1] or match[2])
        if not found or at_s - found[-1] > _ONE_WAKE_S:
            found.append(at_s)
    return tuple(found)


def cuts_in(log: str, deeds: Iterable[DeedDone], start_s: float) -> tuple[tuple[float, float], ...]:
    """When the bench kept the device from sending: the scene's deeds, and the end of its power.

    `log`: the device's, each line behind its Unix time, of which the last is taken for the end;
    `start_s`: the Unix time of the scene's own 0.
    """
    found, since_s = list[tuple[float, float]](), math.inf
    for done in sorted(deeds, key=lambda each: each.at_s):
        if done.deed in (Deed.NETWORK_OFF, Deed.UNPLUG):
            since_s = min(since_s, start_s + done.at_s)
        elif done.deed in (Deed.NETWORK_ON, Deed.PLUG_IN) and since_s < math.inf:
            found.append((since_s, start_s + done.at_s))
            since_s = math.inf
    stamps = [float(match[1]) for match in _STAMP.finditer(log)]
    end_s = max(stamps, default=math.inf)
    return (*found, (min(since_s, end_s), math.inf))


def logged_in(log: str, from_s: float) -> tuple[Stream, ...]:
    """The server's streams since `from_s`; those without any sound are left out."""
    found, first_s = list[Stream](), 0.0
    for text in log.splitlines():
        if not text.startswith("{"):
            continue
        line = json.loads(text)
        if line["what"] == "first sound":
            first_s = line["unix_s"]
        elif line["what"] == "stream ends" and line["bytes"] and first_s >= from_s:
            found.append(Stream(line["bytes"], first_s))
    return tuple(found)
