"""Tries a sound interface out for a few seconds: what comes in, and which loudspeaker is heard.

Not the bench's own way to play and record, which is a process of its own: nothing here is kept, so
a block lost to a busy machine does no harm.
"""

import threading
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers.interface_streams import Callbacks, Setup, Streams
from harness.bench.drivers.interface_sweep import SWEEP_S, first_arrival, short_sweep
from harness.bench.drivers.pulse_server import RATE_HZ
from harness.bench.ports.sound import Samples
from harness.bench.trial import Trial
from harness.clock import Clock, Deadline
from harness.errors import RigError
from harness.sound.level import level_db

OpenStreams = Callable[[Setup, Callbacks], AbstractContextManager[Streams]]
_SETTLE_S, _NOISE_S, _REACH_S, _SPARE_S, _POLL_S = 0.5, 1.0, 1.0, 2.0, 0.05
_CLIPS = 0.99


class _Ear:
    """Takes what comes in, and plays one sound at a time on one output."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._heard: list[NDArray[np.float32]] = []
        self._due: Samples = np.zeros(0, np.float32)
        self._output = 0

    def play(self, output: int, samples: Samples) -> None:
        """From the next block on."""
        with self._lock:
            self._output, self._due = output, samples

    def heard(self) -> int:
        """So many samples have come."""
        with self._lock:
            return sum(len(block) for block in self._heard)

    def take(self) -> NDArray[np.float32]:
        """All that came since this was asked last."""
        with self._lock:
            taken, self._heard = self._heard, []
        return np.concatenate(taken) if taken else np.zeros((0, 1), np.float32)

    def out(self, data: NDArray[np.float32], frames: int, _when: Any, _flags: Any) -> None:
        data.fill(0)
        with self._lock:
            now, self._due = self._due[:frames], self._due[frames:]
            data[: len(now), self._output] = now

    def hear(self, data: NDArray[np.float32], _frames: int, _when: Any, _flags: Any) -> None:
        with self._lock:
            self._heard.append(data.copy())


def try_sound(
    setup: Setup,
    microphones: Mapping[str, int],
    loudspeakers: Mapping[str, int],
    clock: Clock,
    opens: OpenStreams,
) -> Trial:
    """Noise at each of `microphones`; then each of `loudspeakers` in turn, at the first of those.

    Both by name and channel, counted from 0; without loudspeakers nothing is played. A `RigError`
    becomes a trial that failed.
    """
    told, works = list[str](), True
    ear = _Ear()
    try:
        with opens(setup, ear) as streams:
            told.append(f"{streams.name} is open: {RATE_HZ} Hz")
            _await(ear, clock, _SETTLE_S)
            noise = _await(ear, clock, _NOISE_S)
            for name, channel in microphones.items():
                fine, line = _noise_line(name, noise[:, channel])
                works, told = works and fine, [*told, line]
            listener = next(iter(microphones.values()))
            for name, channel in loudspeakers.items():
                ear.play(channel, short_sweep())
                heard = _await(ear, clock, SWEEP_S + _REACH_S)[:, listener]
                fine, line = _sweep_line(name, heard, level_db(noise[:, listener]))
                works, told = works and fine, [*told, line]
    except RigError as error:
        return Trial(False, (*told, str(error)))
    return Trial(works, tuple(told))


def _await(ear: _Ear, clock: Clock, seconds: float) -> NDArray[np.float32]:
    """What comes in from now on, at least so much of it."""
    ear.take()
    deadline = Deadline.after(clock, seconds + _SPARE_S)
    while ear.heard() < seconds * RATE_HZ:
        if deadline.passed():
            raise RigError(
                f"only {ear.heard() / RATE_HZ:.1f} s of sound came in {seconds + _SPARE_S:.1f} s: "
                f"does the interface run at {RATE_HZ} Hz, and does no other program hold it?"
            )
        clock.wait_s(_POLL_S)
    return ear.take()


def _noise_line(name: str, sound: NDArray[np.float32]) -> tuple[bool, str]:
    if not sound.any():
        return False, (
            f"microphone {name}: nothing but zeros; is it plugged in, has it its phantom power, "
            "and is its gain turned up?"
        )
    level = f"microphone {name}: noise floor {level_db(sound):.1f} dB re full scale"
    if float(np.abs(sound).max()) >= _CLIPS:
        return False, f"{level}, and it clips; turn its gain down"
    return True, level


def _sweep_line(name: str, heard: NDArray[np.float32], noise_db: float) -> tuple[bool, str]:
    sweep = short_sweep()
    place = first_arrival(heard, sweep)
    if place is None:
        return False, (
            f"loudspeaker {name}: its sweep was not heard; is the amplifier on and turned up, and "
            "are the outputs as they are cabled?"
        )
    heard_db = level_db(heard[place : place + len(sweep)])
    return True, (
        f"loudspeaker {name}: heard at {heard_db:.1f} dB re full scale, "
        f"{heard_db - noise_db:.0f} dB over the noise, {place / RATE_HZ * 1e3:.0f} ms after it was "
        "handed over"
    )
