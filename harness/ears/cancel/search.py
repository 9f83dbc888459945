"""When to look for paths: while some are unknown, when all are lost, and again for precision."""

import numpy as np

from harness.ears.cancel.model import Lesson
from harness.ears.cancel.stretches import Doubt

# Unknown loudspeakers are looked for once one sounded in so many groups, and one more for each.
_ENOUGH = 2
# Once found, they are looked for again when so many more groups had stimulus.
_AGAIN = (6, 14)
# The model is given up when so many groups do not fit, with none between that does.
_LOST = 4
# They are looked for again when so many groups fitted, but none well; then twice as many.
_LONG_POOR = 24
# A search that finds nothing is tried again after a pause, twice as long each time.
_FIRST_PAUSE = 4
_LONGEST_PAUSE = 64
_NOT_FITTING = frozenset({Doubt.PATH_CHANGED, Doubt.NOT_PLAYED, Doubt.LEARNING})


class Search:
    """Counts groups that are not as they should be; a group is half a second.

    `begun`: how many groups there were since the first that had stimulus, itself included.
    `lost`: the paths that were known have not fitted for so long that they will not again.
    `settled`: those that were found are as good as they will be.
    """

    def __init__(self, loudspeakers: int, *, found: bool, settled: bool = False) -> None:
        self._heard = np.zeros(loudspeakers, dtype=np.int64)
        self._misfits = self.begun = 0
        self.lost = False
        self._wait, self._pause = 0, _FIRST_PAUSE
        self._wanted = self._new = self._failed = False
        self._since_found: int | None = 0 if found and not settled else None
        self._poor, self._long_poor = 0, _LONG_POOR

    def doubts(self, lesson: Lesson) -> frozenset[Doubt]:
        """A loudspeaker that was looked for and not found was not played."""
        return frozenset({Doubt.NOT_PLAYED}) if self._failed and lesson.unknown else frozenset()

    def note(self, lesson: Lesson) -> None:
        """Take a group into account."""
        self._wait = max(0, self._wait - 1)
        self.begun += bool(self.begun or lesson.sounding)
        self._heard[list(lesson.unknown)] += 1
        ended = not lesson.unknown and bool(self._heard.any())
        if lesson.fits:
            self._misfits = 0
        if lesson.well:
            self._poor, self._long_poor = 0, _LONG_POOR
        elif lesson.sounding:
            self._poor += 1
        if not lesson.fits and lesson.doubts & _NOT_FITTING and not lesson.unknown:
            self._misfits += 1
        self.lost = self._misfits >= _LOST
        enough = bool((self._heard >= _ENOUGH + np.count_nonzero(self._heard)).any())
        self._new = self.lost or ended or enough
        poor = self._since_found is not None and self._poor >= self._long_poor
        again = lesson.sounding and self._once_more()
        self._wanted = self._new or again or (poor and not self._misfits)

    @property
    def anew(self) -> bool:
        """Whether what is known does not fit."""
        return self._misfits > 0

    def _once_more(self) -> bool:
        """Whether so much stimulus came since paths were found that they can be found better."""
        if self._since_found is None:
            return False
        self._since_found += 1
        return self._since_found in _AGAIN

    def due(self) -> bool:
        """Whether to look now."""
        return self._wanted and self._wait == 0

    def ended(self, found: bool) -> None:
        """A search came to an end."""
        self._heard[:] = 0
        self._misfits = 0
        if self._poor >= self._long_poor:
            self._poor, self._long_poor = 0, 2 * self._long_poor
        if self._new:
            self._failed = not found
            self._since_found = 0 if found else self._since_found
            self._pause = _FIRST_PAUSE if found else min(2 * self._pause, _LONGEST_PAUSE)
            self._wait = self._pause
