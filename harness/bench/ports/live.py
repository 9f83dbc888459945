"""Whoever watches a play while it goes on: is told facts, and can do nothing."""

from abc import ABC, abstractmethod

from harness.model.live import Fact


class LiveFeed(ABC):
    """Takes facts of a play for those who watch it.

    It must never hold a play up, and never raise: what cannot be passed on is dropped and counted.
    """

    @property
    def is_followed(self) -> bool:
        """Whether anything becomes of what is told; else nothing need be measured for it."""
        return True

    @abstractmethod
    def tell(self, fact: Fact) -> None:
        """Pass a fact on; returns at once."""


class Unwatched(LiveFeed):
    """Nobody watches, and nobody could."""

    @property
    def is_followed(self) -> bool:
        """Never."""
        return False

    def tell(self, fact: Fact) -> None:
        """Nothing becomes of it."""
