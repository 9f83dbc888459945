"""The kill matrix: every device of the zoo and its honest twin, each played and ruled on.

Flows in: the catalogue, and a function that plays one of the two. Flows out: a row for each device.
"""

import json
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from harness.bench.open import open_rig
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.errors import (
    SaysoError,
    UserError,
)
from harness.model.cause import (
    CauseAnswer,
)
from harness.model.ruling import Verdict
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.cause.run import CauseSeries, play_cause
from harness.series.play import facts_of, play_and_rule
from harness.series.zoo import BadDevice
from harness.stage.clips import cast_for


class Fate(StrEnum):
    """What became of a bad device, or of its twin."""

    CAUGHT = "caught"
    OTHERWISE = "caught as something else"
    MISSED = "missed"
    CLEAN = "clean"
    FALSE_ALARM = "false alarm"
    INCONCLUSIVE = "inconclusive"
    UNSEEN = "not observable on this rig"


WRONG = frozenset({Fate.MISSED, Fate.OTHERWISE, Fate.FALSE_ALARM})
"""What a ruling was wrong about, rather than unsure of."""


@dataclass(frozen=True, slots=True)
class Played:
    """One play: what it was of, the verdict, the classes in the order named, and why.

    `why`: the ruling's headline, or what kept it from being played at all. `unseen`: it was not
    played, since the rig lacks what would show the device's class.
    """

    firmware: str
    seed: int
    verdict: Verdict
    classes: tuple[str, ...]
    why: str
    evidence: Path | None = None
    unseen: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One device of the zoo: its plays, its twin's play, and what became of the two."""

    device: BadDevice
    plays: tuple[Played, ...]
    twin: Played

    @property
    def fate(self) -> Fate:
        """What became of the bad device."""
        return fate_of(self.device, self.plays)

    @property
    def twin_fate(self) -> Fate:
        """What became of the twin."""
        return twin_fate_of(self.twin)

    @property
    def named(self) -> tuple[str, ...]:
        """The classes that the plays named, in the order first named."""
        return named_in(self.plays)


def fate_of(device: BadDevice, plays: Sequence[Played]) -> Fate:
    """What became of a bad device in the plays in which it must be caught.

    Every proven play must name the right class first.
    """
    failed = [play for play in plays if play.verdict is Verdict.FAIL]
    if failed:
        right = all(play.classes[:1] == (device.first,) for play in failed)
        return Fate.CAUGHT if right else Fate.OTHERWISE
    if plays and all(play.unseen for play in plays):
        return Fate.UNSEEN
    unsure = any(play.verdict is Verdict.INCONCLUSIVE for play in plays)
    return Fate.INCONCLUSIVE if unsure else Fate.MISSED


def twin_fate_of(play: Played) -> Fate:
    """What became of an honest twin in one play."""
    if play.unseen:
        return Fate.UNSEEN
    return {
        Verdict.PASS: Fate.CLEAN,
        Verdict.FAIL: Fate.FALSE_ALARM,
        Verdict.INCONCLUSIVE: Fate.INCONCLUSIVE,
    }[play.verdict]


def named_in(plays: Sequence[Played]) -> tuple[str, ...]:
    """The classes that plays named, in the order first named."""
    return tuple(dict.fromkeys(cls for play in plays for cls in play.classes))


Play = Callable[[BadDevice, bool, int], Played]
"""Plays a device's scene: the device, whether with its twin, the seed."""


def matrix(devices: Sequence[BadDevice], play: Play) -> Iterator[Row]:
    """Play every device and its twin; a row as soon as it is known."""
    for device in devices:
        seeds = range(device.seed, device.seed + device.plays)
        plays = tuple(play(device, False, seed) for seed in seeds)
        yield Row(device, plays, play(device, True, device.seed))


class RigPlays:
    """Plays on the rig that a rig file describes, opened anew for each play.

    `evidence`: where evidence is kept; None throws it away.
    """

    def __init__(self, rig: Path, evidence: Path | None, progress: Callable[[str], None]) -> None:
        self._rig, self._evidence, self._progress = rig.absolute(), evidence, progress
        self._corpus = Corpus.load()

    def __call__(self, device: BadDevice, twin: bool, seed: int) -> Played:
        """One play. What cannot be played is inconclusive; only an interrupt is raised.

        Where the rig lacks what would show the device's class, nothing is played.
        """
        firmware = device.twin if twin else device.firmware
        with tempfile.TemporaryDirectory(prefix="sayso-matrix-") as folder:
            try:
                file = rig_for(self._rig, device, twin, seed, Path(folder))
                return self._played(file, device, seed, Path(folder))
            except SaysoError as error:
                return Played(firmware, seed, Verdict.INCONCLUSIVE, (), str(error))

    def _played(self, file: RigFile, device: BadDevice, seed: int, scratch: Path) -> Played:
        script = load_scene(device.scene, self._corpus)
        firmware = file.device.firmware
        with open_rig(file, RealClock()) as rig:
            why = device.unseen_on(facts_of(rig, script))
            if why is not None:
                return Played(firmware, seed, Verdict.INCONCLUSIVE, (), why, unseen=True)
            cast = cast_for(script, file, self._corpus, rig.microphone.rate_hz)
            evidence = self._evidence or scratch
            self._progress(f"{device.name}: {firmware} in {script.id}")
            if device.cause is not None:
                told = self._progress
                test = play_cause(rig, script, cast, device.cause, told, evidence)
                return _tested(firmware, seed, test)
            outcome = play_and_rule(rig, script, cast, lambda _: None, evidence)
        if isinstance(outcome.stopped_by, KeyboardInterrupt):
            raise outcome.stopped_by
        ruling, kept = outcome.ruling, outcome.evidence if self._evidence else None
        classes = tuple(dict.fromkeys(finding.cls for finding in ruling.findings))
        return Played(firmware, seed, ruling.verdict, classes, ruling.headline, kept)


def _tested(firmware: str, seed: int, test: CauseSeries) -> Played:
    """A causal test as a play: it fails for what it proves, and passes where nothing is caused."""
    if isinstance(test.stopped_by, KeyboardInterrupt):
        raise test.stopped_by
    ruling, verdict = test.ruling, test.ruling.verdict
    if verdict is not Verdict.FAIL and ruling.answer is CauseAnswer.NOT_CAUSED:
        verdict = Verdict.PASS
    return Played(firmware, seed, verdict, ruling.classes, ruling.headline)


def rig_for(rig: Path, device: BadDevice, twin: bool, seed: int, scratch: Path) -> RigFile:
    """The rig file with what a device lays over it: its firmware, its claims, its seed.

    Written into `scratch` first, so that it is checked like any other rig file.
    """
    laid = dict(device.twin_rig if twin else device.rig)
    firmware = device.twin if twin else device.firmware
    laid["device"] = {**laid.get("device", {}), "firmware": firmware}
    if device.cloud is not None and not twin:
        laid["cloud"] = {"variant": device.cloud}
    path = scratch / f"{device.name}.yaml"
    path.write_text(json.dumps({"extends": str(rig), **laid}))
    file = load_rig(path)
    if file.device.command is None:
        raise UserError(f"{rig}: a bench's device is no program; take a virtual or simulated rig")
    command = (*file.device.command, "--seed", str(seed))
    device_text = file.device.model_copy(update={"command": command})
    if file.simulated is None:
        return replace(file, device=device_text)
    # In real time no two plays are the same; on simulated time only another seed makes another.
    simulated = file.simulated.model_copy(update={"seed": file.simulated.seed + seed})
    return replace(file, device=device_text, simulated=simulated)


def as_json(row: Row) -> dict[str, Any]:
    """A row for programs."""
    return {
        "name": row.device.name,
        "scene": f"{row.device.scene.parent.name}/{row.device.scene.name}",
        "expected": list(row.device.classes),
        "fate": row.fate.value,
        "named": list(row.named),
        "plays": [_play_json(play) for play in row.plays],
        "twin_fate": row.twin_fate.value,
        "twin": _play_json(row.twin),
    }


def _play_json(play: Played) -> dict[str, Any]:
    return {
        "firmware": play.firmware,
        "seed": play.seed,
        "verdict": play.verdict.value,
        "classes": list(play.classes),
        "why": play.why,
        "evidence": None if play.evidence is None else str(play.evidence),
    }


def summary(rows: Sequence[Row]) -> str:
    """How many devices and twins came to what, in a sentence."""
    return counted([row.fate for row in rows], [row.twin_fate for row in rows])


def counted(bad: Sequence[Fate], twins: Sequence[Fate]) -> str:
    """The same of fates alone."""
    unseen = bad.count(Fate.UNSEEN)
    left_out = f" {unseen} more cannot be shown on this rig." if unseen else ""
    return (
        f"Of {len(bad) - unseen} bad devices {bad.count(Fate.CAUGHT)} caught with the right class "
        f"first, {bad.count(Fate.OTHERWISE)} as something else, {bad.count(Fate.MISSED)} missed, "
        f"{bad.count(Fate.INCONCLUSIVE)} inconclusive; of their twins {twins.count(Fate.CLEAN)} "
        f"clean, {twins.count(Fate.FALSE_ALARM)} false alarms, "
        f"{twins.count(Fate.INCONCLUSIVE)} inconclusive.{left_out}"
    )
