"""What is played, where and when: every sound handed to the loudspeakers, kept for the proof."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.sound import Loudspeaker, Samples
from harness.errors import RigError, SceneError

_STEP = np.float32(2.0**-23)
# Headroom: several voices from one loudspeaker add up.
_PEAK = 0.9
_ATTEMPTS = 8


@dataclass(frozen=True, slots=True)
class Played:
    """A sound that went out: `label` says what, `at_index` when its first sample was due."""

    label: str
    position: str
    at_index: int
    samples: Samples


def at_level(samples: Samples, gain_db: float, what: str) -> Samples:
    """Scale, and round to 24 bits, so that a recording can be compared sample for sample.

    Raises `SceneError` when it would clip.
    """
    scaled = samples * np.float32(10 ** (gain_db / 20))
    peak = float(np.max(np.abs(scaled), initial=0.0))
    if peak > _PEAK:
        over_db = 20 * np.log10(peak / _PEAK)
        raise SceneError(f"{what} would clip: lower its level_db by {over_db:.1f} dB or more")
    rounded: Samples = (np.rint(scaled / _STEP) * _STEP).astype(np.float32)
    return rounded


class Schedule:
    """Plays, and remembers what it played."""

    def __init__(self, loudspeaker: Loudspeaker) -> None:
        self._loudspeaker = loudspeaker
        self.played: list[Played] = []

    def play(self, label: str, position: str, samples: Samples, not_before: int) -> Played:
        """Play as soon as `not_before` allows and the loudspeaker can."""
        for attempt in range(_ATTEMPTS):
            # On a busy machine the moment may pass while the sound is handed over: aim later.
            spare = attempt * self._loudspeaker.rate_hz // 20
            at_index = max(not_before, self._loudspeaker.earliest_index() + spare)
            if self._loudspeaker.play(position, samples, at_index):
                played = Played(label, position, at_index, samples)
                self.played.append(played)
                return played
        raise RigError(
            f"{label} could not be played: each of {_ATTEMPTS} times the moment had passed; the "
            "machine is too busy, end other work on it"
        )

    def expected(self, position: str, start: int, count: int) -> NDArray[np.float32]:
        """The sum of all that was due at `position` from index `start` on."""
        mix = np.zeros(count, dtype=np.float32)
        for sound in self.played:
            if sound.position == position:
                a = max(start, sound.at_index)
                b = min(start + count, sound.at_index + len(sound.samples))
                if a < b:
                    due = sound.samples[a - sound.at_index : b - sound.at_index]
                    mix[a - start : b - start] += due
        return mix
