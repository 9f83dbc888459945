"""The paths through a rig's room by name: the same for the real-time and the simulated bench."""

from harness.bench.acoustics import RoomSpec, impulse_responses
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile
from harness.errors import RigError

DEVICE = "device"
MICROPHONES = ("listener", DEVICE)
_SPEAKER_OFFSET_M = 0.05
Paths = dict[tuple[str, str], Samples]


def room_paths(file: RigFile, rate_hz: int) -> Paths:
    """Impulse responses by (source, microphone), all of one length.

    Sources are the loudspeakers' positions and `device`, whose loudspeaker sits beside its
    microphone; microphones are `listener` and `device`. Raises `RigError` for a room that cannot
    be built.
    """
    x, y, z = file.device.at
    sources = {**file.sound.loudspeakers, DEVICE: (x, y + _SPEAKER_OFFSET_M, z)}
    places = [file.sound.listener, file.device.at]
    room = RoomSpec(file.room.size_m, file.room.t60_s, file.room.noise_db, file.room.seed)
    try:
        found = impulse_responses(room, list(sources.values()), places, rate_hz)
    except ValueError as error:
        raise RigError(f"the room of rig {file.name!r} cannot be built: {error}") from error
    return {
        (source, microphone): found[i, j]
        for i, source in enumerate(sources)
        for j, microphone in enumerate(MICROPHONES)
    }
