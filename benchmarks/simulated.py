"""Plays the Portland scenes on simulated time, and tells how fast, how alike and how steadily.

python -m benchmarks.simulated [--quick] [--plays N]

Every scene against `verified`, and the kitchen against `guarded` and `2018`: once with the real
engines, then again with their answers kept. Then N plays in one process, watching its memory.
Seconds of audio are those that pass on the simulated clock from power-on to power-off; CPU seconds
are those of this process, all threads, from an open rig to a sealed folder. One core.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.table import Row, finish
from harness.bench.open import open_rig
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.evidence import layout
from harness.model.ruling import KnownOutcome, Verdict
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import play_and_rule
from harness.stage.clips import cast_for

_PROJECT = Path(__file__).resolve().parents[1]
_SCENES = _PROJECT / "scenarios" / "portland"
_CAREFUL, _OTHERS = "simulated.yaml", ("simulated-guarded.yaml", "simulated-2018.yaml")
_WARM = 5


@dataclass(frozen=True)
class Play:
    """What came of one play. `right`: as the rig file says; `seal`: its manifest."""

    scene: str
    rig: str
    outcome: str
    right: bool
    audio_s: float
    cpu_s: float
    seal: bytes


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, measure, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="the kitchen only, and 10 plays")
    parser.add_argument("--plays", type=int, default=100, help="plays in one process (100)")
    chosen = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    work = _work(chosen.quick)
    count = 10 if chosen.quick else chosen.plays
    with tempfile.TemporaryDirectory(prefix="sayso-benchmark-") as scratch:
        place = Path(scratch)
        cache = place / "answers"
        plain = _play_all(work, place, None)
        _play_all(work, place, cache)
        kept = _play_all(work, place, cache)
        steady = _steady(work, place, cache, count)
    facts = {"plays": f"{len(work)} with each kind of engines, {count} in one process"}
    return finish("simulated", [*_speed(plain, kept), *_rulings(plain, kept), *steady], facts)


def _work(quick: bool) -> list[tuple[str, str]]:
    """(rig, scene) of every play."""
    every = sorted(path.name for path in _SCENES.glob("*.scene.yaml"))
    kitchen = [(rig, "kitchen.scene.yaml") for rig in (_CAREFUL, *_OTHERS)]
    if quick:
        return kitchen
    return [(_CAREFUL, name) for name in every if name != "kitchen.scene.yaml"] + kitchen


def _file(rig: str, cache: Path | None) -> RigFile:
    file = load_rig(_PROJECT / "rigs" / rig)
    assert file.simulated is not None
    kept = None if cache is None else str(cache)
    return replace(file, simulated=file.simulated.model_copy(update={"cache": kept}))


def _play_all(work: list[tuple[str, str]], place: Path, cache: Path | None) -> list[Play]:
    """Each on a rig of its own, into a folder that is empty each time."""
    plays = []
    for rig, scene in work:
        plays += _plays(_file(rig, cache), [scene], place)
        play = plays[-1]
        speed = play.audio_s / play.cpu_s
        print(f"{play.rig} {play.scene} {play.outcome} {speed:.1f} x real time", flush=True)
    return plays


def _plays(file: RigFile, scenes: Sequence[str], place: Path) -> list[Play]:
    corpus, found = Corpus.load(), []
    evidence = place / "evidence"
    with open_rig(file, RealClock()) as rig:
        for scene in scenes:
            script = load_scene(_SCENES / scene, corpus)
            cast = cast_for(script, file, corpus, rig.microphone.rate_hz)
            audio_s, cpu_s = rig.clock.now_s(), time.process_time()
            outcome = play_and_rule(rig, script, cast, lambda _: None, evidence)
            cpu_s, audio_s = time.process_time() - cpu_s, rig.clock.now_s() - audio_s
            ruling = outcome.ruling
            known = KnownOutcome.EXACTLY if file.known(script.id) else KnownOutcome.NONE_LISTED
            right = ruling.known is known and ruling.verdict in (
                (Verdict.FAIL,) if file.known(script.id) else (Verdict.PASS,)
            )
            seal = (outcome.evidence / layout.MANIFEST).read_bytes()
            row = Play(script.id, file.name, ruling.outcome, right, audio_s, cpu_s, seal)
            found.append(row)
            shutil.rmtree(evidence)
    return found


def _speed(plain: list[Play], kept: list[Play]) -> list[Row]:
    fast, faster = _times_real(plain), _times_real(kept)
    own_s = sum(p.cpu_s for p in kept) / sum(p.audio_s for p in kept)
    slowest = min(p.audio_s / p.cpu_s for p in plain)
    return [
        Row("whole scenes, real engines", fast, "x", "at least 8 x real time", fast >= 8),
        Row("slowest scene, real engines", slowest, "x", "", None),
        Row("whole scenes, engines' answers kept", faster, "x", "at least 100 x", faster >= 100),
        Row("CPU beside the engines, a second of audio", own_s, "s", "at most 0.05", own_s <= 0.05),
    ]


def _times_real(plays: list[Play]) -> float:
    return sum(p.audio_s for p in plays) / sum(p.cpu_s for p in plays)


def _rulings(plain: list[Play], kept: list[Play]) -> list[Row]:
    n = len(plain)
    right = sum(p.right for p in plain)
    alike = sum(a.seal == b.seal for a, b in zip(plain, kept, strict=True))
    return [
        Row("plays ruled as the rig files say", right, "plays", f"{n}", right == n),
        Row("plays sealed alike with and without kept answers", alike, "plays", f"{n}", alike == n),
    ]


def _steady(work: list[tuple[str, str]], place: Path, cache: Path, count: int) -> list[Row]:
    """Memory of this process while it plays on and on, each rig opened anew."""
    sizes_mb = []
    for number in range(count):
        rig, scene = work[number % len(work)]
        _plays(_file(rig, cache), [scene], place)
        sizes_mb.append(_resident_mb())
    warm = min(_WARM, count - 1)
    grown_mb = (sizes_mb[-1] - sizes_mb[warm]) / max(1, count - 1 - warm)
    flat = grown_mb <= 0.5
    return [
        Row(f"memory after {count} plays", sizes_mb[-1], "MB", "", None),
        Row("memory grown a play", grown_mb, "MB", "at most 0.5", flat),
    ]


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


if __name__ == "__main__":
    sys.exit(main())
