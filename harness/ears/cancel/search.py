"""When to look for paths: while some are unknown, when all are lost, and again for precision."""

import numpy as np

from harness.ears.cancel.model import Lesson
from harness.ears.cancel.stretches import Doubt

# An unknown loudspeaker is looked for once it sounded in so many groups.
_ENOUGH = 3
# Once found, they are looked for again when so many more groups had stimulus.
_AGAIN = (6, 14)
# The model is given up when so many groups do not fit, with none between that does.
_LOST = 4
# A search that finds nothing is tried again after a pause, twice as long each time.
_FIRST_PAUSE = 4
_LONGEST_PAUSE = 64
_NOT_FITTING = frozenset({Doubt.PATH_CHANGED, Doubt.NOT_PLAYED, Doubt.LEARNING})


class Search:
    """Counts groups that are not as they should be; a group is half a second.

    `begun`: how many groups there were since the first that had stimulus, itself included.
    """

    def __init__(self, loudspeakers: int, *, found: bool) -> None:
        self._heard = np.zeros(loudspeakers, dtype=np.int64)
        self._misfits = self.begun = 0
        self._wait, self._pause = 0, _FIRST_PAUSE
        self._wanted = self._new = self._failed = False
        self._since_found: int | None = 0 if found else None

    def doubts(self, lesson: Lesson) -> frozenset[Doubt]:
        """A loudspeaker that was looked for and not found was not played."""
        return frozenset({Doubt.NOT_PLAYED}) if self._failed and lesson.unknown else frozenset()

    def note(self, lesson: Lesson) -> bool:
        """Take a group into account; True when the paths that were known are lost."""
        self._wait = max(0, self._wait - 1)
        self.begun += bool(self.begun or lesson.sounding)
        self._heard[list(lesson.unknown)] += 1
        ended = not lesson.unknown and bool(self._heard.any())
        if lesson.fits:
            self._misfits = 0
        elif lesson.doubts & _NOT_FITTING and not lesson.unknown:
            self._misfits += 1
        lost = self._misfits >= _LOST
        self._new = lost or ended or bool((self._heard >= _ENOUGH).any())
        steady = lesson.sounding and not self._misfits
        self._wanted = self._new or (steady and self._once_more())
        return lost

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
        if self._new:
            self._failed = not found
            self._since_found = 0 if found else self._since_found
            self._pause = _FIRST_PAUSE if found else min(2 * self._pause, _LONGEST_PAUSE)
            self._wait = self._pause
