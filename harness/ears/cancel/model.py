"""What is believed of the paths while a recording goes on, and how that belief changes.

Within a group nothing changes, so a group may be worked through hop by hop or at once. What a group
has taught counts from the next one on: no sound is ever subtracted by what was learnt from itself,
so the device's own speech is not adapted away.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.ears.cancel.blocks import GROUP, HOP, TAPS, Past, Samples
from harness.ears.cancel.delay import LONGEST
from harness.ears.cancel.learner import Learner
from harness.ears.cancel.misfit import misfit
from harness.ears.cancel.pathfilter import PathFilter
from harness.ears.cancel.paths import Paths
from harness.ears.cancel.stretches import Doubt
from harness.ears.cancel.timing import ClockTracker, lateness

# How many references are remembered.
KEPT = LONGEST + 3 * GROUP
# A group fits when so much was cancelled (15 dB), and fits well from 20 dB; why it does not is
# looked into from 10 dB down.
_WELL = 100.0
_FITS = 10**1.5
_LITTLE = 10.0
# The stimulus must be found in the residual of so many groups in a row: chance does that once.
_IN_A_ROW = 2
# Where 30 dB or more were cancelled there is little to learn: only from every fourth group.
_VERY_WELL = 1e3
_EVERY = 4
# Paths are on trial until a group fitted well, or for so many groups.
_TRIAL = 16
# A group is all echoes when it holds so much less than the one before.
_ECHOES = 0.03
# Softer than this, a stimulus is not worth a word (mean square).
_FAINT = 1e-9


class Model:
    """Paths, their uncertainty, and the clocks. `learns`: False keeps them as they were given."""

    def __init__(self, paths: Paths, *, one_clock: bool, learns: bool) -> None:
        self._learns = learns
        self.past = Past(len(paths.loudspeakers), KEPT)
        self.clocks = ClockTracker(steady=one_clock or not learns)
        self.speed = self._loud = 0.0
        self._strange = self._taught = 0
        self._filter = PathFilter(len(paths.loudspeakers))
        self._learner = Learner(len(paths.loudspeakers))
        self.known = np.zeros(len(paths.loudspeakers), dtype=np.bool_)
        self._trial = np.zeros(len(paths.loudspeakers), dtype=np.int64)
        self._take(paths, anew=True)

    def _take(self, paths: Paths, *, anew: bool) -> None:
        self._names = paths.loudspeakers
        self.delay = paths.delay
        known = np.array(paths.known, dtype=np.bool_)
        self._trial[known if anew else known & ~self.known] = _TRIAL
        self.known = known
        for k in range(len(self._names)):
            self._filter.add(k, paths.responses[k] - self._filter.responses[k])
        self._learner.unsure = paths.unsure.copy()

    def replace(self, paths: Paths, past: Samples, *, anew: bool = False) -> None:
        """Believe these paths from now on. `past`: the newest `KEPT` references, at their drift.

        `anew`: what was believed before is no reason to believe them.
        """
        self._take(paths, anew=anew)
        self.past.append(past)
        self._filter.recall(self._newest(TAPS))
        self.clocks.set(paths.drift, paths.drift_unsure)

    def paths(self) -> Paths:
        """What is believed now."""
        return Paths(
            self._names,
            self.delay,
            self._filter.responses.copy(),
            self._learner.unsure.copy(),
            tuple(bool(k) for k in self.known),
            self.clocks.drift,
            self.clocks.unsure,
        )

    def _newest(self, count: int) -> Samples:
        return self.past.last(count, self.delay)

    def predict(self, references: Samples) -> Samples:
        """The stimulus at the microphone during the hops whose references these are."""
        self.past.append(references)
        return self._filter.predict(self._newest(HOP + references.shape[1]))

    def end_group(self, recording: Samples, predicted: Samples, bad: bool) -> "Lesson":
        """Learn from a group of recording; `bad`: nothing can be learnt from it."""
        left = recording - predicted
        references = self._newest(2 * GROUP)
        which = np.flatnonzero([_energy(one) > _FAINT * len(one) for one in references])
        if not which.size:
            self.clocks.follow(self.speed, None)
            return Lesson(False, False, False, False, frozenset(), ())
        unknown = tuple(int(k) for k in which if not self.known[k])
        which = which[self.known[which]]
        fading = self._fading(predicted)
        doubts = frozenset() if fading else self._doubts(which, references, recording, left)
        ratio = 0.0 if unknown else _energy(recording) / (_energy(left) + 1e-20)
        late = None
        if self._learns and not bad and which.size and Doubt.NOT_PLAYED not in doubts:
            late = None if self.clocks.steady else lateness(left, predicted)
            self._taught += 1
            # Where most that is left is the device, there is as little to learn.
            worth = ratio < _VERY_WELL and (ratio > _LITTLE or self._strange > 0)
            if worth or self._taught % _EVERY == 0:
                self._learn(which, references, left, self._strange >= _IN_A_ROW)
        self.clocks.follow(self.speed, late)
        on_trial = self._on_trial(which, well=ratio > _WELL)
        return Lesson(True, ratio > _FITS, ratio > _WELL, on_trial, doubts, unknown)

    def _fading(self, predicted: Samples) -> bool:
        """Whether only the last echoes of something loud are left, too faint to tell anything."""
        before, self._loud = self._loud, _energy(predicted)
        return self._loud < _ECHOES * before

    def _on_trial(self, which: NDArray[np.intp], *, well: bool) -> bool:
        """Whether paths that were just found have yet to show that they fit, for so long."""
        self._trial[which] = 0 if well else np.maximum(self._trial[which] - 1, 0)
        return bool(self._trial[which].any())

    def _learn(
        self, which: NDArray[np.intp], references: Samples, left: Samples, changed: bool
    ) -> None:
        if changed:
            self._learner.doubt(which, references[which], left, self._filter.responses)
        changes = self._learner.learn(which, references[which], left, self._filter.responses)
        for k, change in zip(which, changes, strict=True):
            self._filter.add(int(k), change)

    def _doubts(
        self, which: NDArray[np.intp], references: Samples, recording: Samples, left: Samples
    ) -> frozenset[Doubt]:
        """Why so little was cancelled, where that is so."""
        if not which.size or _energy(recording) > _LITTLE * _energy(left):
            self._strange = 0
            return frozenset()
        found = misfit(references[which], self._filter.responses[which], left)
        self._strange = self._strange + 1 if found.other_path else 0
        if found.absent:
            return frozenset({Doubt.NOT_PLAYED})
        if found.other_level:
            return frozenset({Doubt.LEVEL_CHANGED})
        if not found.plainly_other and self._strange < _IN_A_ROW:
            return frozenset()
        if self._learner.expects(which, references[which], left):
            return frozenset({Doubt.LEARNING})
        return frozenset({Doubt.PATH_CHANGED})


def _energy(samples: Samples) -> float:
    return float(np.dot(samples, samples))


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a group showed. `fits`, `well`: what was played was cancelled, by 15 dB or 20 at least.

    `on_trial`: it has not been by paths that were just found. `unknown`: loudspeakers that sounded
    and whose paths are not known.
    """

    sounding: bool
    fits: bool
    well: bool
    on_trial: bool
    doubts: frozenset[Doubt]
    unknown: Sequence[int]
