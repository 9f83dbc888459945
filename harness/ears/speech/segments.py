"""A run of sound without a pause, and the evidence that it is speech, and not what was played."""

from collections import deque
from dataclasses import dataclass

import numpy as np

from harness.ears.speech.bands import Floats
from harness.ears.speech.scan import Frames

# Evidence is what was voiced in the last so many frames (0.96 s).
_WINDOW = 60
# So many wholly voiced frames make it as likely as not.
_HALF = 1.5
# What is left of the stimulus comes and goes with it, band by band.
_SURELY_FOLLOWS, _PERHAPS = 0.8, 0.2
_ROWS = 64
_ROWS_AT_LEAST = 8
# Once it is speech, that is asked every so many frames.
_EVERY = 16
# Bands in which so little was played (re the loudest) say nothing.
_FAINT = 1e-4
# No word is shorter (96 ms).
_SHORTEST = 6
# A voice moves by more than this within the window.
_MOVES = 0.015
# A voice may begin so long before it is voiced (an "s"), without a break.
_UNVOICED = 13
_BREAK = 4
_SOFTEST = 1e-3
# Nobody needs so long to be known for a voice; and samples are not kept for much longer.
_LONGEST = 100


def sureness(evidence: float) -> float:
    """How sure so many voiced frames make one, 0 to 1."""
    return 1.0 - float(0.5 ** (evidence / _HALF))


def evidence_for(sure: float) -> float:
    """How many voiced frames make one so sure."""
    return -_HALF * float(np.log2(1.0 - sure))


@dataclass(frozen=True, slots=True)
class _Voiced:
    """A voiced frame: how much of a voice it is, its period, the mean square of what is over the
    background; a voice that begins with it began in frame `begun`.
    """

    frame: int
    voice: float
    period: float
    over: float
    begun: int


class Segment:
    """Sound from frame `start` to `last`. `confirmed`: it was sure enough to be speech.

    `over`, `rest`: sums of mean squares over its `frames`.
    """

    def __init__(self, start: int) -> None:
        self.start = self.last = start
        self.confirmed = False
        self.evidence = self.over = self.rest = 0.0
        self.frames = 0
        self._voice: deque[_Voiced] = deque()
        self._run = start
        self._sum = 0.0
        self._rows: deque[tuple[Floats, Floats]] = deque(maxlen=_ROWS)
        self._own = 1.0

    def add(self, frames: Frames, i: int) -> None:
        """One more frame that sounds."""
        frame = frames.first + i
        if frame - self.last > _BREAK:
            self._run = frame
        self.last = frame
        self.over += float(frames.over[i])
        self.rest += float(frames.rest[i])
        self.frames += 1
        if frames.played and frames.heard[i, 0] > 0.0:
            self._rows.append((frames.left[i], frames.heard[i]))
        while self._voice and self._voice[0].frame <= frame - _WINDOW:
            self._sum -= self._voice.popleft().voice
        voice = float(frames.voice[i])
        if voice > 0.0:
            if not self._voice:
                self._sum = 0.0
            self._sum += voice
            begun = max(self._run, frame - _UNVOICED)
            period, over = float(frames.period[i]), float(frames.over[i])
            self._voice.append(_Voiced(frame, voice, period, over, begun))

    def weigh(self, least: float, *, whole: bool = False) -> float:
        """Evidence now; whether it follows the stimulus is only asked where it is `least`.

        `whole`: it is over. Only what lasts must move: "Yes?" need not, and a motor goes on.
        """
        evidence = self._sum if self._voice and self.frames >= _SHORTEST else 0.0
        if evidence >= least and not (self.confirmed or whole or self._moves()):
            return 0.0
        if evidence >= least and len(self._rows) >= _ROWS_AT_LEAST:
            if not self.confirmed or self.last % _EVERY == 0:
                self._own = float(np.clip((_SURELY_FOLLOWS - self.follows()) / _PERHAPS, 0.0, 1.0))
            evidence *= self._own
        self.evidence = max(self.evidence, evidence)
        return evidence

    def _moves(self) -> bool:
        """Whether the fundamental moves at all, as no machine's does."""
        periods = [one.period for one in self._voice]
        return max(periods) - min(periods) > _MOVES * max(periods)

    def begin(self) -> int:
        """The frame in which the voice began: not long before it was first voiced.

        A frame of noise may look voiced; what is 30 dB softer than the voice is none of it.
        """
        loudest = max((one.over for one in self._voice), default=0.0)
        there = (one.begun for one in self._voice if one.over >= _SOFTEST * loudest)
        return min(max(next(there, self.start), self.last - _LONGEST), self.last - 1)

    def follows(self) -> float:
        """Correlation of what is left with what was played, in dB, band by band."""
        left = np.log(np.stack([row for row, _ in self._rows]) + 1e-30)
        powers = np.stack([row for _, row in self._rows])
        if not powers.any():
            return 0.0
        there = powers > _FAINT * powers.max()
        played = np.where(there, np.log(powers + 1e-30), 0.0)
        counts = there.sum(axis=0) + 1e-9
        left = np.where(there, left - np.where(there, left, 0.0).sum(axis=0) / counts, 0.0)
        played = np.where(there, played - played.sum(axis=0) / counts, 0.0)
        norm = float(np.sqrt(np.square(left).sum() * np.square(played).sum()))
        return float((left * played).sum()) / norm if norm > 0.0 else 0.0
