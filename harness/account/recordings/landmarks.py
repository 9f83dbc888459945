"""Where a sound may lie in hours of others: pairs of spectral peaks, looked up by what they are.

After Wang, "An industrial-strength audio search algorithm" (ISMIR 2003), with peaks as dense as
talk needs: two peaks of a spectrogram, their frequencies and the time between them, make a key.
A sound that was played again, through a room, a microphone and a codec, shares many keys with
what was played, all by the same difference of time. That tells where to look and proves nothing.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.band import RATE_HZ, Samples

HOP = 128
_WINDOW = 512
# A recording may begin anywhere between two frames of the log.
_SHIFTS = (0, 64)
_FIRST_BIN, _BINS = 16, 220
_NEAR_FRAMES, _NEAR_BINS = 7, 9
_AROUND_FRAMES, _AROUND_BINS = 51, 31
# How far a peak stands out of what is around it, in nepers of magnitude.
_STANDS_OUT = 0.7
_QUIET = 1e-4
_LEAST_FRAMES, _MOST_FRAMES, _MOST_BINS = 2, 45, 24
_FOLLOWERS = 40
_CHUNK_FRAMES = 4_096

Keys = NDArray[np.uint32]
Frames = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Keys, and the frame (of `HOP` samples) in which each begins."""

    keys: Keys
    frames: Frames

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.keys)


def of_log(samples: Samples) -> Landmarks:
    """Those of a sound of any length (8 kHz, from `band`)."""
    return _paired(*_peaks(samples))


def of_query(samples: Samples) -> Landmarks:
    """Those of a recording that is looked for: at several places between two frames."""
    parts = [_paired(*_peaks(samples[shift:])) for shift in _SHIFTS]
    keys = np.concatenate([part.keys for part in parts])
    frames = np.concatenate([part.frames for part in parts])
    return Landmarks(keys, frames)


def _peaks(samples: Samples) -> tuple[Frames, Frames]:
    """Frame and bin of each peak, in order of time."""
    count = max(0, (len(samples) - _WINDOW) // HOP + 1)
    margin = _AROUND_FRAMES
    times, bins = [], []
    for first in range(0, count, _CHUNK_FRAMES):
        start = max(0, first - margin)
        stop = min(count, first + _CHUNK_FRAMES + margin)
        at, which = np.nonzero(_is_peak(_magnitudes(samples, start, stop)))
        kept = (at >= first - start) & (at < first - start + _CHUNK_FRAMES)
        times.append(at[kept] + start)
        bins.append(which[kept])
    none: list[NDArray[np.int64]] = [np.empty(0, dtype=np.int64)]
    return (
        np.concatenate(times or none).astype(np.int32),
        np.concatenate(bins or none).astype(np.int32),
    )


def _magnitudes(samples: Samples, start: int, stop: int) -> NDArray[np.float32]:
    """Logarithms of the magnitude, frames by bins."""
    part = samples[start * HOP : (stop - 1) * HOP + _WINDOW]
    windows = np.lib.stride_tricks.sliding_window_view(part, _WINDOW)[::HOP]
    shape = np.hanning(_WINDOW).astype(np.float32)
    spectra = np.abs(scipy.fft.rfft(windows * shape)[:, _FIRST_BIN : _FIRST_BIN + _BINS])
    logs: NDArray[np.float32] = np.log(spectra + np.float32(_QUIET))
    return logs


def _is_peak(logs: NDArray[np.float32]) -> NDArray[np.bool_]:
    highest = scipy.ndimage.maximum_filter(logs, (_NEAR_FRAMES, _NEAR_BINS), mode="nearest")
    around = scipy.ndimage.uniform_filter(logs, (_AROUND_FRAMES, _AROUND_BINS), mode="nearest")
    loud = logs > np.log(10 * _QUIET)
    is_peak: NDArray[np.bool_] = (logs == highest) & (logs > around + _STANDS_OUT) & loud
    return is_peak


def _paired(times: Frames, bins: Frames) -> Landmarks:
    """A key for each two peaks that are near."""
    keys, frames = [], []
    for step in range(1, min(_FOLLOWERS, len(times) - 1) + 1):
        apart, rises = times[step:] - times[:-step], bins[step:] - bins[:-step]
        near = (apart >= _LEAST_FRAMES) & (apart <= _MOST_FRAMES) & (np.abs(rises) <= _MOST_BINS)
        first, apart, rises = bins[:-step][near], apart[near], rises[near]
        keys.append(((first << 12) | ((rises + _MOST_BINS) << 6) | apart).astype(np.uint32))
        frames.append(times[:-step][near])
    if not keys:
        return Landmarks(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int32))
    return Landmarks(np.concatenate(keys), np.concatenate(frames))


_NONE = Landmarks(np.empty(0, dtype=np.uint32), np.empty(0, dtype=np.int32))


def _counts(marks: Landmarks) -> NDArray[np.int64]:
    """How many there are of each key."""
    return np.bincount(marks.keys, minlength=1 << 20)


def _begins(counts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Where each key begins where all are sorted, and where the last ends."""
    return np.concatenate(([0], np.cumsum(counts)))


class Index:
    """The landmarks of a whole log, ready to be asked.

    `parts`: gives those of the log, in order of time, and is asked twice; `frames`: how long the
    log is. Sorted by key part by part, so that one part at a time is in memory.
    """

    def __init__(self, parts: Callable[[], Iterable[Landmarks]], frames: int) -> None:
        self._starts = _begins(sum((_counts(part) for part in parts()), _counts(_NONE)))
        self._frames = np.empty(self._starts[-1], dtype=np.int32)
        free = self._starts[:-1].copy()
        for part in parts():
            counts, order = _counts(part), np.argsort(part.keys, kind="stable")
            keys = part.keys[order]
            among_alike = np.arange(part.count) - _begins(counts)[keys]
            self._frames[free[keys] + among_alike] = part.frames[order]
            free += counts
        self._bins = frames // 2 + 2

    def places(self, query: Landmarks, most: int, least: int) -> list[tuple[int, int]]:
        """Where a recording may begin: (frame of the log, keys shared), the most first.

        `most`: so many at most, all apart; `least`: keys that a place must share.
        """
        starts, stops = self._starts[query.keys], self._starts[query.keys + 1]
        counts = stops - starts
        total = int(counts.sum())
        if not total:
            return []
        offsets = np.repeat(starts - np.concatenate(([0], np.cumsum(counts)[:-1])), counts)
        hits = self._frames[offsets + np.arange(total)] - np.repeat(query.frames, counts)
        longest = int(query.frames.max()) + 2
        cells = np.bincount((hits + longest) >> 1, minlength=self._bins + longest // 2)
        votes = cells[:-1] + cells[1:]
        return _best(votes, most, least, longest)


def _best(votes: NDArray[np.int64], most: int, least: int, longest: int) -> list[tuple[int, int]]:
    found = np.nonzero(votes >= least)[0]
    order = found[np.argsort(-votes[found], kind="stable")][: 8 * most]
    places: list[tuple[int, int]] = []
    for cell in order:
        frame = int(cell) * 2 + 1 - longest
        if all(abs(frame - other) > 4 for other, _ in places):
            places.append((frame, int(votes[cell])))
        if len(places) == most:
            break
    return places


def seconds_of(frame: int) -> float:
    """When a frame begins."""
    return frame * HOP / RATE_HZ
