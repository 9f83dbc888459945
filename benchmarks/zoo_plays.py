"""The plays of the zoo's benchmark: which there are, and the file that keeps what came of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from harness.model.ruling import Verdict
from harness.series.matrix import Played
from harness.series.zoo import BadDevice


class Timing(StrEnum):
    """On which clock a play runs."""

    SIMULATED = "simulated"
    REAL = "real time"


@dataclass(frozen=True, slots=True)
class Task:
    """One play to be made, of a device or of its twin; `number` counts those from 0."""

    device: BadDevice
    twin: bool
    number: int

    @property
    def round(self) -> int:
        """A device that must be caught within five plays has five in a round, others one."""
        return self.number if self.twin else self.number // self.device.plays

    @property
    def seed(self) -> int:
        """What the firmware draws from: the seeds of the kill matrix, anew in every round."""
        return self.device.seed + (0 if self.twin else self.number % self.device.plays)


@dataclass(frozen=True, slots=True)
class Ended:
    """A play that has ended. `device`: its name in the catalogue; `number`: as in its `Task`."""

    timing: Timing
    device: str
    twin: bool
    number: int
    took_s: float
    played: Played

    @property
    def key(self) -> tuple[Timing, str, bool, int]:
        """Which play it was."""
        return self.timing, self.device, self.twin, self.number


def matrix_tasks(devices: Sequence[BadDevice]) -> list[Task]:
    """The plays of the kill matrix: of each device one round, of its twin one play."""
    return rounds_tasks(devices, plays=1, twins=1)


def rounds_tasks(devices: Sequence[BadDevice], plays: int, twins: int) -> list[Task]:
    """At least `plays` of each device, in whole rounds, and `twins` of each twin.

    A round of all before the next of any, so that a run cut short tells of all.
    """
    tasks = []
    for device in devices:
        rounds = -(-plays // device.plays)
        tasks += [Task(device, False, number) for number in range(rounds * device.plays)]
        tasks += [Task(device, True, number) for number in range(twins)]
    return sorted(tasks, key=lambda task: task.round)


def as_it_should_be(device: BadDevice, twin: bool, played: Played) -> bool:
    """Whether one play was ruled as the catalogue says: a twin clean, a device caught by its class.

    A device that breaks its rule by chance may rightly pass one play; its round says more. What a
    rig cannot show is not played.
    """
    if played.unseen:
        return True
    if twin:
        return played.verdict is Verdict.PASS
    return played.verdict is Verdict.FAIL and played.classes[:1] == (device.first,)


def add_play(path: Path, ended: Ended) -> None:
    """Put a play at the end of the file, in one write, so that lanes do not mix their lines."""
    played = ended.played
    content = {
        "timing": ended.timing,
        "device": ended.device,
        "twin": ended.twin,
        "number": ended.number,
        "took_s": round(ended.took_s, 1),
        "firmware": played.firmware,
        "seed": played.seed,
        "verdict": played.verdict,
        "classes": played.classes,
        "why": played.why,
        "evidence": None if played.evidence is None else str(played.evidence),
        "unseen": played.unseen,
    }
    with path.open("ab", buffering=0) as file:
        file.write(json.dumps(content).encode() + b"\n")


def read_plays(path: Path) -> list[Ended]:
    """The plays in the file; none where there is no file."""
    if not path.exists():
        return []
    return [_ended(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _ended(line: str) -> Ended:
    found = json.loads(line)
    played = Played(
        firmware=found["firmware"],
        seed=found["seed"],
        verdict=Verdict(found["verdict"]),
        classes=tuple(found["classes"]),
        why=found["why"],
        evidence=None if found["evidence"] is None else Path(found["evidence"]),
        unseen=found.get("unseen", False),
    )
    return Ended(
        timing=Timing(found["timing"]),
        device=found["device"],
        twin=found["twin"],
        number=found["number"],
        took_s=found["took_s"],
        played=played,
    )
