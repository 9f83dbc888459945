"""A run of sound without a pause, and the evidence that it is speech, and not what was played."""

from collections import deque

import numpy as np

from harness.ears.speech.bands import Floats

# Evidence is what was voiced in the last so many frames (0.64 s).
_WINDOW = 40
# So many wholly voiced frames make it as likely as not.
_HALF = 4.0
# What is left of the stimulus comes and goes with it, band by band.
_FOLLOWS, _SURELY_FOLLOWS = 0.6, 0.8
_ROWS = 64
_ROWS_AT_LEAST = 8
# Bands in which so little was played (re the loudest) say nothing.
_FAINT = 1e-4
# A voice may begin so long before it is voiced (an "s").
_UNVOICED = 13


def sureness(evidence: float) -> float:
    """How sure so many voiced frames make one, 0 to 1."""
    return 1.0 - float(0.5 ** (evidence / _HALF))


def evidence_for(sure: float) -> float:
    """How many voiced frames make one so sure."""
    return -_HALF * float(np.log2(1.0 - sure))


class Segment:
    """Sound from frame `start` to `last`. `confirmed`: it was sure enough to be speech."""

    def __init__(self, start: int) -> None:
        self.start = self.last = start
        self.confirmed = False
        self.evidence = 0.0
        self._voice: deque[tuple[int, float]] = deque()
        self._rows: deque[tuple[Floats, Floats]] = deque(maxlen=_ROWS)
        self._sum = 0.0

    def add(self, frame: int, voice: float, left: Floats, heard: Floats | None) -> None:
        """One more frame that sounds; `heard`: powers of the stimulus, None where none played."""
        self.last = frame
        if heard is not None:
            self._rows.append((left, heard))
        while self._voice and self._voice[0][0] <= frame - _WINDOW:
            self._voice.popleft()
        if voice > 0.0:
            self._voice.append((frame, voice))

    def weigh(self, least: float) -> float:
        """Evidence now; whether it follows the stimulus is only asked where it is `least`."""
        evidence = sum(voice for _, voice in self._voice)
        if evidence >= least and len(self._rows) >= _ROWS_AT_LEAST:
            follows = self.follows()
            evidence *= float(np.clip((_SURELY_FOLLOWS - follows) / 0.2, 0.0, 1.0))
        self.evidence = max(self.evidence, evidence)
        return evidence

    def begin(self) -> int:
        """The frame in which the voice began: not long before it was first voiced."""
        return max(self.start, self._voice[0][0] - _UNVOICED) if self._voice else self.start

    def follows(self) -> float:
        """Correlation of what is left with what was played, in dB, band by band."""
        left = np.log(np.stack([row for row, _ in self._rows]) + 1e-30)
        powers = np.stack([row for _, row in self._rows])
        there = powers > _FAINT * powers.max()
        played = np.where(there, np.log(powers + 1e-30), 0.0)
        counts = there.sum(axis=0) + 1e-9
        left = np.where(there, left - np.where(there, left, 0.0).sum(axis=0) / counts, 0.0)
        played = np.where(there, played - played.sum(axis=0) / counts, 0.0)
        norm = float(np.sqrt(np.square(left).sum() * np.square(played).sum()))
        return float((left * played).sum()) / norm if norm > 0.0 else 0.0
