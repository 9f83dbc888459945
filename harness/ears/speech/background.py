"""What would be left if nobody spoke: the room's noise, and leakage of the stimulus.

The noise is a minimum statistic: the least that was left in each band in the last three seconds,
corrected for being the least. Leakage is the stimulus as heard, times a factor for each band that
is learnt from what is left while it sounds. Both change once every half second, and no frame is
weighed by what it taught itself.
"""

from collections import deque

import numpy as np
import scipy.signal

from harness.ears.speech.bands import BANDS, BINS, Floats

SECTION = 32
_SECTIONS = 6
_SMOOTH = 0.7
# A minimum over so many frames lies below the mean by about so many deviations, in dB.
_DEVIATIONS = 2.3 * 4.34
# A frame smoothed like this holds so many independent values for each bin.
_VALUES = 4.5
_LOW_BY = 10.0 ** (_DEVIATIONS / np.sqrt(_VALUES * BINS) / 10)
# Echoes that were not cancelled fall by 1 dB a frame or faster.
_ECHO = 0.8
# Leakage is learnt from frames in which the stimulus is within 10 dB of its loudest, from those of
# them that hold less; and from so many half seconds.
_LOUD = 0.1
_ENOUGH = 5
_SHARE = 0.4
_MEMORY = 24
_UNKNOWN_LEAK = 10**-1.2
_LEAKS = (10**-2.4, 10**-1.0)


class Background:
    """Follows noise and leakage; one for each microphone."""

    def __init__(self) -> None:
        self._smoothed = np.zeros((1, BANDS))
        self._echo = np.zeros((1, BANDS))
        self._minima: deque[Floats] = deque(maxlen=_SECTIONS)
        self._least = np.full(BANDS, np.inf)
        self._leaks: deque[Floats] = deque(maxlen=_MEMORY)
        self._leak = np.full(BANDS, _UNKNOWN_LEAK)
        self._section: list[tuple[Floats, Floats]] = []
        self._held = 0

    def follow(self, left: Floats, played: Floats, usable: Floats) -> tuple[Floats, Floats]:
        """Noise and leakage to expect in each frame, shape (frames, bands).

        `left`, `played`: powers of residual and stimulus; `usable`: 1 where a frame may teach,
        else 0. Noise is infinite as long as none was measured.
        """
        smooth, self._smoothed = _one_pole(left, _SMOOTH, self._smoothed)
        echoes, self._echo = _one_pole(played, _ECHO, self._echo)
        heard = np.maximum(played, echoes)
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
        if heard.any():
            self._learn(left, heard)

    def _learn(self, left: Floats, heard: Floats) -> None:
        """Take in how much of the stimulus was left in this half second."""
        loud = heard > _LOUD * heard.max(axis=0)
        counts = np.count_nonzero(loud, axis=0)
        ratios = np.sort(np.where(loud, left / (heard + 1e-30), np.inf), axis=0)
        rows = (counts * _SHARE).astype(np.int64)
        found = np.take_along_axis(ratios, rows[None], axis=0)[0]
        self._leaks.append(np.where(counts >= _ENOUGH, found, np.nan))
        if len(self._leaks) >= 3:
            self._leak = _middle(np.stack(self._leaks))


def _middle(leaks: Floats) -> Floats:
    """Of each band's leaks (NaN: none), one below most; what is not known is taken to be much."""
    rows = (np.count_nonzero(~np.isnan(leaks), axis=0) * _SHARE).astype(np.int64)
    found = np.take_along_axis(np.sort(leaks, axis=0), rows[None], axis=0)[0]
    return np.clip(np.where(np.isnan(found), _UNKNOWN_LEAK, found), *_LEAKS)


def _one_pole(powers: Floats, pole: float, state: Floats) -> tuple[Floats, Floats]:
    found, after = scipy.signal.lfilter([1 - pole], [1.0, -pole], powers, axis=0, zi=state)
    return found, after
