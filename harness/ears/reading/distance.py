"""How far names are from every few words of a text, in sounds. 1 is about one wrong sound."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.ears.reading.costs import LEFT_OUT, SUBSTITUTED, coded
from harness.ears.reading.sounds import word_sounds

_MOST_WORDS = 6
_FAR = np.float32(1e6)
Costs = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Window:
    """Words `first` up to (not including) `after` of a text."""

    first: int
    after: int


class Spoken:
    """Names as sounds, ready to be held against texts. `lengths`: how many sounds each has."""

    def __init__(self, names: Sequence[Sequence[str]]) -> None:
        sounds = ["".join(word_sounds(word) for word in name) for name in names]
        self.lengths = np.array([len(each) for each in sounds], np.intp)
        longest = int(self.lengths.max(initial=1))
        self._codes = np.zeros((len(sounds), longest), np.intp)
        for row, each in enumerate(sounds):
            self._codes[row, : len(each)] = coded(each)
        self._missed = np.zeros((len(sounds), longest + 1), np.float32)
        np.cumsum(LEFT_OUT[self._codes], axis=1, out=self._missed[:, 1:])
        self._rows = np.arange(len(sounds))

    def whole(self, words: Sequence[str]) -> Costs:
        """The weighted edit distance of each name to all the words together."""
        column = self._missed.copy()
        for word in words:
            for sound in coded(word_sounds(word)):
                column = self._heard(column, int(sound))
        found: Costs = column[self._rows, self.lengths]
        return found

    def distances(self, words: Sequence[str]) -> tuple[list[Window], Costs]:
        """Windows of up to six words, and (names, windows): the weighted edit distance."""
        windows: list[Window] = []
        costs: list[Costs] = []
        sounds = [coded(word_sounds(word)) for word in words]
        for first in range(len(words)):
            column = self._missed.copy()
            for after in range(first + 1, min(first + _MOST_WORDS, len(words)) + 1):
                for sound in sounds[after - 1]:
                    column = self._heard(column, int(sound))
                windows.append(Window(first, after))
                costs.append(column[self._rows, self.lengths])
        if not costs:
            return [], np.full((len(self.lengths), 0), _FAR, np.float32)
        return windows, np.stack(costs, axis=1)

    def _heard(self, column: Costs, sound: int) -> Costs:
        """The edit distances of all beginnings of the names, one more sound having been heard."""
        found = column + LEFT_OUT[sound]
        replaced = column[:, :-1] + SUBSTITUTED[self._codes, sound]
        np.minimum(found[:, 1:], replaced, out=found[:, 1:])
        # Missing the next sounds of the name: the cheapest beginning plus all that is missed since.
        reached: Costs = np.minimum.accumulate(found - self._missed, axis=1) + self._missed
        return reached
