"""What every adapter of a room is to the benchmark."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from benchmarks.ears.takes import Take
from benchmarks.table import Row


class Room(ABC):
    """Looks at takes and tells figures. `groups`: whose recordings it wants, as `Part` names them;
    `beside`: whether it wants the microphone beside the device too.

    `facts`: what belongs beside the table, such as what is not installed.
    """

    groups: Sequence[str] = ()
    beside = False

    def __init__(self, quick: bool) -> None:
        self.quick = quick
        self.facts: dict[str, str] = {}

    @abstractmethod
    def see(self, group: str, take: Take) -> None:
        """Look at one recording of a group."""

    @abstractmethod
    def rows(self) -> list[Row]:
        """The figures, once everything was seen."""


def at_least(figure: str, value: float, unit: str, goal: float) -> Row:
    """A figure that must be so much at least."""
    return Row(figure, value, unit, f"at least {goal:g}", value >= goal)


def at_most(figure: str, value: float, unit: str, goal: float) -> Row:
    """A figure that may be so much at most."""
    return Row(figure, value, unit, f"at most {goal:g}", value <= goal)


def plain(figure: str, value: float, unit: str) -> Row:
    """A figure without a goal."""
    return Row(figure, value, unit, "", None)
