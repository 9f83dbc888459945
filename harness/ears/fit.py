"""How well a prompt fits a place in a recording, stretch by stretch."""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from harness.ears.band import RATE_HZ, Samples

# Short prompts have short stretches, else there were too few to tell a syllable from a word.
_STRETCHES, _STRETCH_S = 8, (0.1, 0.25)
# A stretch of less than this share of the prompt's mean power is a pause.
_PAUSE = 0.1
# How far off a place may be, how finely it is told, and what a device's clock may be off besides.
_OFF = 4
_FINE = 8
_SKEW = 4
_AROUND = 6
_MOST_PPM = 250.0
# How many values a second of sound in this band are independent (6700 at most; talk fills it so).
_DEGREES_A_S = 6_000.0
_TINY = 1e-20

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fit:
    """A prompt held against a place.

    `at`: where it starts, in samples. `score`: correlation coefficient of the whole, 0 to 1;
    `weight`: times the root of the seconds that are no pause.
    `gains`: how loud each stretch that is no pause is there, 1 being as the whole; `unsure`: the
    standard deviation of each, from what else sounds there.
    """

    at: float
    score: float
    weight: float
    gains: NDArray[np.float64]
    unsure: NDArray[np.float64]


class Pattern:
    """A prompt, ready to be held against places of recordings (both 8 kHz, from `band`)."""

    def __init__(self, samples: Samples) -> None:
        length_s = len(samples) / RATE_HZ
        count = max(1, round(length_s / np.clip(length_s / _STRETCHES, *_STRETCH_S)))
        self._edges = np.linspace(0, len(samples), count + 1).round().astype(int)
        self._parts = [samples[a:b] for a, b in pairwise(self._edges)]
        self._energy = np.array([_energy(part) for part in self._parts])
        mean = self._energy / np.diff(self._edges)
        self._degrees = np.diff(self._edges) / RATE_HZ * _DEGREES_A_S
        self._loud = mean > _PAUSE * self._energy.sum() / max(1, len(samples))
        sound_s = float(np.diff(self._edges)[self._loud].sum()) / RATE_HZ
        self._root_sound_s = float(np.sqrt(sound_s))
        ends = _OFF + int(np.ceil(_MOST_PPM * 1e-6 * len(samples) / 2))
        self._lags = ends + _AROUND
        self._between = _between(ends)
        middles = (self._edges[1:] + self._edges[:-1]) / 2 - len(samples) / 2
        self._skews = _skews(middles, len(samples))
        places = np.arange(-_OFF * _FINE, _OFF * _FINE + 1) + ends * _FINE
        self._lies = places[None, :, None] + self._skews[:, None, :]

    def fit(self, recording: Samples, at: int) -> Fit:
        """Hold it against the places within a few samples of `at`; the best of them."""
        first, last = at - self._lags, at + self._edges[-1] + self._lags
        heard = _padded(recording, first, last)
        products = np.array(
            [
                np.correlate(heard[a : b + 2 * self._lags], part, "valid")
                for (a, b), part in zip(pairwise(self._edges), self._parts, strict=True)
            ]
        )
        fine = self._between @ products.T
        stretches = np.arange(len(self._parts))
        whole = np.abs(fine[self._lies, stretches].sum(axis=-1))
        skew, place = np.unravel_index(int(np.argmax(whole)), whole.shape)
        return self._of(fine[self._lies[skew, place], stretches], heard, at, int(skew), int(place))

    def _of(self, found: Floats, heard: Samples, at: int, skew: int, place: int) -> Fit:
        energy = np.add.reduceat(
            np.square(heard[self._lags : -self._lags], dtype=np.float64), self._edges[:-1]
        )
        whole, loud = float(found.sum()), self._loud
        score = abs(whole) / float(np.sqrt(self._energy.sum() * energy.sum() + _TINY))
        gain = found[loud].sum() / (self._energy[loud].sum() + _TINY)
        gains = found / (gain * self._energy + _TINY)
        rest = np.maximum(energy - found**2 / (self._energy + _TINY), 0.0)
        unsure = np.sqrt(rest / (self._energy * self._degrees + _TINY)) / (abs(gain) + _TINY)
        early = _SKEW * (skew - len(self._skews) // 2)
        start = float(at + (place - _OFF * _FINE - early) / _FINE)
        return Fit(start, score, score * self._root_sound_s, gains[loud], unsure[loud])


def finest(products: NDArray[np.floating], at: int) -> tuple[float, float]:
    """Where between samples a correlation is greatest around `at`: how far off, and its value."""
    near = np.pad(products, _AROUND + 1)[at : at + 2 * (_AROUND + 1) + 1]
    fine = _between(1) @ near
    best = int(np.argmax(np.abs(fine)))
    return best / _FINE - 1.0, float(fine[best])


def _padded(samples: Samples, first: int, last: int) -> Samples:
    part = samples[max(0, first) : max(0, last)]
    return np.pad(part, (max(0, -first), last - max(first, 0) - len(part)))


def _energy(samples: Samples) -> float:
    return float(np.sum(np.square(samples, dtype=np.float64)))


def _skews(middles: Floats, length: int) -> NDArray[np.int64]:
    """How much later each stretch lies, in `1 / _FINE` samples, for each drift worth a try."""
    most = _MOST_PPM * 1e-6 * length / 2 * _FINE
    tries = int(most // _SKEW)
    rows = [np.round(_SKEW * k * middles / (length / 2)) for k in range(-tries, tries + 1)]
    return np.array(rows, dtype=np.int64)


@cache
def _between(ends: int) -> Floats:
    """Values between samples out of those at the samples around: a windowed sinc, by rows."""
    wanted = np.arange(-ends * _FINE, ends * _FINE + 1) / _FINE
    away = wanted[:, None] - np.arange(-ends - _AROUND, ends + _AROUND + 1)
    window = np.where(np.abs(away) < _AROUND, np.cos(np.pi * away / 2 / _AROUND) ** 2, 0.0)
    return np.asarray(np.sinc(away) * window)
