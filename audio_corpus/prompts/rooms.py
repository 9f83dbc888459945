"""Rooms of the test set: a shoebox of any size, with places for everything that sounds in it."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from audio_corpus.prompts.sources import Draw
from harness.bench.acoustics import Point, RoomSpec, impulse_responses
from harness.bench.ports.sound import Samples

LOUDSPEAKERS = ("table", "counter", "window", "television", "sink")
DEVICE = "device"
_SMALLEST_M, _LARGEST_M = (3.4, 3.0, 2.4), (6.5, 5.0, 2.8)
_WALL_M = 0.4
_APART_M = 1.0
_DEVICE_M = (0.9, 2.6)
_BESIDE_M = 0.05
_TRIES = 1_000


@dataclass(frozen=True, slots=True)
class Layout:
    """A room and what stands where. `sources`: by the names of `LOUDSPEAKERS` and `DEVICE`.

    `microphones`: the listener's, and one beside the device.
    """

    size_m: Point
    t60_s: float
    sources: tuple[Point, ...]
    microphones: tuple[Point, Point]


def drawn(t60_s: float, draw: Draw) -> Layout:
    """A room with this reverberation time; the device is 0.9 to 2.6 m from the listener."""
    size_m = _point(draw.uniform(_SMALLEST_M, _LARGEST_M))
    for _ in range(_TRIES):
        listener, device = _place(size_m, draw), _place(size_m, draw)
        if not _DEVICE_M[0] <= _distance_m(listener, device) <= _DEVICE_M[1]:
            continue
        others = [_place(size_m, draw) for _ in LOUDSPEAKERS]
        if all(_distance_m(place, listener) >= _APART_M for place in others):
            beside = (device[0], device[1] + _BESIDE_M, device[2])
            return Layout(size_m, t60_s, (*others, device), (listener, beside))
    raise ValueError(f"no room of {size_m} m could be furnished in {_TRIES} tries")


@lru_cache(maxsize=4)
def responses(layout: Layout, rate_hz: int) -> Samples:
    """Impulse responses, shape (loudspeakers and the device, microphones, taps)."""
    spec = RoomSpec(layout.size_m, layout.t60_s, 0.0, 0)
    return impulse_responses(spec, layout.sources, layout.microphones, rate_hz)


def direct(response: Samples) -> int:
    """The sample at which the direct sound of a path arrives."""
    size = np.abs(response)
    return int(np.flatnonzero(size >= 0.5 * size.max())[0])


def _place(size_m: Point, draw: Draw) -> Point:
    """Somewhere at the height of tables and heads."""
    low, high = (_WALL_M, _WALL_M, 0.7), (size_m[0] - _WALL_M, size_m[1] - _WALL_M, 1.7)
    return _point(draw.uniform(low, high))


def _distance_m(one: Point, other: Point) -> float:
    return float(np.linalg.norm(np.subtract(one, other)))


def _point(values: NDArray[np.float64]) -> Point:
    x, y, z = (round(float(value), 3) for value in values)
    return x, y, z
