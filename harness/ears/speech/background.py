"""What would be left if nobody spoke: the room's noise, and leakage of the stimulus.

The noise is a minimum statistic: the least that was left in each band in the last three seconds,
corrected for being the least. Leakage is the stimulus as heard, times a factor for each band that
is learnt from what is left while it sounds. Both change once every half second, and no frame is
weighed by what it taught itself.
"""

from collections import deque

import numpy as np
import scipy

from harness.ears.speech.bands import BANDS, BINS, Floats

SECTION = 32
_SECTIONS = 6
_SMOOTH = 0.7
# A minimum over so many frames lies below the mean by about so many deviations, in dB.
_DEVIATIONS = 2.3 * 4.34
# A frame smoothed like this holds so many independent values for each bin.
_VALUES = 4.5
_EACH = np.arange(BANDS)
_LOW_BY = 10.0 ** (_DEVIATIONS / np.sqrt(_VALUES * BINS) / 10)
# Echoes that were not cancelled fall by half a decibel a frame or faster: 60 dB in 1.9 s.
_FALL_DB = 0.5
_SILENCE, _NOT_PLAYED = 1e-30, 1e-20
# Leakage is learnt from frames in which the stimulus is within 10 dB of its loudest, from those of
# them that hold less; and from so many half seconds.
_LOUD = 0.1
_ENOUGH = 5
_SHARE = 0.4
_MEMORY = 24
_UNKNOWN = 10**-1.2
_FEW = 3
_LEAKS = (10**-2.4, 10**-1.0)


class Background:
    """Follows noise and leakage; one for each microphone."""

    def __init__(self) -> None:
        self._smoothed = np.zeros((1, BANDS))
        self._loudest_db = np.full((1, BANDS), -np.inf)
        self._frame = 0
        self._minima: deque[Floats] = deque(maxlen=_SECTIONS)
        self._least = np.full(BANDS, np.inf)
        self._leaks = np.full((_MEMORY, BANDS), np.inf)
        self._learnt = 0
        self._leak = np.full(BANDS, _UNKNOWN)
        self._section: list[tuple[Floats, Floats]] = []
        self._held = 0

    def follow(self, left: Floats, played: Floats, usable: Floats) -> tuple[Floats, Floats]:
        """Noise and leakage to expect in each frame, shape (frames, bands).

        `left`, `played`: powers of residual and stimulus; `usable`: 1 where a frame may teach,
        else 0. Noise is infinite as long as none was measured.
        """
        smooth, self._smoothed = _one_pole(left, _SMOOTH, self._smoothed)
        heard = self._held_on(played)
        smooth = np.where(usable[:, None] > 0, smooth, np.inf)
        noise, leakage = np.empty_like(left), np.empty_like(left)
        at = 0
        while at < len(left):
            part = slice(at, min(at + SECTION - self._held, len(left)))
            noise[part] = self._noise(smooth[part])
            leakage[part] = self._leak * heard[part]
            self._section.append((left[part], heard[part]))
            self._held += part.stop - at
            at = part.stop
            if self._held == SECTION:
                self._end_section()
        return noise, leakage

    def _held_on(self, played: Floats) -> Floats:
        """The stimulus with echoes that may be left of it, also where none was taken away."""
        index = _FALL_DB * np.arange(self._frame, self._frame + len(played))[:, None]
        self._frame += len(played)
        if not played.any() and not np.isfinite(self._loudest_db).any():
            return played
        # The loudest so far, each less what it has fallen since, as one running maximum.
        lifted = 10 * np.log10(played + _SILENCE) + index
        held = np.maximum.accumulate(np.concatenate((self._loudest_db, lifted)))
        self._loudest_db = held[-1:]
        found: Floats = 10 ** ((held[1:] - index) / 10)
        return found

    def _noise(self, smooth: Floats) -> Floats:
        before = np.minimum.reduce([self._least, *self._minima])
        self._least = np.minimum(self._least, smooth.min(axis=0))
        running = np.minimum.accumulate(np.concatenate((before[None], smooth)))[1:]
        found: Floats = running * _LOW_BY
        return found

    def _end_section(self) -> None:
        if np.isfinite(self._least).all():
            self._minima.append(self._least)
        self._least = np.full(BANDS, np.inf)
        left = np.concatenate([part for part, _ in self._section])
        heard = np.concatenate([part for _, part in self._section])
        self._section, self._held = [], 0
        if heard.max() > _NOT_PLAYED:
            self._learn(left, heard)

    def _learn(self, left: Floats, heard: Floats) -> None:
        """Take in how much of the stimulus was left in this half second."""
        loud = heard > _LOUD * heard.max(axis=0)
        counts = np.count_nonzero(loud, axis=0)
        ratios = np.sort(np.where(loud, left / (heard + 1e-30), np.inf), axis=0)
        found = ratios[(counts * _SHARE).astype(np.intp), _EACH]
        self._leaks[self._learnt % _MEMORY] = np.where(counts >= _ENOUGH, found, np.inf)
        self._learnt += 1
        if self._learnt >= _FEW:
            self._leak = _middle(self._leaks)


def _middle(leaks: Floats) -> Floats:
    """Of each band's leaks (infinite: none), one below most; what is not known is much."""
    rows = (np.count_nonzero(leaks < np.inf, axis=0) * _SHARE).astype(np.intp)
    found = np.sort(leaks, axis=0)[rows, _EACH]
    return np.where(found < np.inf, np.minimum(np.maximum(found, _LEAKS[0]), _LEAKS[1]), _UNKNOWN)


def _one_pole(powers: Floats, pole: float, state: Floats) -> tuple[Floats, Floats]:
    found, after = scipy.signal.lfilter([1 - pole], [1.0, -pole], powers, axis=0, zi=state)
    return found, after
