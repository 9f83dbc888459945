"""Finds prompts on file in what a microphone heard, by matched filter.

Each template is correlated with the recording in the telephone band at 8 kHz (overlap-save,
normalised by the local energy, so the score is a correlation coefficient, 0..1, whatever the
level). Prompts of one device share whole stretches ("..., right?", "Say yes or no."): a candidate
counts only when every stretch of it is there, each with a score of its own, and of candidates
that overlap only the best one stays.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import pairwise

import numpy as np
import scipy.fft
import scipy.signal
from numpy.typing import NDArray

Samples = NDArray[np.float32]

RATE_HZ = 8_000
_SEGMENT_S = 0.25
_SIZE_STEP = 8_192
_SIZES_KEPT = 8
_BAND_HZ = (250.0, 3600.0)
_SPEECH_BAND = scipy.signal.butter(4, _BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")


@dataclass(frozen=True, slots=True)
class SpotLimits:
    """When a prompt counts as heard. `score`: over its whole length; `segment`: for each stretch.

    `short_score`: the same for prompts of 0.8 s and less, which the same voice saying something
    else resembles more easily ("Sent." in "message"); in between, a straight line to `score` at
    1.6 s. `weak_segments`: the fraction of stretches that may be below `segment` (somebody talks
    over them), never two in a row.
    """

    score: float = 0.22
    short_score: float = 0.5
    segment: float = 0.15
    weak_segments: float = 0.2

    def needed(self, seconds: float) -> float:
        """The score that a prompt of this length must reach."""
        short = min(1.0, max(0.0, (1.6 - seconds) / 0.8))
        return self.score + short * max(0.0, self.short_score - self.score)


@dataclass(frozen=True)
class Template:
    """A prompt on file: `samples` at 8 kHz, band-limited; `key` says which."""

    key: str
    samples: Samples
    _spectra: dict[int, NDArray[np.complex64]] = field(default_factory=dict, compare=False)

    def spectrum(self, size: int) -> NDArray[np.complex64]:
        """Its conjugate spectrum over `size` samples; kept for the few sizes that searches use."""
        if size not in self._spectra:
            if len(self._spectra) > _SIZES_KEPT:
                self._spectra.clear()
            self._spectra[size] = np.conj(scipy.fft.rfft(self.samples, size))
        return self._spectra[size]

    @property
    def length(self) -> int:
        """Its length in samples."""
        return len(self.samples)

    @property
    def seconds(self) -> float:
        """Its length in seconds."""
        return len(self.samples) / RATE_HZ

    @cached_property
    def norm(self) -> float:
        """The length of its samples as a vector."""
        return float(np.linalg.norm(self.samples))


@dataclass(frozen=True, slots=True)
class Spotted:
    """A prompt found: `start_s` from the start of the recording searched."""

    key: str
    start_s: float
    end_s: float
    score: float
    weakest: float

    @property
    def weight(self) -> float:
        """How much speaks for it: the same score over a longer time says more."""
        return self.score * float(np.sqrt(self.end_s - self.start_s))

    def overlaps(self, other: "Spotted", later_s: float = 0.0) -> bool:
        """Whether it shares time with `other`, whose times are `later_s` later than they say."""
        starts, ends = other.start_s + later_s, other.end_s + later_s
        return self.start_s < ends and self.end_s > starts


def band(samples: Samples, rate_hz: int) -> Samples:
    """Bring mono sound to 8 kHz, telephone band, with speech's fall towards treble evened out."""
    if rate_hz % RATE_HZ:
        raise ValueError(f"cannot bring {rate_hz} Hz to {RATE_HZ} Hz by a whole factor")
    step = rate_hz // RATE_HZ
    low = scipy.signal.resample_poly(samples, 1, step, window=_before_rate(step))
    low = low.astype(np.float32)
    even = np.diff(low, prepend=np.float32(0.0))
    speech: Samples = scipy.signal.sosfilt(_SPEECH_BAND, even).astype(np.float32)
    return speech


@cache
def _before_rate(step: int) -> NDArray[np.float32]:
    """The filter before every `step`th sample is taken, as `resample_poly` makes it each time."""
    if step == 1:
        return np.ones(1, dtype=np.float32)
    taps = scipy.signal.firwin(2 * 10 * step + 1, 1 / step, window=("kaiser", 5.0))
    return np.asarray(taps, np.float32)


def template(key: str, samples: Samples, rate_hz: int, path: Samples | None = None) -> Template:
    """A template from a recording of the prompt alone.

    `path`: impulse response from the device to the microphone, at `rate_hz`, where it is known;
    without it the room's echoes lower every score (from about 0.9 to 0.35 at T60 0.35 s). The
    template keeps the prompt's own length: what rings on after it is not waited for.
    """
    if path is None:
        return Template(key, band(samples, rate_hz))
    direct = int(np.argmax(np.abs(path)))
    heard = scipy.signal.oaconvolve(samples, path[direct:])[: len(samples)]
    return Template(key, band(heard.astype(np.float32), rate_hz))


def spot(
    recording: Samples,
    templates: Sequence[Template],
    limits: SpotLimits | None = None,
    fresh: int | None = None,
) -> list[Spotted]:
    """All prompts in a recording (8 kHz, from `band`), in order of time, none overlapping.

    `fresh`: only those that end within so many samples of the recording's end are wanted (others
    may be among them), which costs the less the shorter a prompt is; None looks everywhere.
    """
    limits = limits or SpotLimits()
    found: list[Spotted] = []
    if not templates or len(recording) < RATE_HZ // 10:
        return found
    scans: dict[int, _Scan] = {}
    for one in templates:
        if len(one.samples) <= len(recording):
            wanted = len(recording) if fresh is None else min(len(recording), one.length + fresh)
            size = _size(wanted)
            if size not in scans:
                scans[size] = _Scan(recording, size)
            found += scans[size].candidates(one, limits)
    return _best_apart(found)


def _size(samples: int) -> int:
    # Circular correlation wraps only at lags that are not used; few sizes make spectra reusable.
    steps = -(-samples // _SIZE_STEP)
    return int(scipy.fft.next_fast_len(steps * _SIZE_STEP, real=True))


@dataclass(frozen=True, slots=True)
class _View:
    """A recording read `late_s` after its samples; its spectrum, and its energy summed up."""

    samples: Samples
    spectrum: NDArray[np.complex64]
    energy: NDArray[np.float64]
    late_s: float


class _Scan:
    """The last `size` samples of a recording, looked at on the samples and half-way between them.

    A prompt rarely begins on a sample at 8 kHz; half a sample off, its treble is 80 degrees out of
    step and the score falls to two thirds.
    """

    def __init__(self, recording: Samples, size: int) -> None:
        self._from = max(0, len(recording) - size)
        part = recording[self._from :]
        self._size = size
        self._on = _View(part, scipy.fft.rfft(part, size), _summed(part), 0.0)
        self._between: _View | None = None

    def candidates(self, one: Template, limits: SpotLimits) -> list[Spotted]:
        """Where a template fits, each time from the start of the recording."""
        needed = limits.needed(one.seconds)
        on = self._scores(self._on, one)
        # A prompt that is there scores two thirds at least however it lies between the samples:
        # with room to spare, where not even half is reached on them there is none between.
        if float(on.max(initial=0.0)) < 0.5 * needed:
            return []
        between = self._half_way()
        hits = self._peaks(self._on, on, one, limits)
        return hits + self._peaks(between, self._scores(between, one), one, limits)

    def _half_way(self) -> _View:
        if self._between is None:
            spectrum = self._on.spectrum
            ramp = np.exp(1j * np.pi * np.arange(len(spectrum)) / self._size).astype(np.complex64)
            count = len(self._on.samples)
            later = scipy.fft.irfft(spectrum * ramp, self._size)[:count].astype(np.float32)
            self._between = _View(later, spectrum * ramp, _summed(later), 0.5 / RATE_HZ)
        return self._between

    def _scores(self, view: _View, one: Template) -> NDArray[np.float32]:
        """Correlation coefficient at each lag at which the template lies wholly inside."""
        lags = len(view.samples) - one.length + 1
        raw = scipy.fft.irfft(view.spectrum * one.spectrum(self._size), self._size)[:lags]
        local = np.sqrt(np.maximum(view.energy[one.length :] - view.energy[: -one.length], 1e-12))
        score: NDArray[np.float32] = np.abs(raw) / (local * one.norm + 1e-9)
        return score

    def _peaks(
        self, view: _View, score: NDArray[np.float32], one: Template, limits: SpotLimits
    ) -> list[Spotted]:
        peaks, _ = scipy.signal.find_peaks(
            np.concatenate(([0.0], score, [0.0])),
            height=limits.needed(one.seconds),
            distance=RATE_HZ // 5,
        )
        hits = []
        for at in peaks - 1:
            weakest = _every_stretch(view.samples[at : at + one.length], one.samples, limits)
            if weakest is not None:
                start_s = (self._from + at) / RATE_HZ + view.late_s
                ends_s = start_s + one.seconds
                hits.append(Spotted(one.key, start_s, ends_s, float(score[at]), weakest))
        return hits


def _summed(samples: Samples) -> NDArray[np.float64]:
    return np.concatenate(([0.0], np.cumsum(samples.astype(np.float64) ** 2)))


def stretch_scores(heard: Samples, wanted: Samples) -> list[float]:
    """Correlation coefficient of each stretch of a prompt; stretches of silence are left out."""
    count = max(1, round(len(wanted) / (_SEGMENT_S * RATE_HZ)))
    floor = 0.1 * float(np.mean(wanted**2))
    scores = []
    for h, w in zip(np.array_split(heard, count), np.array_split(wanted, count), strict=True):
        if float(np.mean(w**2)) > floor:
            norm = float(np.linalg.norm(h) * np.linalg.norm(w)) + 1e-12
            scores.append(abs(float(np.dot(h, w))) / norm)
    return scores


def _every_stretch(heard: Samples, wanted: Samples, limits: SpotLimits) -> float | None:
    scores = stretch_scores(heard, wanted)
    weak = [s < limits.segment for s in scores]
    in_a_row = any(a and b for a, b in pairwise(weak))
    if not scores or in_a_row or sum(weak) > limits.weak_segments * len(scores):
        return None
    return min(scores)


def _best_apart(found: Sequence[Spotted]) -> list[Spotted]:
    kept: list[Spotted] = []
    for one in sorted(found, key=lambda f: (-f.weight, f.start_s, f.key)):
        if not any(one.overlaps(other) for other in kept):
            kept.append(one)
    return sorted(kept, key=lambda f: f.start_s)
