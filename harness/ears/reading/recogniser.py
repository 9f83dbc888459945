"""The one interface to a speech recogniser, and what it returns."""

import importlib.util
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.errors import RigError

Samples = NDArray[np.float32]

RATE_HZ = 16_000
"""What every recogniser here wants."""
PAD_S = 0.3
"""Silence put before and after a sound: words at its very edges get lost."""
_SHORTEST_S = 0.1


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its times, in seconds from the start of the sound. `confidence`: 0..1."""

    text: str
    start_s: float
    end_s: float
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a recogniser made of a sound.

    `text` as it was written, empty where nothing was read. `confidence`: 0..1, how far the
    recogniser stands by it (where readings of altered copies were compared: how far they agree).
    `words`: the same text with times, empty where the recogniser gives none. `alternatives`: what
    it might have been as well, each once for every time it was read.
    """

    text: str
    confidence: float
    words: tuple[Word, ...] = ()
    alternatives: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything that was read, the best first."""
        return (self.text, *self.alternatives)


class Recogniser(ABC):
    """Writes down what is said in a sound. Loaded once, used from one thread at a time."""

    name: str

    @abstractmethod
    def transcribe(self, sound: Samples) -> Reading:
        """The words in `sound`: mono, `RATE_HZ`, full scale 1.0, some seconds long.

        `ValueError` for anything else; silence, noise and an empty sound are an empty text.
        """


class Heard(ABC):
    """One sound that a `Weigher` has taken in: what it reads, and how well any text fits it."""

    reading: Reading

    @abstractmethod
    def fit(self, texts: Sequence[str]) -> tuple[float, ...]:
        """The natural logarithm of how likely each text is, given the sound; higher fits better.

        Texts are compared with each other only, those of one sound, word for word as long as they
        like: a longer one is less likely unless the sound holds what it has more.
        """

    @abstractmethod
    def timed(self, text: str) -> tuple[Word, ...]:
        """The words of a text at the places of the sound where they fit best."""


class Weigher(Recogniser):
    """A recogniser that can also be asked how well a given text fits a sound.

    Names that it would never write by itself it can still tell apart, once it is told them.
    """

    @abstractmethod
    def hear(self, sound: Samples) -> Heard:
        """Take in a sound, of the kind that `transcribe` takes; the costly part is done once."""

    def transcribe(self, sound: Samples) -> Reading:
        """What it reads by itself."""
        return self.hear(sound).reading


def checked(sound: Samples) -> Samples:
    """`sound` as a recogniser may have it; `ValueError` that says what is wrong with it."""
    if sound.ndim != 1 or sound.dtype != np.float32:
        raise ValueError(
            f"a recogniser reads one channel of float32 at {RATE_HZ} Hz, not "
            f"{sound.dtype} of shape {sound.shape}; take one channel and convert it"
        )
    if not np.isfinite(sound).all():
        raise ValueError(
            f"{int((~np.isfinite(sound)).sum())} samples are no numbers; subtraction names such "
            "blocks `not_numbers`, do not read them"
        )
    return sound


def too_short(sound: Samples) -> bool:
    """Whether a sound is too short to hold a word."""
    return len(sound) < _SHORTEST_S * RATE_HZ


def padded(sound: Samples) -> Samples:
    """The sound with `PAD_S` of silence at either end."""
    return np.pad(sound, round(PAD_S * RATE_HZ))


def package_folder(name: str) -> Path:
    """Where the package of a recogniser or its model lies; `RigError` where it is missing."""
    found = importlib.util.find_spec(name)
    if found is None or found.origin is None:
        raise RigError(
            f"reading prompts needs the package {name}, which is not installed; see docs/setup.md"
        )
    return Path(found.origin).parent
