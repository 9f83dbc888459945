"""Seeded faults over a device that leaks, on simulated time.

python -m benchmarks.faults [--plays 500] [--first SEED] [--only KIND] [--jobs J]
                            [--resume | --table]

The kitchen of Portland against firmware 2018, a fault drawn for each play (`harness/bench/faults`).
The device leaks in every one of them, so a pass is wrong whatever broke; and a ruling should name
what broke. The device's engines keep their answers (docs/simulated.md), so that a play costs what
its fault changed.

Each play is printed and put into `benchmarks/out/faults-plays.jsonl` as it ends (those of `--only`
into a file of their own). `--resume` plays only what is not in there yet; `--table` plays nothing
and counts what is there.
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.faults_plays import Faulted, add_play, read_plays
from benchmarks.lanes import side_by_side
from benchmarks.table import Row, finish
from harness.bench.faults import Fault, FaultKind, draw_fault, kinds_for, with_fault
from harness.bench.faults.naming import names, names_disk
from harness.bench.open import open_rig
from harness.bench.prompt_files import PromptFiles
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.errors import RigError
from harness.model.ruling import Verdict
from harness.scene.corpus import Corpus
from harness.scene.loader import load_scene
from harness.series.play import play_and_rule
from harness.stage.clips import cast_for

ROOT = Path(__file__).resolve().parents[1]
RIG = ROOT / "rigs" / "simulated-2018.yaml"
SCENE = ROOT / "scenarios" / "portland" / "kitchen.scene.yaml"
_OUT = Path(__file__).resolve().parent / "out"
_ANSWERS = _OUT / "faults-answers"


def main() -> int:
    """Play, count, print; see the module's docstring."""
    asked = _parser().parse_args()
    seeds = range(asked.first, asked.first + asked.plays)
    _OUT.mkdir(exist_ok=True)
    kept = _kept(asked.only)
    if kept.exists() and not (asked.resume or asked.table):
        kept.replace(kept.with_suffix(".before.jsonl"))
    done = {play.seed for play in read_plays(kept)}
    if left := [seed for seed in seeds if seed not in done and not asked.table]:
        print(f"{len(left)} plays, {len(seeds) - len(left)} made before", flush=True)
        side_by_side(partial(_lane, asked.only), left, asked.jobs)
    made = [play for play in read_plays(kept) if play.seed in seeds]
    return finish("faults", _rows(made, len(seeds)), {"plays": f"{len(made)} of {len(seeds)}"})


def _kept(only: str | None) -> Path:
    """Where plays are kept: a seed means another fault where only one kind may be drawn."""
    return _OUT / ("faults-plays.jsonl" if only is None else f"faults-plays-{only}.jsonl")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--plays", type=int, default=500)
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--only", choices=[kind.name.lower() for kind in FaultKind])
    parser.add_argument("--jobs", type=int, default=1, help="plays side by side (1)")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--resume", action="store_true", help="go on with an earlier run")
    kept.add_argument("--table", action="store_true", help="play nothing, count what is there")
    return parser


def _rows(made: Sequence[Faulted], planned: int) -> list[Row]:
    """The table; before it, each kind, and each play that was not as it should be."""
    for play in made:
        if play.verdict is Verdict.PASS or not play.named:
            print(f"{play.seed}: {play.said}: {play.told}: {play.why}")
    named, all_of = Counter(p.kind for p in made if p.named), Counter(p.kind for p in made)
    for kind, count in sorted(all_of.items()):
        print(f"{named[kind]:4} of {count:4} named: {kind}")
    verdicts = Counter(play.verdict for play in made)
    share = 100 * sum(named.values()) / max(1, len(made))
    passes, took_s = verdicts[Verdict.PASS], sum(play.took_s for play in made) / max(1, len(made))
    return [
        Row("plays", len(made), "", str(planned), len(made) == planned),
        Row("passes", passes, "", "0", passes == 0),
        Row("rulings that name the fault", share, "%", "at least 95", share >= 95.0),
        Row("of them violations", verdicts[Verdict.FAIL], "", "", None),
        Row("inconclusive", verdicts[Verdict.INCONCLUSIVE], "", "", None),
        Row("no ruling, as the disk was full", verdicts[None], "", "", None),
        Row("a play takes", took_s, "s", "", None),
    ]


def _lane(only: str | None, number: int, seeds: list[int]) -> None:
    """Make some plays, one after the other, each on a bench opened anew."""
    with tempfile.TemporaryDirectory(prefix="sayso-faults-") as folder:
        with open_rig(_rig_file(), RealClock()) as rig:
            # The same in every play: rendered once.
            prompts = PromptFiles(rig.file, Path(folder), rig.microphone.rate_hz)
        for count, seed in enumerate(seeds, 1):
            play = _play(seed, only, prompts)
            add_play(_kept(only), play)
            wrong = play.verdict is Verdict.PASS or not play.named
            told = f"seed {seed}, {play.said}: {play.told} ({play.took_s:.1f} s)"
            why = f"\n    NOT: {play.why}" if wrong else ""
            print(f"{number}: {count} of {len(seeds)}, {told}{why}", flush=True)


def _play(seed: int, only: str | None, prompts: PromptFiles) -> Faulted:
    """One play with the fault of a seed."""
    began_s = time.monotonic()
    with open_rig(_rig_file(), RealClock()) as opened:
        rig = replace(opened, prompts=prompts)
        kinds = kinds_for(rig) if only is None else (FaultKind[only.upper()],)
        fault = draw_fault(seed, kinds, rig.loudspeaker.positions)
        verdict, named, why = _ruled(rig, fault)
    return Faulted(seed, fault.kind, fault.said, verdict, named, why, time.monotonic() - began_s)


def _rig_file() -> RigFile:
    file = load_rig(RIG)
    assert file.simulated is not None
    simulated = file.simulated.model_copy(update={"cache": str(_ANSWERS)})
    return replace(file, known_violations={}, simulated=simulated)


def _ruled(rig: Rig, fault: Fault) -> tuple[Verdict | None, bool, str]:
    """The verdict, None where there was no room for one; whether the fault was named; why."""
    corpus = Corpus.load()
    script = load_scene(SCENE, corpus)
    cast = cast_for(script, rig.file, corpus, rig.microphone.rate_hz)
    with tempfile.TemporaryDirectory(prefix="sayso-faults-") as scratch:
        try:
            with with_fault(rig, fault) as faulty:
                outcome = play_and_rule(faulty, script, cast, lambda _: None, Path(scratch))
        except RigError as error:
            if fault.kind is not FaultKind.DISK_FULL:
                raise
            return None, names_disk(str(error)), str(error)
    broken = ", ".join(c.name for c in outcome.ruling.controls if not c.held)
    why = f"{outcome.ruling.headline} Controls that broke: {broken or 'none'}."
    return outcome.ruling.verdict, names(outcome.ruling, fault.kind), why


if __name__ == "__main__":
    sys.exit(main())
