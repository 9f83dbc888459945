"""Several weighers as one: what one of them mishears, another may not."""

from collections.abc import Sequence

import numpy as np

from harness.ears.reading.recogniser import Heard, Reading, Samples, Weigher, Word


class Together(Weigher):
    """Weighers of which the first is the best: its reading counts, the others' are alternatives.
    How well a text fits is the mean of what each says.
    """

    def __init__(self, weighers: Sequence[Weigher]) -> None:
        self.name = " and ".join(one.name for one in weighers)
        self._weighers = tuple(weighers)

    def hear(self, sound: Samples) -> Heard:
        """Take in a sound, each of them."""
        return _Heard([one.hear(sound) for one in self._weighers])

    def transcribe(self, sound: Samples) -> Reading:
        """What the best of them reads."""
        return self._weighers[0].transcribe(sound)


class _Heard(Heard):
    """A sound that each has taken in. The best one's text, unless it read nothing."""

    def __init__(self, heard: Sequence[Heard]) -> None:
        self._heard = tuple(heard)
        first, *others = sorted((one.reading for one in heard), key=lambda one: not one.text)
        texts = dict.fromkeys(text for one in (first, *others) for text in one.texts if text)
        self.reading = Reading(first.text, first.confidence, first.words, tuple(texts)[1:])

    def fit(self, texts: Sequence[str]) -> tuple[float, ...]:
        found = np.mean([one.fit(texts) for one in self._heard], axis=0)
        return tuple(float(fit) for fit in found)

    def timed(self, text: str) -> tuple[Word, ...]:
        return self._heard[0].timed(text)
