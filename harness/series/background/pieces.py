"""A sound file as pieces of about a minute, each with its level (ITU-T P.56).

A piece ends where it is quietest, so that no word is cut in two.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.scene.clips import Samples, resampled
from harness.series.background.audio import SoundSource
from harness.sound.active_level import ActiveLevel, active_level

_LONGEST_S, _CUT_WITHIN_S, _READ_S = 60.0, 15.0, 30.0
_QUIET_S = 0.05
_LEVELS_HZ = 16_000
_MARGIN_DB = 15.9
_SILENT_UNDER_FILE_DB = 20.0


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of a file, in seconds. `level`: None where it has no active level."""

    from_s: float
    until_s: float
    level: ActiveLevel | None

    @property
    def length_s(self) -> float:
        """How long it is."""
        return self.until_s - self.from_s


def pieces_of(source: SoundSource) -> Iterator[Cut]:
    """All of a file, cut into pieces, none longer than a minute; each as soon as it is read."""
    rate, first, held = source.rate_hz, 0, np.zeros(0, np.float32)
    longest = round(_LONGEST_S * rate)
    for block in source.stream(_READ_S):
        held = np.concatenate((held, block))
        while len(held) > longest:
            count = _quietest(held[:longest], rate)
            yield _cut(held[:count], first, rate)
            held, first = held[count:], first + count
    if len(held):
        yield _cut(held, first, rate)


def joined_level_db(levels: Sequence[ActiveLevel]) -> float | None:
    """The active level of all pieces together, dB re full scale; None where none has one.

    What lies more than P.56's margin under it was not spoken, as in P.56 itself.
    """
    energy, active_s, joined = 0.0, 0.0, None
    for level in sorted(levels, key=lambda each: -each.level_db):
        if joined is not None and level.level_db < joined - _MARGIN_DB:
            break
        energy += 10 ** (level.level_db / 10) * level.active_s
        active_s += level.active_s
        joined = 10 * float(np.log10(energy / active_s))
    return joined


def is_silent(cut: Cut, file_db: float | None) -> bool:
    """Whether a piece is so far under its file's level that nobody could prove it was heard."""
    if cut.level is None or file_db is None:
        return True
    return cut.level.level_db < file_db - _SILENT_UNDER_FILE_DB


def _cut(samples: Samples, first: int, rate: int) -> Cut:
    at_level_rate = resampled(samples, rate, _LEVELS_HZ).astype(np.float64)
    return Cut(first / rate, (first + len(samples)) / rate, active_level(at_level_rate, _LEVELS_HZ))


def _quietest(samples: Samples, rate: int) -> int:
    """Where to cut: the middle of the quietest moment of the last seconds."""
    frame = max(1, round(_QUIET_S * rate))
    tail = samples[len(samples) - round(_CUT_WITHIN_S * rate) // frame * frame :]
    power = np.mean(np.square(tail.reshape(-1, frame), dtype=np.float64), axis=1)
    return len(samples) - len(tail) + int(power.argmin()) * frame + frame // 2
