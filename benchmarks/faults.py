"""Seeded faults over a device that leaks: `python -m benchmarks.faults [--plays 500]`.

The kitchen of Portland against firmware 2018 on simulated time, a fault drawn for each play
(`harness/bench/faults`). The device leaks in every one of them, so a pass is wrong whatever broke;
and a ruling should name what broke.
"""

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from benchmarks.table import Row, finish
from harness.bench.faults import Fault, FaultKind, draw_fault, kinds_for, with_fault
from harness.bench.open import open_rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.model.ruling import Ruling, Verdict
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import play_and_rule
from harness.stage.clips import cast_for

ROOT = Path(__file__).resolve().parents[1]
RIG = ROOT / "rigs" / "simulated-2018.yaml"
SCENE = ROOT / "scenarios" / "portland" / "kitchen.scene.yaml"
_SOUND = ("loudspeaker_heard", "lines_played", "microphone_sound", "stimulus_subtracted")
_SILENT = (*_SOUND, "no_audio_gap", "device_awake")
_WIRE = ("tap_canary", "tap_complete", "one_clock")
_DEVICE = ("device_awake", "device_kept_up", "device_listened")
NAMED_BY: dict[FaultKind, tuple[str, ...]] = {
    FaultKind.MICROPHONE_DEAD: _SILENT,
    FaultKind.MICROPHONE_SOFT: _SOUND,
    FaultKind.MICROPHONES_SWAPPED: _SOUND,
    FaultKind.SAMPLES_LOST: ("one_clock", "lines_played", "no_audio_gap", "stimulus_subtracted"),
    FaultKind.LOUDSPEAKER_DEAD: (*_SOUND, "device_awake"),
    FaultKind.LOUDSPEAKER_LOW: _SOUND,
    FaultKind.LOUDSPEAKERS_SWAPPED: _SOUND,
    FaultKind.CLOCK_OFF: ("one_clock",),
    FaultKind.TAP_DIES: _WIRE,
    FaultKind.TAP_BLIND: _WIRE,
    FaultKind.PACKETS_DROPPED: _WIRE,
    FaultKind.INBOX_DOWN: ("inbox_canary", "all_collected"),
    FaultKind.INBOX_STUCK: ("inbox_canary",),
    FaultKind.DEVICE_REBOOTS: _DEVICE,
    FaultKind.DEVICE_OFF: _DEVICE,
}
"""The controls that say what broke, for each kind of fault."""


def main() -> int:
    """Play, count, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.faults", description=__doc__)
    parser.add_argument("--plays", type=int, default=500)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--only", choices=[kind.name.lower() for kind in FaultKind])
    chosen = parser.parse_args()
    verdicts, named, all_of = Counter[Verdict](), Counter[FaultKind](), Counter[FaultKind]()
    wrong = []
    for seed in range(chosen.first, chosen.first + chosen.plays):
        fault, ruling = _play(seed, chosen.only)
        verdicts[ruling.verdict] += 1
        all_of[fault.kind] += 1
        named[fault.kind] += _names(ruling, fault)
        if ruling.verdict is Verdict.PASS or not _names(ruling, fault):
            wrong.append(f"{seed}: {fault.said}: {ruling.verdict}")
            print(wrong[-1], flush=True)
    for kind, count in all_of.items():
        print(f"{named[kind]:4} of {count:4} named: {kind}")
    share = 100 * sum(named.values()) / chosen.plays
    passes = verdicts[Verdict.PASS]
    rows = [
        Row("passes", passes, "", "0", passes == 0),
        Row("rulings that name the fault", share, "%", "at least 95", share >= 95.0),
        Row("of them violations", verdicts[Verdict.FAIL], "", "", None),
        Row("inconclusive", verdicts[Verdict.INCONCLUSIVE], "", "", None),
    ]
    return finish("faults", rows, {"plays": str(chosen.plays)})


def _play(seed: int, only: str | None) -> tuple[Fault, Ruling]:
    """One play with the fault of a seed."""
    file = replace(load_rig(RIG), known_violations={})
    corpus = Corpus.load()
    script = load_scene(SCENE, corpus)
    folder = tempfile.TemporaryDirectory(prefix="sayso-faults-")
    with folder as scratch, open_rig(file, RealClock()) as rig:
        kinds = kinds_for(rig) if only is None else (FaultKind[only.upper()],)
        fault = draw_fault(seed, kinds, rig.loudspeaker.positions)
        cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
        faulty = with_fault(rig, fault)
        outcome = play_and_rule(faulty, script, cast, lambda _: None, Path(scratch))
    return fault, outcome.ruling


def _names(ruling: Ruling, fault: Fault) -> bool:
    broken = {control.name for control in ruling.controls if not control.held}
    return bool(broken & set(NAMED_BY[fault.kind]))


if __name__ == "__main__":
    sys.exit(main())
