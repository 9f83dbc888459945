"""The device's way to the network, which can be cut."""

from abc import ABC, abstractmethod


class Link(ABC):
    """The cable (or radio) between the device and everything else; the tap sits beyond the cut."""

    @abstractmethod
    def off(self) -> None:
        """Cut it; returns once nothing passes any more in either direction. Safe to call twice."""

    @abstractmethod
    def on(self) -> None:
        """Mend it; returns once packets pass again. Safe to call twice."""
