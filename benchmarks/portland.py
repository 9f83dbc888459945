"""Plays the Portland scenes many times on the virtual bench.

python -m benchmarks.portland [--quick] [--plays N] [--others M] [--jobs J]

The kitchen N times against firmware 2018, every other scene M times (default N) against
`verified`; each play is a whole
session with its own controls. `--jobs` benches run side by side, each with a rig of its own (the
default is one; more shortens the wait and loads the machine, and is said in the table).
"""

import argparse
import json
import re
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.lanes import lane_rig, side_by_side
from benchmarks.table import Row, finish
from harness.bench.open import open_rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.model.ruling import KnownOutcome, Verdict
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import Outcome, play_and_rule
from harness.stage.clips import cast_for

_PROJECT = Path(__file__).resolve().parents[1]
_SCENES = _PROJECT / "scenarios" / "portland"
_OLD, _CAREFUL = "virtual-2018.yaml", "virtual.yaml"
_OUT = Path(__file__).parent / "out" / "portland-evidence"


@dataclass
class Play:
    """What came of one play; seconds where the unit is not said."""

    scene: str
    rig: str
    outcome: str
    known: str
    arrived: int
    findings: list[str]
    unmet: int
    provoked: bool
    awake_s: float
    controls_s: float
    overhead_s: float
    reasons: list[str]
    evidence: str


@dataclass
class Lane:
    """All plays of one bench, with what opening and closing it took, and its peak memory."""

    plays: list[Play] = field(default_factory=list)
    up_s: list[float] = field(default_factory=list)
    down_s: list[float] = field(default_factory=list)
    peak_mb: dict[str, float] = field(default_factory=dict)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, count, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 plays of each scene")
    parser.add_argument("--plays", type=int, default=20)
    parser.add_argument("--others", type=int, help="plays of each other scene (default: --plays)")
    parser.add_argument("--jobs", type=int, default=1)
    chosen = parser.parse_args(arguments)
    plays = 2 if chosen.quick else chosen.plays
    others = plays if chosen.others is None else chosen.others
    lanes = side_by_side(_lane, _work(plays, others), chosen.jobs)
    facts = {
        "plays": f"kitchen {plays}, each other scene {others}",
        "benches side by side": str(chosen.jobs),
    }
    _keep(lanes)
    return finish("portland", _rows(lanes), facts)


def _work(plays: int, other_plays: int) -> list[tuple[str, str]]:
    """(rig, scene) of every play, mixed so that each bench plays a bit of everything."""
    others = sorted(p.name for p in _SCENES.glob("*.scene.yaml") if p.name != "kitchen.scene.yaml")
    old = [(_OLD, "kitchen.scene.yaml")] * plays
    careful = [(_CAREFUL, name) for _ in range(other_plays) for name in others]
    return old + careful


def _lane(number: int, work: list[tuple[str, str]]) -> Lane:
    lane = Lane()
    for rig in (_OLD, _CAREFUL):
        scenes = [scene for which, scene in work if which == rig]
        if scenes:
            _play_all(lane, number, rig, scenes)
    return lane


def _play_all(lane: Lane, number: int, rig: str, scenes: list[str]) -> None:
    named = lane_rig(_PROJECT / "rigs" / rig, _OUT, "bench", number)
    file, corpus, clock = load_rig(named), Corpus.load(), RealClock()
    before_s = time.monotonic()
    with open_rig(file, clock) as bench:
        lane.up_s.append(time.monotonic() - before_s)
        with _peak_memory(lane):
            for scene in scenes:
                script = load_scene(_SCENES / scene, corpus)
                cast = cast_for(script, file, corpus, bench.microphone.rate_hz)
                times = _Times()
                outcome = play_and_rule(bench, script, cast, times, _OUT)
                play = _play(outcome, rig, times)
                lane.plays.append(play)
                print(f"{number}: {play.scene} {play.outcome} {play.findings}", flush=True)
        before_s = time.monotonic()
    lane.down_s.append(time.monotonic() - before_s)


class _Times:
    """Listens to the progress line for when each part of a play began."""

    def __init__(self) -> None:
        self.marks: list[tuple[str, float]] = []

    def __call__(self, what: str) -> None:
        self.marks.append((what, time.monotonic()))

    def of(self, what: str) -> float:
        """When `what` was first said."""
        return next(at_s for said, at_s in self.marks if said.startswith(what))


def _play(outcome: Outcome, rig: str, times: _Times) -> Play:
    ruling, ended_s = outcome.ruling, time.monotonic()
    controls_s = overhead_s = float("nan")
    if outcome.stopped_by is None:
        opening_s, closing_s = times.of("opening controls"), times.of("closing controls")
        collecting_s = times.of("collecting")
        scene_s = next(a for w, a in times.marks if a > opening_s and w != "opening controls")
        controls_s = (scene_s - opening_s) + (collecting_s - closing_s)
        audio_s = ruling.scene_s + ruling.watched_s
        overhead_s = (closing_s - scene_s) - audio_s + (ended_s - collecting_s)
    return Play(
        scene=ruling.scene_id,
        rig=Path(rig).stem,
        outcome=ruling.outcome,
        known=ruling.known.value,
        arrived=len(ruling.messages_received),
        findings=list(dict.fromkeys(f.cls for f in ruling.findings)),
        unmet=len(ruling.unmet),
        provoked=ruling.provoked,
        awake_s=times.of("collecting") - times.marks[0][1],
        controls_s=controls_s,
        overhead_s=overhead_s,
        reasons=list(ruling.reasons),
        evidence=str(outcome.evidence),
    )


@contextmanager
def _peak_memory(lane: Lane) -> Any:
    """Note the peak memory of this process, its workers, the device and the cloud."""
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(0.5):
            for what, size_mb in _sizes_mb().items():
                lane.peak_mb[what] = max(size_mb, lane.peak_mb.get(what, 0.0))

    thread = threading.Thread(target=sample, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _sizes_mb() -> dict[str, float]:
    """Peak resident memory (VmHWM): this process and its largest worker each, and any device."""
    sizes = {"harness": _peak_mb(Path("/proc/self"))}
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            words = (process / "cmdline").read_bytes().decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        for kind in _KINDS:
            if kind in words and "python" in words.split("\0")[0]:
                sizes[kind] = max(sizes.get(kind, 0.0), _peak_mb(process))
    return sizes


_KINDS = ("sound_worker", "room_worker", "reference_device", "reference_cloud")


def _peak_mb(process: Path) -> float:
    try:
        status = (process / "status").read_text()
    except OSError:  # it has ended meanwhile
        return 0.0
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    return int(found[1]) / 1e3 if found else 0.0


def _rows(lanes: list[Lane]) -> list[Row]:
    plays = [play for lane in lanes for play in lane.plays]
    kitchen = [p for p in plays if p.rig == "virtual-2018"]
    others = [p for p in plays if p.rig == "virtual"]
    return [*_kitchen_rows(kitchen), *_other_rows(others), *_time_rows(lanes, plays)]


def _kitchen_rows(kitchen: list[Play]) -> list[Row]:
    n = len(kitchen)
    exactly = [p for p in kitchen if p.known == KnownOutcome.EXACTLY.value]
    green = [p for p in kitchen if p.arrived and p.outcome == Verdict.PASS.value]
    return [
        Row("kitchen, 2018: plays", n, "plays", "", None),
        Row("kitchen, 2018: provoked", sum(p.provoked for p in kitchen), "plays", "", None),
        Row("kitchen, 2018: sent", sum(p.arrived > 0 for p in kitchen), "plays", "", None),
        Row("kitchen, 2018: exactly the known violations", len(exactly), "plays", "", None),
        Row("kitchen, 2018: passed although sent", len(green), "plays", "0", not green),
    ]


def _other_rows(others: list[Play]) -> list[Row]:
    n = len(others)
    fails = [p for p in others if p.outcome.startswith("fail")]
    open_ = [p for p in others if p.outcome == Verdict.INCONCLUSIVE.value]
    wanted = [p for p in others if p.scene.endswith("wanted-message")]
    delivered = sum(p.arrived == 1 and p.outcome == Verdict.PASS.value for p in wanted)
    return [
        Row("other scenes, verified: plays", n, "plays", "", None),
        Row("other scenes, verified: wrong fails", len(fails), "plays", "0", not fails),
        Row("wanted message delivered and passed", delivered, "plays", f"{len(wanted)}",
            delivered == len(wanted)),
        Row("other scenes, verified: inconclusive", len(open_), "plays",
            f"at most {n // 20} (1 in 20)", len(open_) <= n / 20),
    ]  # fmt: skip


def _time_rows(lanes: list[Lane], plays: list[Play]) -> list[Row]:
    up_s = max(s for lane in lanes for s in lane.up_s)
    down_s = max(s for lane in lanes for s in lane.down_s)
    controls = sorted(p.controls_s for p in plays if p.controls_s == p.controls_s)
    extra = sorted(p.overhead_s for p in plays if p.overhead_s == p.overhead_s)
    rows = [
        Row("bench up, slowest", up_s, "s", "at most 5", up_s <= 5),
        Row("bench down, slowest", down_s, "s", "at most 2", down_s <= 2),
    ]
    if controls:
        rows += [
            Row("controls a session, median", controls[len(controls) // 2], "s", "", None),
            Row("controls a session, slowest", controls[-1], "s", "at most 15", controls[-1] <= 15),
            Row("beyond audio and watch, median", extra[len(extra) // 2], "s", "", None),
            Row("beyond audio and watch, slowest", extra[-1], "s", "at most 2", extra[-1] <= 2),
        ]
    for what in ("harness", *_KINDS):
        peak = max(lane.peak_mb.get(what, 0.0) for lane in lanes)
        rows.append(Row(f"peak memory, {what}", peak, "MB", "", None))
    return rows


def _keep(lanes: list[Lane]) -> None:
    rows = [vars(play) for lane in lanes for play in lane.plays]
    _OUT.mkdir(parents=True, exist_ok=True)
    (_OUT / "plays.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    sys.exit(main())
