"""Benches side by side: work shared out to lanes, each a process with rigs of names of its own."""

import multiprocessing
import os
import signal
import sys
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

_Work = TypeVar("_Work")
_Found = TypeVar("_Found")


def side_by_side(
    lane: Callable[[int, list[_Work]], _Found], work: Sequence[_Work], jobs: int
) -> list[_Found]:
    """Share the work out to `jobs` processes; what each lane found, in order of lanes.

    `lane` is called with its number and its share, in a new process, so it must be importable. What
    it raises is raised here, when the other lanes have ended.
    """
    before = signal.getsignal(signal.SIGTERM)
    _end_in_teardown()
    try:
        return _results(lane, [list(work[number::jobs]) for number in range(jobs)])
    finally:
        signal.signal(signal.SIGTERM, before)


def _results(lane: Callable[[int, list[_Work]], _Found], shares: list[list[_Work]]) -> list[_Found]:
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(
        len(shares), mp_context=spawn, initializer=_end_in_teardown
    ) as processes:
        try:
            lanes = [
                processes.submit(_told, lane, number, share) for number, share in enumerate(shares)
            ]
            return [each.result() for each in lanes]
        except (KeyboardInterrupt, SystemExit):
            for process in multiprocessing.active_children():
                process.terminate()
            raise


def _told(lane: Callable[[int, list[_Work]], _Found], number: int, work: list[_Work]) -> _Found:
    """What a lane found; what it raises is printed at once, for the other lanes may take hours."""
    try:
        return lane(number, work)
    except Exception:
        traceback.print_exc()
        raise


def lane_rig(rig: Path, folder: Path, prefix: str, number: int) -> Path:
    """Write a rig file into `folder` that is `rig` by a name of this lane's own; its path.

    Rigs are locked by name, so no two lanes may share one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"lane-{number}-{rig.name}"
    base = os.path.relpath(rig, folder)
    path.write_text(f"extends: {base}\nname: {prefix}-{number}-{rig.stem}\n")
    return path


def _end_in_teardown() -> None:
    """Whoever stops a benchmark must not leave its benches running: a signal ends in teardown."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(2))
