"""Loudspeakers and microphones on one sample clock.

Positions on the clock are *indices*: whole samples at `rate_hz` since the sound system opened.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class SoundLoss:
    """Sound that was lost, at an index, and how that is known."""

    index: int
    what: str


class Loudspeaker(ABC):
    """Plays samples from named positions."""

    rate_hz: int
    positions: tuple[str, ...]

    @abstractmethod
    def earliest_index(self) -> int:
        """The first index at which sound handed over now would still come out complete."""

    @abstractmethod
    def play(self, position: str, samples: Samples, at_index: int) -> None:
        """Mix mono `samples` (full scale 1.0) into `position`, first sample at `at_index`.

        Raises `RigError` when `at_index` is too late or the output has stopped.
        """


class Microphone(ABC):
    """Hears on named channels, on the loudspeaker's clock; keeps what it heard."""

    rate_hz: int
    channels: tuple[str, ...]

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
    def losses(self) -> tuple[SoundLoss, ...]:
        """Every loss of sound known so far; never hidden."""

    @abstractmethod
    def trouble(self) -> str | None:
        """Why no more sound is coming although it should; None while all is well."""
