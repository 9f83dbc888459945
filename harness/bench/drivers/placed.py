"""What a driver that a rig file names is given beside its options."""

from collections.abc import Mapping
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
