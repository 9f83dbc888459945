"""Reading a sound several times, each time altered a little: alternatives and an honest confidence.

A small recogniser gives one text and says nothing of how sure it is. What it reads the same when
the sound is somewhat slower, faster or brighter was in the sound; what changes was made up.
"""

from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np
import scipy
import soxr
from rapidfuzz import fuzz

from harness.ears.reading.recogniser import RATE_HZ, Reading, Recogniser, Samples, Word, checked
from harness.ears.reading.sounds import plain

Take = Callable[[Samples], Samples]


def paced(speed: float) -> Take:
    """The sound `speed` times as fast, its pitch with it."""

    def take(sound: Samples) -> Samples:
        found: Samples = soxr.resample(sound, RATE_HZ, RATE_HZ / speed)
        return found

    return take


def brighter(sound: Samples) -> Samples:
    """The sound with its low end turned down: 6 dB an octave up to about 1 kHz."""
    return np.asarray(scipy.signal.lfilter([1.0, -0.7], [1.0], sound), np.float32)


def later(sound: Samples) -> Samples:
    """The sound a quarter of a second later, and 6 dB softer."""
    return np.concatenate((np.zeros(RATE_HZ // 4, np.float32), 0.5 * sound))


TAKES: tuple[Take, ...] = (paced(0.93), paced(1.07), brighter, later)


class Rereader(Recogniser):
    """A recogniser that reads everything again as each of `takes` makes it.

    Its text is the one that is most like all the others; its confidence, how alike they are.
    """

    def __init__(self, recogniser: Recogniser, takes: Sequence[Take] = TAKES) -> None:
        self.name = f"{recogniser.name}, {1 + len(takes)} times"
        self._recogniser = recogniser
        self._takes = tuple(takes)

    def transcribe(self, sound: Samples) -> Reading:
        """All readings as one; `1 + len(takes)` times the work."""
        return self.reread(self._recogniser.transcribe(checked(sound)), sound)

    def reread(self, first: Reading, sound: Samples) -> Reading:
        """The same, where the sound as it is was read before, as `first`."""
        again = [self._recogniser.transcribe(take(sound)) for take in self._takes]
        return combined(first, [one.text for one in again])


def combined(first: Reading, again: Sequence[str]) -> Reading:
    """A reading and what was read again, as one. Times are those of `first`, where its text stays.

    What was read as nothing counts as no agreement, and is no alternative.
    """
    texts = [*first.texts, *again]
    alike = [_likeness(text, texts[:i] + texts[i + 1 :]) for i, text in enumerate(texts)]
    best = max(range(len(texts)), key=lambda i: (alike[i], -i))
    words: tuple[Word, ...] = first.words if texts[best] == first.text else ()
    others = tuple(text for i, text in enumerate(texts) if i != best and text)
    pairs = [_alike(one, other) for one, other in combinations(texts, 2)]
    confidence = float(np.mean(pairs)) if pairs else first.confidence
    return Reading(texts[best], confidence if texts[best] else 0.0, words, others)


def _likeness(text: str, others: Sequence[str]) -> float:
    return float(np.mean([_alike(text, other) for other in others])) if others else 1.0


def _alike(one: str, other: str) -> float:
    """How alike two texts are, 0..1; nothing is like nothing else."""
    if not one or not other:
        return 0.0
    return fuzz.ratio(plain(one), plain(other)) / 100.0
