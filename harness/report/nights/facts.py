"""What is known of nights: plays as they were ruled, and how the rig was found."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from harness.model.ruling import Verdict
from harness.model.series import HourlyRate, PlayKind, Rate
from harness.series.statistics import hourly_rate, rate

FAILED = (PlayKind.FAIL, PlayKind.MISSING)
_S_PER_HOUR = 3600


class State(StrEnum):
    """What all plays of a scene in a night come to, gravest first."""

    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    KNOWN = "fails as listed"
    PASS = "pass"


_STATES = {
    PlayKind.FAIL: State.FAIL,
    PlayKind.MISSING: State.FAIL,
    PlayKind.INCONCLUSIVE: State.INCONCLUSIVE,
    PlayKind.NOT_PROVOKED: State.INCONCLUSIVE,
    PlayKind.KNOWN: State.KNOWN,
    PlayKind.PASS: State.PASS,
}
GRAVEST_FIRST = tuple(State)


@dataclass(frozen=True, slots=True)
class Play:
    """A play. `spoilt`: why its evidence is not what was sealed, empty where it is.

    `evidence`: its folder, None where there is none (any more). `broken`: names of the controls
    that did not hold.
    """

    number: int
    scene: str
    kind: PlayKind
    classes: tuple[str, ...]
    headline: str
    activations: int
    heard_s: float
    began_unix_s: float
    took_s: float
    evidence: Path | None
    spoilt: str = ""
    broken: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """What it comes to by itself; without whole evidence a pass proves nothing."""
        state = _STATES[self.kind]
        proves = state in (State.PASS, State.KNOWN)
        return State.INCONCLUSIVE if self.spoilt and proves else state


@dataclass(frozen=True, slots=True)
class Examination:
    """The rig was examined after so many plays (0: before the first). `trouble`: None for well."""

    after: int
    trouble: str | None


@dataclass(frozen=True, slots=True)
class RigState:
    """The rig as the last play of the night that tells found it.

    `seen`, `of`: violation classes it can observe, and how many there are. `calibration`: what the
    control says of it, empty where the rig names none. `facts`: versions and the like.
    """

    seen: tuple[str, ...] = ()
    of: int = 0
    calibration: str = ""
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Night:
    """A night, or any other folder of plays. `verdict`, `reason`: of the whole of it."""

    folder: Path
    rig: str
    device: str
    firmware: str
    plays: tuple[Play, ...]
    verdict: Verdict
    reason: str
    examinations: tuple[Examination, ...] = ()
    state: RigState = RigState()

    @property
    def name(self) -> str:
        """The folder's own name."""
        return self.folder.name

    @property
    def began_unix_s(self) -> float:
        """When its first play began; 0 without any."""
        return min((play.began_unix_s for play in self.plays), default=0.0)

    @property
    def date(self) -> str:
        """The day it began (UTC) as `2026-11-23`."""
        return datetime.fromtimestamp(self.began_unix_s, UTC).date().isoformat()

    @property
    def failures(self) -> Rate:
        """Of its conclusive plays."""
        conclusive = sum(play.kind.conclusive for play in self.plays)
        return rate(sum(play.kind in FAILED for play in self.plays), conclusive)

    @property
    def activations(self) -> HourlyRate:
        """Accidental ones that sent something, an hour of listening."""
        heard_s = sum(play.heard_s for play in self.plays)
        return hourly_rate(sum(play.activations for play in self.plays), heard_s / _S_PER_HOUR)

    def by_scene(self) -> dict[str, tuple[Play, ...]]:
        """Its plays by scene."""
        found: dict[str, list[Play]] = {}
        for play in self.plays:
            found.setdefault(play.scene, []).append(play)
        return {scene: tuple(plays) for scene, plays in found.items()}


def state_of(plays: tuple[Play, ...]) -> State:
    """The gravest of some plays; at least one."""
    return min((play.state for play in plays), key=GRAVEST_FIRST.index)


def graver(plays: tuple[Play, ...]) -> tuple[Play, ...]:
    """Plays, the gravest first, else as they were played."""
    return tuple(sorted(plays, key=lambda play: GRAVEST_FIRST.index(play.state)))
