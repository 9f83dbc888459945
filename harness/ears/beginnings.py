"""Finds prompts that break off: their beginning is there, and what should follow is not.

The spotter asks for every stretch of a prompt. Here its first 0.8 s are looked for alone, where
nothing was found whole; which prompt it was, and how far it got, is read off stretch by stretch.
Prompts that are hardly longer than that are not looked for: one that lacks its end cannot be told
from another short one.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.ears.band import RATE_HZ, Samples
from harness.ears.spotter import SpotLimits, Spotted, Spotter, Template

_FIRST = 8 * RATE_HZ // 10
_LONGER = RATE_HZ // 4
_STRETCH = RATE_HZ // 4
_SAME = 0.98
# In the residual nobody talks over it, so that more may be asked for than of a whole prompt.
_LIMITS = SpotLimits(weight=0.35, untold=0.0)
_THERE = 0.25
# A stretch of less than this share of the prompt's mean power is a pause.
_PAUSE = 0.1


class Beginnings:
    """The beginnings of prompts on file; those that begin alike are looked for once."""

    def __init__(self, prompts: Sequence[Template]) -> None:
        self._long = [p for p in prompts if len(p.samples) >= _FIRST + _LONGER]
        self._first: list[Template] = []
        for prompt in self._long:
            first = prompt.samples[:_FIRST]
            if not any(_alike(first, known.samples) for known in self._first):
                self._first.append(Template(prompt.key, first))
        self._spotter = Spotter(self._first, _LIMITS)

    def spot(self, recording: Samples, whole: Sequence[Spotted]) -> list[Spotted]:
        """Prompts that break off in a recording (8 kHz, from `band`), beside those found `whole`.

        Each is the one of which most is there; it ends where it broke off.
        """
        found = self._spotter.spot(recording)
        alone = [f for f in found if not any(f.overlaps(w) for w in whole)]
        return [self._longest(recording, one) for one in alone]

    def _longest(self, recording: Samples, found: Spotted) -> Spotted:
        at = round(found.start_s * RATE_HZ)
        reached = [(_reach(recording[at:], p.samples), p.key) for p in self._long]
        reach, key = max(reached, key=lambda r: r[0])
        end_s = max(found.start_s + reach / RATE_HZ, found.end_s)
        return replace(found, key=key, end_s=end_s)


def _alike(a: Samples, b: Samples) -> bool:
    return _alikeness(a, b) >= _SAME


def _alikeness(a: Samples, b: Samples) -> float:
    """Correlation coefficient."""
    norm = float(np.linalg.norm(a) * np.linalg.norm(b)) + 1e-12
    return float(np.dot(a, b)) / norm


def _reach(heard: Samples, wanted: Samples) -> int:
    """How many samples of a prompt are there, counted in stretches that follow each other."""
    count = min(len(heard), len(wanted)) // _STRETCH * _STRETCH
    quiet = _PAUSE * float(np.mean(wanted**2))
    for at in range(0, count, _STRETCH):
        part = slice(at, at + _STRETCH)
        loud = float(np.mean(wanted[part] ** 2)) > quiet
        if loud and abs(_alikeness(heard[part], wanted[part])) < _THERE:
            return at
    return count
