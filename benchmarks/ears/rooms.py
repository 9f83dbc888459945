"""The rooms that are measured, by the name that `--only` takes, in the order of the table."""

from collections.abc import Callable

from benchmarks.ears.cancellation import Cancellation
from benchmarks.ears.finding import Finding
from benchmarks.ears.hearing import Hearing
from benchmarks.ears.naming import Naming
from benchmarks.ears.room import Room
from benchmarks.ears.speed import Speed
from benchmarks.ears.spotting import Spotting

ROOMS: dict[str, Callable[[bool], Room]] = {
    "cancellation": Cancellation,
    "finding": Finding,
    "audibility": Hearing,
    "naming": Naming,
    "spotting": Spotting,
    "speed": Speed,
}
