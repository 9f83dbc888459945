"""How far a text is from a wake word, in sounds, wherever in the text it comes nearest."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from harness.ears.reading.costs import LEFT_OUT, SUBSTITUTED, coded

Costs = NDArray[np.float32]


def part_distances(wake: str, texts: Sequence[str]) -> Costs:
    """The least weighted edit distance of `wake` to any part of each text, both as sounds.

    0: it is in it; 1: nothing of it is.
    """
    return _distances(wake, texts, anywhere=True)


def whole_distances(wake: str, texts: Sequence[str]) -> Costs:
    """The weighted edit distance of `wake` to each whole text, in the same unit; may be over 1."""
    return _distances(wake, texts, anywhere=False)


def _distances(wake: str, texts: Sequence[str], *, anywhere: bool) -> Costs:
    if not wake:
        raise ValueError("a wake word has sounds")
    target, all_missed = coded(wake), float(LEFT_OUT[coded(wake)].sum())
    longest = max(map(len, texts), default=0)
    codes = np.full((len(texts), longest), -1, np.intp)
    for row, text in enumerate(texts):
        codes[row, : len(text)] = coded(text)
    missed = np.concatenate(([0.0], np.cumsum(LEFT_OUT[target]))).astype(np.float32)
    column = np.tile(missed, (len(texts), 1))
    best = column[:, -1].copy()
    for sounds in codes.T:
        there = sounds >= 0
        column[there] = _heard(column[there], sounds[there], target, anywhere=anywhere)
        best = np.minimum(best, column[:, -1])
    found: Costs = (best if anywhere else column[:, -1]) / np.float32(all_missed)
    return found


def _heard(
    column: Costs, sounds: NDArray[np.intp], target: NDArray[np.intp], *, anywhere: bool
) -> Costs:
    """The distances to all beginnings of the wake word, one more sound of each text heard."""
    found = column + LEFT_OUT[sounds][:, None]
    if anywhere:
        found[:, 0] = 0.0
    np.minimum(found[:, 1:], column[:, :-1] + SUBSTITUTED[sounds][:, target], out=found[:, 1:])
    for at in range(len(target)):
        np.minimum(found[:, at + 1], found[:, at] + LEFT_OUT[target[at]], out=found[:, at + 1])
    return found
