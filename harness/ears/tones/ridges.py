"""The ridges of a spectrogram: where a note of one partial, or a sweep, is followed in time."""

from itertools import pairwise

import numpy as np
import scipy
from numpy.typing import NDArray

Powers = NDArray[np.float64]
Numbers = NDArray[np.int64]

# What belongs to a ridge: re the loudest there is, and re the loudest in its frame.
_UNDER_ALL_DB, _UNDER_FRAME_DB = 30.0, 20.0
# Two partials are two where it is so much softer between them.
_VALLEY_DB = 6.0
_MOST, _LEAST_SHARE = 6, 0.01

Piece = tuple[int, int, int]


def ridges(power: Powers) -> Numbers:
    """The number of the ridge at each frame and frequency, from 1 for the loudest; 0 where none is.

    At most six, and none that holds less than a hundredth of the energy.
    """
    pieces = [piece for frame in range(len(power)) for piece in _pieces(frame, power)]
    labels = _labels(pieces)
    energy = np.bincount(labels, [float(power[f, a:b].sum()) for f, a, b in pieces])
    loudest = [n for n in np.argsort(-energy)[:_MOST] if energy[n] >= _LEAST_SHARE * energy.sum()]
    number = {int(label): i + 1 for i, label in enumerate(loudest)}
    found = np.zeros(power.shape, dtype=np.int64)
    for (frame, first, end), label in zip(pieces, labels, strict=True):
        found[frame, first:end] = number.get(int(label), 0)
    return found


def _pieces(frame: int, power: Powers) -> list[Piece]:
    """Stretches of frequencies that are loud in a frame, as (frame, first, end)."""
    level = 10 * np.log10(power[frame] + 1e-30)
    top = 10 * np.log10(power.max() + 1e-30)
    loud = level >= max(float(level.max()) - _UNDER_FRAME_DB, top - _UNDER_ALL_DB)
    edges = np.flatnonzero(np.diff(np.pad(loud.astype(np.int8), 1)))
    found: list[Piece] = []
    for first, end in zip(edges[::2], edges[1::2], strict=True):
        part = np.pad(level[first:end], 1, constant_values=-300.0)
        peaks, _ = scipy.signal.find_peaks(part, prominence=_VALLEY_DB)
        valleys = [a + int(np.argmin(part[a:b])) - 1 for a, b in pairwise(peaks)]
        cuts = [int(first), *(int(first) + v for v in valleys), int(end)]
        found += [(frame, a, b) for a, b in pairwise(cuts)]
    return found


def _labels(pieces: list[Piece]) -> Numbers:
    """Pieces that follow each other in time have one label.

    Not where several become one: an onset is broad, and would tie all partials together.
    """
    by_frame: dict[int, list[int]] = {}
    for i, (frame, _, _) in enumerate(pieces):
        by_frame.setdefault(frame, []).append(i)
    touching = [
        (i, j)
        for frame, here in by_frame.items()
        for i in here
        for j in by_frame.get(frame + 1, [])
        if pieces[i][1] < pieces[j][2] and pieces[j][1] < pieces[i][2]
    ]
    after = np.bincount([i for i, _ in touching], minlength=len(pieces))
    before = np.bincount([j for _, j in touching], minlength=len(pieces))
    links = [(i, j) for i, j in touching if after[i] == before[j] == 1]
    ends = np.array(links, dtype=np.int64).reshape(-1, 2)
    graph = scipy.sparse.coo_array(
        (np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(pieces),) * 2
    )
    labels: Numbers = scipy.sparse.csgraph.connected_components(graph, directed=False)[1].astype(
        np.int64
    )
    return labels
