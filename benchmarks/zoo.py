"""Plays the bad devices of the zoo and their twins, on simulated time and on the virtual bench.

python -m benchmarks.zoo [--quick] [--plays N] [--twins M] [--jobs J] [--only NAME ...]
                         [--simulated-only | --real-only] [--resume | --table]

On simulated time the whole kill matrix, as `sayso matrix` plays it. In real time a third of the
zoo, every third device in the order of the catalogue, N times each and its twin M times. Then how
alike the two ruled. `--jobs` benches run side by side, each with rigs of names of its own (more
shorten the wait and load the machine, which is said in the table).

Each play is printed and put into `benchmarks/out/zoo-plays.jsonl` as it ends. `--resume` plays only
what is not in there yet; `--table` plays nothing and counts what is there.
"""

import argparse
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from benchmarks.lanes import lane_rig, side_by_side
from benchmarks.table import Row, finish
from benchmarks.zoo_counts import (
    Plays,
    agreement_rows,
    matrix_rows,
    real_rows,
    simulated_rows,
    unlike,
)
from benchmarks.zoo_plays import (
    Ended,
    Task,
    Timing,
    add_play,
    as_it_should_be,
    matrix_tasks,
    read_plays,
    rounds_tasks,
)
from harness.commands.matrix import chosen, line
from harness.errors import UserError
from harness.series.matrix import RigPlays, summary
from harness.series.zoo import BadDevice, load_catalogue

_PROJECT = Path(__file__).resolve().parents[1]
_CATALOGUE = _PROJECT / "rigs" / "zoo" / "catalogue.yaml"
_RIGS = {Timing.SIMULATED: "simulated.yaml", Timing.REAL: "virtual.yaml"}
_OUT = Path(__file__).resolve().parent / "out"
_PLAYS, _EVIDENCE = _OUT / "zoo-plays.jsonl", _OUT / "zoo-evidence"
_THIRD, _QUICK = 3, 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Play, count, print; see the module's docstring."""
    parser = _parser()
    asked = parser.parse_args(arguments)
    try:
        whole, third = _devices(asked.only, quick=asked.quick)
    except UserError as error:
        parser.error(str(error))
    plays = 1 if asked.quick else asked.plays
    plan = {
        Timing.SIMULATED: matrix_tasks(whole),
        Timing.REAL: rounds_tasks(third, plays, asked.twins),
    }
    left_out = {Timing.SIMULATED: asked.real_only, Timing.REAL: asked.simulated_only}
    wanted = [timing for timing in plan if not left_out[timing]]
    if not asked.table:
        _begin(resume=asked.resume)
        for timing in wanted:
            _play(timing, plan[timing], asked.jobs)
    facts = {
        "in real time": ", ".join(device.name for device in third),
        "plays": f"{plays} of each device in real time, {asked.twins} of its twin",
        "benches side by side": str(asked.jobs),
    }
    return finish("zoo", _rows(whole, third, wanted, len(plan[Timing.REAL])), facts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="every tenth device, 1 play of each")
    parser.add_argument("--plays", type=_count, default=10, help="of each device in real time (10)")
    parser.add_argument(
        "--twins", type=_count_or_none, default=1, help="of each twin in real time (1); 0 for none"
    )
    parser.add_argument("--jobs", type=_count, default=1, help="benches side by side (1)")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these devices, on both clocks")
    part = parser.add_mutually_exclusive_group()
    part.add_argument("--simulated-only", action="store_true", help="play nothing in real time")
    part.add_argument("--real-only", action="store_true", help="play nothing on simulated time")
    kept = parser.add_mutually_exclusive_group()
    kept.add_argument("--resume", action="store_true", help="go on with an earlier run")
    kept.add_argument("--table", action="store_true", help="play nothing, count what is there")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no count; write 1 or more")
    return int(text)


def _count_or_none(text: str) -> int:
    return 0 if text == "0" else _count(text)


def _devices(
    only: Sequence[str] | None, *, quick: bool
) -> tuple[Sequence[BadDevice], Sequence[BadDevice]]:
    """The devices for simulated time, and those for real time.

    Every one of the catalogue can be played in real time. Counting on through it takes some of each
    of its parts: sends without a yes, mute and cable, ultrasound, chance, the third message.
    """
    every = load_catalogue(_CATALOGUE)
    if only:
        named = chosen(every, only)
        return named, named
    if quick:
        few = every[::_QUICK]
        return few, few
    # A causal test is a series by itself: in real time it takes as long as all the others.
    single = [device for device in every if device.cause is None]
    return every, single[::_THIRD]


def _begin(*, resume: bool) -> None:
    """Make the place for plays; those of an earlier run are put aside, unless it goes on."""
    _OUT.mkdir(exist_ok=True)
    if _PLAYS.exists() and not resume:
        _PLAYS.replace(_PLAYS.with_suffix(".before.jsonl"))


def _play(timing: Timing, tasks: Sequence[Task], jobs: int) -> None:
    """Make the plays that are not on file yet."""
    done = {ended.key for ended in read_plays(_PLAYS)}
    left = [t for t in tasks if (timing, t.device.name, t.twin, t.number) not in done]
    if not left:
        return
    print(f"{timing}: {len(left)} plays, {len(tasks) - len(left)} made before", flush=True)
    side_by_side(partial(_lane, timing), left, jobs)


def _lane(timing: Timing, number: int, tasks: list[Task]) -> None:
    """Make some plays, one after the other, each on a bench opened anew."""
    rig = _PROJECT / "rigs" / _RIGS[timing]
    if timing is Timing.REAL:
        rig = lane_rig(rig, _EVIDENCE, "zoo", number)
    play = RigPlays(rig, _EVIDENCE, lambda _: None)
    for count, task in enumerate(tasks, 1):
        before_s = time.monotonic()
        played = play(task.device, task.twin, task.seed)
        took_s = time.monotonic() - before_s
        fine = as_it_should_be(task.device, task.twin, played)
        if fine and played.evidence is not None:
            # Hours of sound: only what somebody will want to look into is worth the disk.
            shutil.rmtree(played.evidence)
            played = replace(played, evidence=None)
        ended = Ended(timing, task.device.name, task.twin, task.number, took_s, played)
        add_play(_PLAYS, ended)
        print(f"{number}: {count} of {len(tasks)}, {_told(ended, fine=fine)}", flush=True)


def _told(ended: Ended, *, fine: bool) -> str:
    """A play on one line, and below it why, where it was not ruled as it should be."""
    played = ended.played
    which = f"{ended.device}{', twin' if ended.twin else ''}, play {ended.number}"
    ruled = " ".join((played.verdict.value, *played.classes))
    told = f"{ended.timing}: {which}: {ruled} ({ended.took_s:.0f} s)"
    if fine:
        return told
    kept = f" ({played.evidence})" if played.evidence else ""
    return f"{told}\n    {played.firmware}, seed {played.seed}: {played.why}{kept}"


def _rows(
    whole: Sequence[BadDevice], third: Sequence[BadDevice], wanted: Sequence[Timing], planned: int
) -> list[Row]:
    """The table of all that is on file; of a part that was not wanted only if it is there."""
    ended = read_plays(_PLAYS)
    simulated, real = Plays(ended, Timing.SIMULATED), Plays(ended, Timing.REAL)
    rows = []
    if Timing.SIMULATED in wanted or simulated:
        rows += _simulated(whole, simulated)
    if Timing.REAL in wanted or real:
        rows += _real(third, simulated, real, planned)
    return rows


def _simulated(devices: Sequence[BadDevice], plays: Plays) -> list[Row]:
    """The kill matrix, printed, and its rows of the table."""
    found = matrix_rows(devices, plays)
    print("\n".join(["", *(line(row) for row in found), "", summary(found), ""]))
    return simulated_rows(devices, plays)


def _real(devices: Sequence[BadDevice], simulated: Plays, real: Plays, planned: int) -> list[Row]:
    """What was ruled otherwise than on simulated time, printed, and the rows of the table."""
    for told in unlike(devices, simulated, real):
        print(f"not alike: {told}")
    rows = real_rows(devices, real, planned)
    return [*rows, *agreement_rows(devices, simulated, real)]


if __name__ == "__main__":
    sys.exit(main())
