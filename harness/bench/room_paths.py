"""The paths through a rig's room by name: the same for the real-time and the simulated bench."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.bench.acoustics import Point, RoomSpec, impulse_responses
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile
from harness.errors import RigError

DEVICE = "device"
MICROPHONES = ("listener", DEVICE)
_SPEAKER_OFFSET_M = 0.05
Paths = dict[tuple[str, str], Samples]


@lru_cache(maxsize=8)
def _responses(
    room: RoomSpec, sources: tuple[Point, ...], places: tuple[Point, ...], rate_hz: int
) -> NDArray[np.float32]:
    """Computed once a process: whoever opens a rig for each play has one room."""
    found = impulse_responses(room, sources, places, rate_hz)
    found.flags.writeable = False
    return found


def room_paths(file: RigFile, rate_hz: int) -> Paths:
    """Impulse responses by (source, microphone), all of one length.

    Sources are the loudspeakers' positions and `device`, whose loudspeaker sits beside its
    microphone; microphones are `listener` and `device`. Raises `RigError` for a room that cannot
    be built.
    """
    assert file.room is not None  # of every rig but a bench
    x, y, z = file.device.at
    sources = {**file.sound.loudspeakers, DEVICE: (x, y + _SPEAKER_OFFSET_M, z)}
    places = [file.sound.listener, file.device.at]
    room = RoomSpec(file.room.size_m, file.room.t60_s, file.room.noise_db, file.room.seed)
    try:
        found = _responses(room, tuple(sources.values()), tuple(places), rate_hz)
    except ValueError as error:
        raise RigError(f"the room of rig {file.name!r} cannot be built: {error}") from error
    return {
        (source, microphone): found[i, j]
        for i, source in enumerate(sources)
        for j, microphone in enumerate(MICROPHONES)
    }
