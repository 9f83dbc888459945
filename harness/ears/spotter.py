"""Finds prompts on file in what a microphone heard, in two steps.

A sieve (`sieve`) tells quickly where a prompt may be; each such place is then held against the
prompt stretch by stretch (`fit`), and that decides. Prompts of one device share whole
stretches ("..., right?", "Say yes or no."): a candidate counts only when every stretch of it is
there, as loud as the others, and of candidates that overlap only the best one stays.
"""

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np

from harness.ears.band import RATE_HZ, Samples, band
from harness.ears.fit import Fit, Pattern
from harness.ears.lines import as_heard
from harness.ears.sieve import Candidate, Sieve

# Places of one prompt that are nearer than this are one place.
_APART = RATE_HZ // 10
# A place that shares time with a prompt that was found is looked at only if the sieve thinks about
# as much of it.
_RIVAL = 0.5


@dataclass(frozen=True, slots=True)
class SpotLimits:
    """When a prompt counts as heard.

    `power`: of the sieve's envelope over its mean in noise. `weight`: as in `Spotted`. `gain`: how
    loud each stretch must be there, 1 being as the whole. Where other sound leaves the gain of a
    stretch unsure by more than `unsure` (standard deviation), nobody can tell whether it is there:
    at most a share of `untold` of them may be so, and never two in a row.
    """

    power: float = 16.0
    weight: float = 0.18
    gain: float = 0.3
    unsure: float = 0.3
    untold: float = 0.25


@dataclass(frozen=True)
class Template:
    """A prompt on file: `samples` at 8 kHz, band-limited; `key` says which."""

    key: str
    samples: Samples

    @property
    def length(self) -> int:
        """Its length in samples."""
        return len(self.samples)

    @property
    def seconds(self) -> float:
        """Its length in seconds."""
        return len(self.samples) / RATE_HZ


@dataclass(frozen=True, slots=True)
class Spotted:
    """A prompt found: `start_s` from the start of the recording searched.

    `score`: correlation coefficient, 0 to 1. `weight`: how much speaks for it: the score times the
    root of the seconds in which it sounds, for the same score over a longer time says more.
    `weakest`: the least gain of a stretch of it.
    """

    key: str
    start_s: float
    end_s: float
    score: float
    weight: float
    weakest: float

    def overlaps(self, other: "Spotted", later_s: float = 0.0) -> bool:
        """Whether it shares time with `other`, whose times are `later_s` later than they say."""
        starts, ends = other.start_s + later_s, other.end_s + later_s
        return self.start_s < ends and self.end_s > starts


def template(key: str, samples: Samples, rate_hz: int, path: Samples | None = None) -> Template:
    """A template from a recording of the prompt alone.

    `path`: impulse response from the device to the microphone, at `rate_hz`, where it is known;
    without it the room's echoes lower every score (from about 0.9 to 0.35 at T60 0.35 s). The
    template keeps the prompt's own length: what rings on after it is not waited for.
    """
    return Template(key, band(as_heard(samples, path), rate_hz))


class Spotter:
    """Some templates, ready to be looked for in one recording after another."""

    def __init__(self, templates: Sequence[Template], limits: SpotLimits | None = None) -> None:
        self._templates = tuple(templates)
        self._limits = limits or SpotLimits()
        self._sieve = Sieve([one.samples for one in self._templates])
        self._patterns = [Pattern(one.samples) for one in self._templates]

    def asking(self, limits: SpotLimits) -> "Spotter":
        """The same templates, by other limits; nothing is made anew."""
        other = copy(self)
        other._limits = limits
        return other

    def spot(self, recording: Samples, fresh: int | None = None) -> list[Spotted]:
        """All prompts in a recording (8 kHz, from `band`), in order of time, none overlapping.

        `fresh`: only those that end within so many samples of the recording's end, which costs the
        less the fewer they are; None looks everywhere.
        """
        wanted = len(recording) if fresh is None else min(len(recording), fresh)
        places = self._sieve.candidates(recording, wanted, self._limits.power)
        looked_at: list[Candidate] = []
        found: list[tuple[Spotted, float]] = []
        for place in sorted(places, key=lambda p: (-p.power, p.at, p.which)):
            if not _seen(place, looked_at) and not self._outdone(place, found):
                looked_at.append(place)
                hit = self._held_against(recording, place)
                if hit is not None:
                    found.append((hit, place.power))
        return _best_apart([hit for hit, _ in found])

    def _outdone(self, place: Candidate, found: Sequence[tuple[Spotted, float]]) -> bool:
        starts_s = place.at / RATE_HZ
        ends_s = starts_s + self._templates[place.which].seconds
        return any(
            place.power < _RIVAL * power and starts_s < hit.end_s and ends_s > hit.start_s
            for hit, power in found
        )

    def _held_against(self, recording: Samples, place: Candidate) -> Spotted | None:
        one, limits = self._templates[place.which], self._limits
        fit = self._patterns[place.which].fit(recording, place.at)
        if fit.weight < limits.weight or not _whole(fit, limits):
            return None
        start_s = max(0.0, fit.at) / RATE_HZ
        weakest = float(fit.gains.min())
        ends_s = start_s + one.seconds
        return Spotted(one.key, start_s, ends_s, fit.score, fit.weight, weakest)


def spot(
    recording: Samples, templates: Sequence[Template], limits: SpotLimits | None = None
) -> list[Spotted]:
    """The same for templates that are looked for once."""
    return Spotter(templates, limits).spot(recording)


def _seen(place: Candidate, looked_at: Sequence[Candidate]) -> bool:
    return any(p.which == place.which and abs(p.at - place.at) < _APART for p in looked_at)


def _whole(fit: Fit, limits: SpotLimits) -> bool:
    """Whether no stretch is missing, and few enough cannot be told."""
    untold = fit.unsure > limits.unsure
    missing = (fit.gains < limits.gain) & ~untold
    in_a_row = bool(np.any(untold[1:] & untold[:-1]))
    return not missing.any() and not in_a_row and untold.sum() <= limits.untold * len(untold)


def _best_apart(found: Sequence[Spotted]) -> list[Spotted]:
    kept: list[Spotted] = []
    for one in sorted(found, key=lambda f: (-f.weight, f.start_s, f.key)):
        if not any(one.overlaps(other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f.start_s)
