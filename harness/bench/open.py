"""Opens a rig of any kind."""

from contextlib import AbstractContextManager

from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.bench.virtual import open_virtual_rig
from harness.clock import Clock


def open_rig(file: RigFile, clock: Clock) -> AbstractContextManager[Rig]:
    """The open rig as a context manager. Raises `RigError` when it does not open."""
    return open_virtual_rig(file, clock)
