"""The paths through a real room, measured when the bench is opened: a sweep from each loudspeaker.

Lines and chirps are then looked for as they sound in this room, and each loudspeaker is held to
the level that it had. (A computed room knows its paths: `room_paths`.)
"""

from pathlib import Path

import numpy as np
import scipy.signal

from harness.bench.ports.sound import Loudspeaker, Microphone, Samples
from harness.bench.room_paths import MICROPHONES, Paths
from harness.clock import Clock, Deadline
from harness.errors import RigError

_SWEEP_S, _LEVEL = 1.0, 0.14
_FROM_HZ, _TO_HZ, _TO_SHARE = 80.0, 18_000.0, 0.45
_PATH_S = 0.4
_FADE_SHARE = 0.2
_QUIET_S = 0.2
_REGULAR = 1e-3
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
    sweep = _sweep(microphone.rate_hz)
    there = [name for name in MICROPHONES if name in microphone.channels]
    paths: Paths = {}
    try:
        for position in loudspeaker.positions:
            heard = _played(loudspeaker, microphone, clock, position, sweep)
            for name in there:
                paths[position, name] = _path(sweep, heard[name], microphone.rate_hz)
            _check(position, paths[position, MICROPHONES[0]])
    finally:
        microphone.stop_recording()
    return paths


def _played(
    loudspeaker: Loudspeaker,
    microphone: Microphone,
    clock: Clock,
    position: str,
    sweep: Samples,
) -> dict[str, Samples]:
    """What each microphone hears from when a sweep goes out until it has rung."""
    rate = microphone.rate_hz
    at = loudspeaker.earliest_index() + round(_QUIET_S * rate)
    if not loudspeaker.play(position, sweep, at):
        raise RigError("the machine is too busy to play a sweep in time; end other work on it")
    count = len(sweep) + round(_PATH_S * rate)
    deadline = Deadline.after(clock, _SWEEP_S + _PATH_S + _QUIET_S + _NO_SOUND_S)
    while microphone.heard_until() < at + count:
        if (why := microphone.trouble()) is not None or deadline.passed():
            raise RigError(why or "no sound comes from the interface any more")
        clock.wait_s(0.05)
    there = [name for name in MICROPHONES if name in microphone.channels]
    return {name: microphone.read(name, at, count) for name in there}


def _sweep(rate_hz: int) -> Samples:
    t = np.arange(round(_SWEEP_S * rate_hz)) / rate_hz
    top_hz = min(_TO_HZ, _TO_SHARE * rate_hz)
    sweep = scipy.signal.chirp(t, _FROM_HZ, _SWEEP_S, top_hz, method="logarithmic", phi=-90)
    edge = scipy.signal.windows.tukey(len(t), 0.05)
    soft: Samples = (_LEVEL * sweep * edge).astype(np.float32)
    return soft


def _path(sweep: Samples, heard: Samples, rate_hz: int) -> Samples:
    """What turns the sweep into what was heard, by division of spectra."""
    size = 1 << (len(heard) + len(sweep)).bit_length()
    sent = np.fft.rfft(sweep, size)
    power = np.square(np.abs(sent))
    spectrum = np.fft.rfft(heard, size) * np.conj(sent) / (power + _REGULAR * power.max())
    path = np.fft.irfft(spectrum, size)[: round(_PATH_S * rate_hz)]
    fade = round(_FADE_SHARE * len(path))
    path[-fade:] *= np.cos(np.linspace(0.0, np.pi / 2, fade)) ** 2
    return path.astype(np.float32)


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
