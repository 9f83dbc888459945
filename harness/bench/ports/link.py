"""The device's way to the network, which can be cut."""

from abc import ABC, abstractmethod

from harness.model.network import NetworkCondition


class Link(ABC):
    """The cable (or radio) between the device and everything else.

    A cut lies on the device's side of the tap: nothing is seen while it lasts. All else that makes
    the network poor lies beyond the tap: what the device sends is seen when it sends it, also what
    is held up or lost after that, and what comes for it is seen when it reaches it.
    """

    @abstractmethod
    def off(self) -> None:
        """Cut it; returns once nothing passes any more in either direction. Safe to call twice."""

    @abstractmethod
    def on(self) -> None:
        """Mend it; returns once packets pass again, as quickly and as surely as ever.

        What waited because the network was poor passes at once, in its order. Safe to call twice.
        """

    @abstractmethod
    def shape(self, condition: NetworkCondition) -> None:
        """Make the network as poor as `condition` says, and no poorer; one that was cut is back so.

        Returns once every packet that is sent from now on is treated so. What an earlier condition
        made wait passes at once.
        """

    def prepare(self) -> None:
        """Get ready for `shape`, so that it takes no time in a scene; this changes nothing yet.

        Called before a play that needs it. Safe to call twice.
        """
        return

    def release(self) -> None:
        """Let go of what `prepare` got; called after such a play, once the link is good again."""
        return
