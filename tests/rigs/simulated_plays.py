"""Plays of shipped scenes on the simulated rigs, from the rig file to a sealed folder."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.model.script import Script
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import Outcome, play_and_rule
from harness.stage.clips import cast_for

ROOT = Path(__file__).parents[2]


def rig_file(name: str, **limits: float) -> RigFile:
    """A rig file that is shipped; `limits` that differ, so that a test is short."""
    file = load_rig(ROOT / "rigs" / f"{name}.yaml")
    return replace(file, limits=replace(file.limits, **limits))


def scene(name: str, *, only: int | None = None) -> Script:
    """A scene of the Portland folder, or its first `only` lines."""
    found = _portland(name)
    return replace(found, lines=found.lines[:only])


@cache
def _portland(name: str) -> Script:
    return load_scene(ROOT / "scenarios" / "portland" / f"{name}.scene.yaml", Corpus.load())


def play(
    file: RigFile,
    script: Script,
    evidence: Path,
    meanwhile: Callable[[Rig, str], None] = lambda _rig, _what: None,
) -> Outcome:
    """One play on a rig of its own; `meanwhile` hears the progress line, and may break things."""
    with open_rig(file, RealClock()) as rig:
        cast = cast_for(script, file, Corpus.load(), rig.microphone.rate_hz)
        return play_and_rule(rig, script, cast, lambda what: meanwhile(rig, what), evidence)
