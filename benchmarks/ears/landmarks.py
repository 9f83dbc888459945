"""A landmark fingerprinter, as a user would pick one: pairs of peaks in the spectrogram, and votes.

By Wang, "An industrial-strength audio search algorithm" (2003): loud places of the spectrogram are
paired with some that follow; each pair of a prompt that the recording has as well votes for where
the prompt then begins.
"""

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.fft
import scipy.ndimage
import scipy.signal
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples

_RATE_HZ = 16_000
_WINDOW, _HOP = 1024, 160
# A peak is the loudest of so many bins and frames on either side, and over most of the recording.
_BINS, _FRAMES = 12, 12
_LOUD = 0.7
# Each is paired with the next ones, within so many frames and bins of it.
_PARTNERS, _SOON, _LATE, _AWAY = 8, 3, 63, 63
# Votes for neighbouring frames are for one place.
_NEAR = 3


def landmarks(
    recording: Samples, prompts: Sequence[Samples], rate_hz: int
) -> Iterator[tuple[NDArray[np.float32], int]]:
    """The share of a prompt's pairs that vote for each place; a `Rival`."""
    keys, times = _pairs(recording, rate_hz)
    order = np.argsort(keys, kind="stable")
    keys, times = keys[order], times[order]
    last = int(times.max(initial=0))
    for prompt in prompts:
        wanted, at = _pairs(prompt, rate_hz)
        first, end = np.searchsorted(keys, wanted, "left"), np.searchsorted(keys, wanted, "right")
        counts = end - first
        runs = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        begins = times[np.repeat(first, counts) + runs] - np.repeat(at, counts)
        votes = np.bincount(begins[begins >= 0], minlength=last + 1).astype(np.float32)
        near = np.convolve(votes, np.ones(_NEAR, np.float32), "same")
        yield (near / max(1, len(wanted))).astype(np.float32), _HOP * rate_hz // _RATE_HZ


def _pairs(samples: Samples, rate_hz: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every pair as one number (both pitches, how far apart in time), and the frame it begins."""
    frames, bins = _peaks(samples, rate_hz)
    keys, times = [], []
    for later in range(1, _PARTNERS * 2):
        apart = frames[later:] - frames[:-later]
        away = bins[later:] - bins[:-later]
        good = (apart >= _SOON) & (apart <= _LATE) & (np.abs(away) <= _AWAY)
        low = bins[:-later][good] // 2
        keys.append((low << 14) | ((away[good] // 2 + _AWAY) << 6) | apart[good] // 2)
        times.append(frames[:-later][good])
    return np.concatenate(keys), np.concatenate(times)


def _peaks(samples: Samples, rate_hz: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Frames and bins of the peaks, in order of time."""
    low = (
        scipy.signal.resample_poly(samples, 1, rate_hz // _RATE_HZ)
        if rate_hz > _RATE_HZ
        else (samples)
    )
    frames = np.lib.stride_tricks.sliding_window_view(np.pad(low, _WINDOW // 2), _WINDOW)[::_HOP]
    powers = np.abs(scipy.fft.rfft(frames * np.hanning(_WINDOW).astype(np.float32)))
    levels = np.log(powers[:, : _WINDOW // 4] + 1e-6)
    size = (2 * _FRAMES + 1, 2 * _BINS + 1)
    top = (levels == scipy.ndimage.maximum_filter(levels, size)) & (
        levels > np.quantile(levels, _LOUD)
    )
    found, bins = np.nonzero(top)
    return found, bins
