"""How late the stimulus comes to the microphone, and how fast that changes.

Cross-correlation with phase transform (Knapp & Carter 1976), only where speech is (the transform
over the full band is worse than none), in segments of half a second so that no clock drifts out of
one; the drift is the one at which the segments' peaks fall on each other.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.ears.cancel.blocks import GROUP, RATE_HZ, Samples, Spectra
from harness.ears.cancel.timing import MOST_DRIFT

LONGEST = 20_480
_SIZE = 32_768
_BAND_HZ = (300.0, 3_300.0)
_SMOOTH = 17
_CLEAR = 5.0
_AROUND = 64
_DRIFT_GRID = np.arange(-MOST_DRIFT, MOST_DRIFT + 1e-9, 4e-6)
# With fewer segments the drift cannot be told from the path.
_SEGMENTS = 3
_SILENT = 1e-12


@dataclass(frozen=True, slots=True)
class Arrival:
    """`delays`: samples from each loudspeaker, -1 where it was not heard. `drift`: None: unknown.

    `clear`: how far the weakest peak that counts stands out of the rest, as a ratio of powers.
    """

    delays: tuple[int, ...]
    drift: float | None
    clear: float


def find_arrival(references: Samples, recording: Samples, *, one_clock: bool = False) -> Arrival:
    """When sound of each loudspeaker arrives in a recording.

    `references`: shape (loudspeakers, LONGEST + count), the newest `count` (a multiple of GROUP) at
    the time of the recording. `one_clock`: no drift is looked for.
    """
    correlations, there = _segments(references, recording)
    delays, clearness, windows, at = [], [], [], []
    for alike, sounding in zip(correlations, there, strict=True):
        peak, clear = _peak(alike[sounding])
        delays.append(peak if clear >= _CLEAR else -1)
        if clear >= _CLEAR:
            clearness.append(clear)
            windows.append(_around(alike[sounding], peak))
            at.append(np.flatnonzero(sounding))
    drift = None if one_clock else _drift(windows, at)
    return Arrival(tuple(delays), drift, min(clearness, default=0.0))


def _segments(references: Samples, recording: Samples) -> tuple[Samples, NDArray[np.bool_]]:
    """Correlations (loudspeakers, segments, LONGEST), and where there was anything to compare."""
    count = len(recording) // GROUP
    found = np.zeros((len(references), count, LONGEST), dtype=np.float32)
    there = np.zeros((len(references), count), dtype=np.bool_)
    for i in range(count):
        heard = recording[i * GROUP : (i + 1) * GROUP]
        spectrum = scipy.fft.rfft(np.pad(heard, (LONGEST, 0)), _SIZE)
        played = references[:, i * GROUP : (i + 1) * GROUP + LONGEST]
        sounds = np.square(played).mean(axis=1) > _SILENT
        there[:, i] = sounds & bool(np.square(heard).mean() > _SILENT)
        for k in np.flatnonzero(there[:, i]):
            crossed = spectrum * np.conj(scipy.fft.rfft(played[k], _SIZE))
            found[k, i] = scipy.fft.irfft(_phases(crossed), _SIZE)[:LONGEST]
    return found, there


def _phases(crossed: Spectra) -> Spectra:
    """The phases of a cross-spectrum within the speech band."""
    low, high = (round(edge * _SIZE / RATE_HZ) for edge in _BAND_HZ)
    out = np.zeros_like(crossed)
    part = crossed[low:high]
    out[low:high] = part / (np.abs(part) + 1e-20)
    return out


def _peak(alike: Samples) -> tuple[int, float]:
    """Where the segments together have most energy, and how far that stands out."""
    if not len(alike):
        return -1, 0.0
    energy = np.square(alike).sum(axis=0)
    smooth = np.convolve(energy, np.ones(_SMOOTH, dtype=np.float32), "same")
    best = int(np.argmax(smooth))
    near = slice(max(0, best - _SMOOTH), best + _SMOOTH)
    return int(near.start + np.argmax(energy[near])), float(
        smooth[best] / (np.median(smooth) + 1e-20)
    )


def _around(alike: Samples, peak: int) -> Samples:
    padded = np.pad(alike, ((0, 0), (_AROUND, _AROUND)))
    return padded[:, peak : peak + 2 * _AROUND]


def _drift(windows: list[Samples], at: list[NDArray[np.intp]]) -> float | None:
    """The drift at which the segments of all loudspeakers add up best."""
    if not windows or max(int(np.ptp(where)) for where in at) < _SEGMENTS - 1:
        return None
    omega = 2 * np.pi / (2 * _AROUND) * np.arange(_AROUND + 1)
    total = np.zeros(len(_DRIFT_GRID))
    for window, where in zip(windows, at, strict=True):
        spectra = scipy.fft.rfft(window)
        times = (where - where.mean()) * GROUP
        # Drift makes the delay shorter as time goes by; each segment is put back by as much.
        for i, drift in enumerate(_DRIFT_GRID):
            back = np.exp(-1j * omega * drift * times[:, None])
            total[i] += float(np.square(np.abs((spectra * back).sum(axis=0))).sum())
    best = int(np.argmax(total))
    if not 0 < best < len(total) - 1:
        return float(_DRIFT_GRID[best])
    before, top, after = total[best - 1 : best + 2]
    bend = before - 2 * top + after
    offset = 0.5 * (before - after) / bend if bend < 0 else 0.0
    return float(_DRIFT_GRID[best] + offset * (_DRIFT_GRID[1] - _DRIFT_GRID[0]))
