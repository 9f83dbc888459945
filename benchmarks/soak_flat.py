"""What a long night leaves in its process: memory, threads, descriptors, children, namespaces.

Plays of a soak follow one another in this process, on the rig that `sayso soak` would open, and
what the process holds is looked at after each.
"""

import gc
import os
import re
import shutil
import statistics
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.table import Row
from harness.bench.rigfile import RigFile, load_rig
from harness.clock import RealClock
from harness.series.soak import Journal, Night, PlayLine, SoakPlan, load_soak_plan, run_night
from harness.series.soak.player import RigPlayer, head_of

_WARM_S, _HOUR_S = 600.0, 3600.0
_MOST_MB_AN_HOUR = 2.0
_NAMESPACES = ("net", "mnt", "pid", "user")


@dataclass(frozen=True, slots=True)
class Held:
    """What this process and its children hold; `namespaces` counts different ones."""

    children: int
    descriptors: int
    threads: int
    namespaces: int


def held_now() -> Held:
    """What is held now; what nobody refers to any more is let go of first."""
    gc.collect()
    children = list(_descendants(os.getpid()))
    spaces = {_link(pid, f"ns/{name}") for pid in (os.getpid(), *children) for name in _NAMESPACES}
    own = Path("/proc/self")
    return Held(
        children=len(children),
        descriptors=len(list((own / "fd").iterdir())),
        threads=len(list((own / "task").iterdir())),
        namespaces=len(spaces - {""}),
    )


def descriptors_now() -> Counter[str]:
    """What this process has open, by what each is: a path, or such as `socket`."""
    kinds = (_link(os.getpid(), f"fd/{fd.name}") for fd in Path("/proc/self/fd").iterdir())
    return Counter(re.sub(r":\[\d+\]$", "", kind) for kind in kinds if kind)


def flat_rows(rig: Path, plan: Path, minutes: float, seed: int, answers: Path) -> list[Row]:
    """Play until `minutes` of scenes were watched; memory's growth, and what is held at the end.

    `answers`: where the engines of a simulated device keep theirs (docs/simulated.md).
    """
    with tempfile.TemporaryDirectory(prefix="sayso-flat-") as scratch:
        # What is loaded once and for good is no leak. The first play loads it, engines too, since
        # no answer of theirs is kept where it looks.
        first = _with_answers(load_rig(rig), Path(scratch) / "answers")
        _played(first, load_soak_plan(plan), seed, 1.0, Path(scratch) / "first")
        before, open_before = held_now(), descriptors_now()
        file = _with_answers(load_rig(rig), answers)
        sizes = _played(file, load_soak_plan(plan), seed, 60 * minutes, Path(scratch) / "night")
        after = held_now()
        for what, count in (descriptors_now() - open_before).items():
            print(f"open, and not before: {count} x {what}", flush=True)
    watched_s = sizes[-1][0]
    grown = growth_mb_an_hour(sizes, _WARM_S)
    return [
        Row("plays", len(sizes), "", "", None),
        Row("minutes of scenes", watched_s / 60, "min", f"{minutes:g}", watched_s >= 60 * minutes),
        Row("memory at the end", sizes[-1][1], "MB", "", None),
        Row("memory grown, after ten minutes", grown, "MB/h", "under 2", grown < _MOST_MB_AN_HOUR),
        *(_more(name, before, after) for name in Held.__slots__),
    ]


def growth_mb_an_hour(sizes: Sequence[tuple[float, float]], warm_s: float) -> float:
    """How fast memory grows (MB an hour) over (seconds, MB): the median slope of all pairs of
    plays after `warm_s` (Theil and Sen), so that no single play counts for much. NaN, which holds
    no goal, where there are less than two.
    """
    warm = [(at_s, mb) for at_s, mb in sizes if at_s >= warm_s]
    slopes = [
        (mb - mb_before) / (at_s - before_s) * _HOUR_S
        for number, (before_s, mb_before) in enumerate(warm)
        for at_s, mb in warm[number + 1 :]
        if at_s > before_s
    ]
    return statistics.median(slopes) if slopes else float("nan")


def _with_answers(file: RigFile, answers: Path) -> RigFile:
    if file.simulated is None:
        return file
    simulated = file.simulated.model_copy(update={"cache": str(answers)})
    return replace(file, simulated=simulated)


class _SceneClock(RealClock):
    """A clock whose `monotonic_s` is how long scenes were watched: it ends a night by that."""

    def __init__(self) -> None:
        self.watched_s = 0.0

    def monotonic_s(self) -> float:
        """Seconds of scenes."""
        return self.watched_s


def _played(
    file: RigFile, plan: SoakPlan, seed: int, until_s: float, folder: Path
) -> list[tuple[float, float]]:
    """(seconds of scenes, MB of memory) after each play, until so many seconds were watched."""
    sizes: list[tuple[float, float]] = []
    clock = _SceneClock()

    def told(line: PlayLine) -> None:
        clock.watched_s += line.heard_s
        gc.collect()
        sizes.append((clock.watched_s, _resident_mb()))
        # Evidence of an hour is some GB, and nobody looks at it.
        shutil.rmtree(folder / line.evidence)
        print(f"play {line.number}: {clock.watched_s:.0f} s, {sizes[-1][1]:.1f} MB", flush=True)

    with RigPlayer(file, RealClock(), lambda _: None) as player:
        journal = Journal(folder, head_of(file, plan.digest, seed))
        night = Night(folder, plan.drawn(seed), until_s, told=told)
        run_night(night, journal, player, clock)
        journal.close()
    return sizes


def _more(name: str, before: Held, after: Held) -> Row:
    more = getattr(after, name) - getattr(before, name)
    return Row(f"{name} more than before", more, "", "0", more <= 0)


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _descendants(pid: int) -> Iterator[int]:
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, task.read_text().split()):
            yield child
            yield from _descendants(child)


def _link(pid: int, name: str) -> str:
    """Where one of a process's links leads: `name` below its folder in /proc; empty for none."""
    try:
        return str(Path(f"/proc/{pid}/{name}").readlink())
    except OSError:  # it ended meanwhile
        return ""
