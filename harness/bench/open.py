"""Opens a rig of any kind."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

from harness.bench.hardware import open_bench_rig
from harness.bench.live_feed import open_feed
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.bench.simulated import open_simulated_rig
from harness.bench.virtual import open_virtual_rig
from harness.clock import Clock


@contextmanager
def open_rig(file: RigFile, clock: Clock) -> Iterator[Rig]:
    """The open rig as a context manager. Raises `RigError` when it does not open.

    `clock`: the one that a bench in real time runs on; a simulated rig brings its own. What is
    played on it can be watched (`live`).
    """
    with _opened(file, clock) as rig, open_feed(file.name) as feed:
        yield replace(rig, live=feed)


def _opened(file: RigFile, clock: Clock) -> AbstractContextManager[Rig]:
    if file.kind == "simulated":
        return open_simulated_rig(file)
    if file.kind == "bench":
        return open_bench_rig(file, clock)
    return open_virtual_rig(file, clock)
