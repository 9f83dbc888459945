"""Loudspeakers and microphones on one sample clock.

Positions on the clock are *indices*: whole samples at `rate_hz` since the sound system opened.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.bench.timefit import TimeLine

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoundLoss:
    """Sound that was lost, at an index, and how that is known."""

    index: int
    what: str


@dataclass(frozen=True, slots=True)
class TwoClocks:
    """The microphones' clock, which is corrected to run as the loudspeakers' does.

    `drift_ppm`: how much faster the loudspeakers' runs (1e-6), before the correction;
    `known_to_ppm`: how far that may be off.
    """

    drift_ppm: float
    known_to_ppm: float


MOST_APART_PPM = 300.0
"""Clocks of interfaces are within 100 ppm of the truth: two, within 200 of each other."""


class Loudspeaker(ABC):
    """Plays samples from named positions."""

    rate_hz: int
    positions: tuple[str, ...]

    @abstractmethod
    def earliest_index(self) -> int:
        """The first index at which sound handed over now would still come out complete."""

    @abstractmethod
    def play(self, position: str, samples: Samples, at_index: int) -> bool:
        """Mix mono `samples` (full scale 1.0) into `position`, first sample at `at_index`.

        False when that is too late to play them whole: then nothing is played. Raises `RigError`
        when the output has stopped.
        """


class Microphone(ABC):
    """Hears on named channels, on the loudspeaker's clock; keeps what it heard.

    `one_clock`: whether one crystal, or none at all, drives microphones and loudspeakers, so that
    what is heard never drifts away from what was played.
    """

    rate_hz: int
    channels: tuple[str, ...]
    one_clock: bool = False

    @abstractmethod
    def record(self, path: Path) -> None:
        """Begin a new recording in `path`; returns once sound is coming in.

        `RigError` when none comes. Ends the recording before, if there is one.
        """

    @abstractmethod
    def stop_recording(self) -> None:
        """End the recording; what was recorded stays readable until the next one begins."""

    @abstractmethod
    def started_at(self) -> int:
        """The index of the recording's first sample."""

    @abstractmethod
    def heard_until(self) -> int:
        """One past the last index that can be read."""

    @abstractmethod
    def read(self, channel: str, start: int, count: int) -> Samples:
        """`count` mono samples of `channel` from index `start`; waits for none, so ask
        `heard_until` first. Raises `RigError` when they are not all there.
        """

    @abstractmethod
    def unix_s(self, index: float) -> float:
        """The Unix time (s) at which the sample at `index` sounded."""

    @abstractmethod
    def clock_line(self) -> TimeLine:
        """Index to Unix time over the whole recording; `ValueError` when there is too little."""

    def two_clocks(self) -> TwoClocks | None:
        """What is known of the clocks of loudspeakers and microphones; None where it is one."""
        return None

    def pace(self, seconds: float) -> float | None:
        """How fast sound comes and goes against `rate_hz`, over so long: 1.0 for as it should.

        Nothing is played or recorded for it. Bursts make it good to some hundredths of half a
        second. None where no sound is moved in real time. Raises `RigError` when none comes.
        """
        return None

    @abstractmethod
    def losses(self) -> tuple[SoundLoss, ...]:
        """Every loss of sound known so far; never hidden."""

    @abstractmethod
    def trouble(self) -> str | None:
        """Why no more sound is coming although it should; None while all is well."""


class SharedEvent(ABC):
    """One instant seen by sound and by wire at once: it shows how far their clocks are apart."""

    @abstractmethod
    def mark(self, at_index: int, apart: int, payloads: Sequence[bytes]) -> list[float] | None:
        """For each payload a click and, at the same instant, a datagram that holds it.

        The first click is at `at_index`, the next `apart` samples later, and so on. Returns the
        Unix times (s) at which the datagrams were handed to the kernel, None when it was too late.
        """
