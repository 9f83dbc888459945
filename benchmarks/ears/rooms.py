"""The rooms that are measured, by the name that `--only` takes, in the order of the table."""

from collections.abc import Callable

from benchmarks.ears.cancellation import Cancellation
from benchmarks.ears.hearing import Hearing
from benchmarks.ears.room import Room

ROOMS: dict[str, Callable[[bool], Room]] = {
    "cancellation": Cancellation,
    "audibility": Hearing,
}
