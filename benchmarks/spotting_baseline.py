"""What a user would write: normalised correlation at the recording's own rate, overlap-save."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.fft
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples

# Of 2^18, 2^19 and 2^20 the fastest for prompts of up to 3.5 s.
_BLOCK = 2**19
_APART_S = 0.2


@dataclass(frozen=True, slots=True)
class Match:
    """Prompt `which` fits at `start_s` with this correlation coefficient."""

    which: int
    start_s: float
    ends_s: float
    score: float

    @property
    def weight(self) -> float:
        """How much speaks for it: the same score over a longer time says more."""
        return self.score * float(np.sqrt(self.ends_s - self.start_s))


class Correlator:
    """Prompts on file, ready to be looked for in recordings of the same rate."""

    def __init__(self, prompts: Sequence[Samples], rate_hz: int, block: int = _BLOCK) -> None:
        self._lengths = [len(prompt) for prompt in prompts]
        self._block, self._rate_hz = block, rate_hz
        self._spectra = [
            np.conj(scipy.fft.rfft(prompt / np.linalg.norm(prompt), block)) for prompt in prompts
        ]

    def matches(self, recording: Samples, least: float) -> list[Match]:
        """Best place of each prompt in every 0.2 s where its score is `least` at least."""
        hop = self._block - max(self._lengths) + 1
        found = []
        for at in range(0, len(recording), hop):
            part = recording[at : at + self._block]
            spectrum = scipy.fft.rfft(part, self._block)
            energy = np.concatenate(([0.0], np.cumsum(np.square(part, dtype=np.float64))))
            for which, length in enumerate(self._lengths):
                lags = min(hop, len(part) - length + 1)
                if lags > 0:
                    scores = self._scores(spectrum, energy, which, lags)
                    found += self._peaks(scores, which, at, least)
        return found

    def _scores(
        self, spectrum: NDArray[np.complex64], energy: NDArray[np.float64], which: int, lags: int
    ) -> NDArray[np.float32]:
        length = self._lengths[which]
        products = scipy.fft.irfft(spectrum * self._spectra[which], self._block)[:lags]
        local = (energy[length : length + lags] - energy[:lags]).astype(np.float32)
        scores: NDArray[np.float32] = np.abs(products) / np.sqrt(np.maximum(local, 1e-12))
        return scores

    def _peaks(
        self, scores: NDArray[np.float32], which: int, origin: int, least: float
    ) -> list[Match]:
        if float(scores.max()) < least:
            return []
        cell, found = int(_APART_S * self._rate_hz), []
        for first in range(0, len(scores), cell):
            at = first + int(np.argmax(scores[first : first + cell]))
            if scores[at] >= least:
                start_s = (origin + at) / self._rate_hz
                ends_s = start_s + self._lengths[which] / self._rate_hz
                found.append(Match(which, start_s, ends_s, float(scores[at])))
        return found


def best_apart(matches: Sequence[Match]) -> list[Match]:
    """Of matches that overlap only the one that most speaks for stays."""
    kept: list[Match] = []
    for one in sorted(matches, key=lambda m: -m.weight):
        if all(one.ends_s <= other.start_s or one.start_s >= other.ends_s for other in kept):
            kept.append(one)
    return kept
