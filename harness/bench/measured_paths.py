"""The paths through a real room, measured when the bench is opened: a sweep from each loudspeaker.

Lines and chirps are then looked for as they sound in this room, and each loudspeaker is held to
the level that it had. (A computed room knows its paths: `room_paths`.)
"""

from pathlib import Path

import numpy as np

from harness.bench.ports.sound import Loudspeaker, Microphone, Samples
from harness.bench.room_paths import MICROPHONES, Paths
from harness.clock import Clock, Deadline
from harness.errors import RigError
from harness.sound.sweep import Sweep, exponential_sweep, response

_SWEEP_S, _PEAK = 1.0, 0.14
_FROM_HZ, _TO_HZ = 80.0, 18_000.0
_PATH_S = 0.4
_FADE_SHARE = 0.2
_QUIET_S = 0.2
_STANDS_OUT = 12.0
_NO_SOUND_S = 5.0


def measure_paths(
    loudspeaker: Loudspeaker, microphone: Microphone, clock: Clock, recording: Path
) -> Paths:
    """Impulse responses by (loudspeaker, microphone), all of one length; 0.4 s each.

    Records into `recording`, and ends it. Raises `RigError` naming a loudspeaker that the
    listener's microphone does not hear.
    """
    microphone.record(recording)
    sweep = exponential_sweep(_SWEEP_S, microphone.rate_hz, _PEAK, _FROM_HZ, _TO_HZ)
    there = [name for name in MICROPHONES if name in microphone.channels]
    paths: Paths = {}
    try:
        for position in loudspeaker.positions:
            heard = _played(loudspeaker, microphone, clock, position, sweep)
            for name in there:
                paths[position, name] = _path(sweep, heard[name])
            _check(position, paths[position, MICROPHONES[0]])
    finally:
        microphone.stop_recording()
    return paths


def _played(
    loudspeaker: Loudspeaker,
    microphone: Microphone,
    clock: Clock,
    position: str,
    sweep: Sweep,
) -> dict[str, Samples]:
    """What each microphone hears from when a sweep goes out until it has rung."""
    rate = microphone.rate_hz
    at = loudspeaker.earliest_index() + round(_QUIET_S * rate)
    if not loudspeaker.play(position, sweep.samples, at):
        raise RigError("the machine is too busy to play a sweep in time; end other work on it")
    count = len(sweep.samples) + round(_PATH_S * rate)
    deadline = Deadline.after(clock, _SWEEP_S + _PATH_S + _QUIET_S + _NO_SOUND_S)
    while microphone.heard_until() < at + count:
        if (why := microphone.trouble()) is not None or deadline.passed():
            raise RigError(why or "no sound comes from the interface any more")
        clock.wait_s(0.05)
    there = [name for name in MICROPHONES if name in microphone.channels]
    return {name: microphone.read(name, at, count) for name in there}


def _path(sweep: Sweep, heard: Samples) -> Samples:
    """What turns the sweep into what was heard, faded at its end."""
    try:
        path = response(sweep, heard, _PATH_S).path.copy()
    except ValueError as error:
        raise RigError(f"the room could not be measured: {error}") from error
    fade = round(_FADE_SHARE * len(path))
    path[-fade:] *= np.cos(np.linspace(0.0, np.pi / 2, fade, dtype=np.float32)) ** 2
    return path


def _check(position: str, path: Samples) -> None:
    """A room rings from one moment on; noise has no such moment."""
    late = path[len(path) // 2 : -round(_FADE_SHARE * len(path))]
    rest = float(np.sqrt(np.mean(np.square(late, dtype=np.float64))))
    if not float(np.max(np.abs(path))) > _STANDS_OUT * rest:
        raise RigError(
            f"the loudspeaker at {position} was not heard at the listener's microphone when the "
            "bench was opened: is its amplifier on and turned up, is the microphone, and are "
            "`outputs` and `inputs` in the rig file as they are cabled?"
        )
