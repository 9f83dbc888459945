"""The promise of every switch: a contact that can be closed and opened from afar."""

from abc import ABC, abstractmethod


class Switch(ABC):
    """One contact. A driver of one's own is a class like this: see docs/drivers.md.

    To be named in a rig file it also has `options` and `opened` (`harness.bench.drivers.registry`).

    `reads_back`: whether the hardware can be asked how the contact stands. Where it cannot, the
    rig must prove in another way that switching worked (the device falls silent, or starts).
    `clicks`: whether it is a relay, which is heard; `sayso doctor` then listens for it.
    """

    reads_back: bool = True
    clicks: bool = False

    @abstractmethod
    def set(self, closed: bool) -> None:
        """Close or open the contact; returns once the hardware has been told.

        Raises `RigError` when the hardware does not answer as it should.
        """

    @abstractmethod
    def read(self) -> bool | None:
        """Whether the contact is closed; None where the hardware cannot tell.

        Raises `RigError` when it can and does not.
        """

    @abstractmethod
    def identify(self) -> str:
        """What the hardware says it is, for people; `RigError` when it is something else."""

    @abstractmethod
    def close(self) -> None:
        """Let go of the hardware, which keeps its state; safe to call twice."""
