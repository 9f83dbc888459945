"""What a driver that a rig file names is given beside its options."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from harness.clock import Clock


class Placed(Protocol):
    """The clock to tell the time and wait by, and where secrets are looked up."""

    @property
    def clock(self) -> Clock:
        """The run's clock."""
        ...

    @property
    def environment(self) -> Mapping[str, str]:
        """Environment variables."""
        ...


class PlacedWithin(Placed, Protocol):
    """The same, for what runs a program of its own."""

    @property
    def folder(self) -> Path:
        """A private folder of its own."""
        ...

    def inside(self, command: Sequence[str], /) -> list[str]:
        """The command that runs `command` where the device's server is."""
        ...
