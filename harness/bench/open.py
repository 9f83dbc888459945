"""Opens a rig of any kind."""

from contextlib import AbstractContextManager

from harness.bench.hardware import open_bench_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.bench.simulated import open_simulated_rig
from harness.bench.virtual import open_virtual_rig
from harness.clock import Clock


def open_rig(file: RigFile, clock: Clock) -> AbstractContextManager[Rig]:
    """The open rig as a context manager. Raises `RigError` when it does not open.

    `clock`: the one that a bench in real time runs on; a simulated rig brings its own.
    """
    if file.kind == "simulated":
        return open_simulated_rig(file)
    if file.kind == "bench":
        return open_bench_rig(file, clock)
    return open_virtual_rig(file, clock)
