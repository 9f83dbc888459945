"""Bytes in slots of time, and how many there were within windows of several slots.

Slots in which nothing was sent are left out, so that a silent night costs nothing.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int64]
_LONGEST_CLUSTER = 600


@dataclass(frozen=True, slots=True)
class Slots:
    """Numbers of slots, ascending, and the bytes that were sent in each."""

    at: Numbers
    bytes: Numbers

    @classmethod
    def of(cls, at: Numbers, counts: Numbers) -> "Slots":
        """From counts in any order, several for one slot perhaps; those without bytes go."""
        at, counts = at[counts > 0], counts[counts > 0]
        if len(at) == 0:
            return cls(np.zeros(0, np.int64), np.zeros(0, np.int64))
        order = np.argsort(at, kind="stable")
        at, counts = at[order], counts[order]
        first = np.flatnonzero(np.diff(at, prepend=at[0] - 1))
        return cls(at[first], np.add.reduceat(counts, first))

    def clipped(self, most: int | None) -> "Slots":
        """The same with at most so many bytes in each slot."""
        return self if most is None else Slots(self.at, np.minimum(self.bytes, most))

    def sums(self, width: int) -> Numbers:
        """For each slot, the bytes of the `width` slots that begin with it."""
        total = np.concatenate([[0], np.cumsum(self.bytes)])
        end = np.searchsorted(self.at, self.at + width)
        sums: Numbers = total[end] - total[:-1]
        return sums

    def peaks(self, width: int) -> "Slots":
        """The largest of those sums in each cluster, and where its window begins.

        What is at least `width` slots apart is two clusters; one goes on for a minute at most (or
        four windows), so that traffic without pauses has peaks too.
        """
        if len(self.at) == 0:
            return self
        sums = self.sums(width)
        block = self.at // max(_LONGEST_CLUSTER, 4 * width)
        begins = (np.diff(self.at) >= width) | (np.diff(block) != 0)
        cluster = np.concatenate([[0], np.cumsum(begins)])
        order = np.lexsort((-sums, cluster))
        first = order[np.flatnonzero(np.diff(cluster[order], prepend=-1))]
        return Slots(self.at[first], sums[first])

    def bursts(self, pause: int) -> tuple[Numbers, Numbers, Numbers]:
        """First slot, number of slots and bytes of what is sent without `pause` silent slots."""
        if len(self.at) == 0:
            return self.at, self.at, self.bytes
        first = np.flatnonzero(np.concatenate([[True], np.diff(self.at) > pause]))
        last = np.append(first[1:], len(self.at)) - 1
        return (
            self.at[first],
            self.at[last] - self.at[first] + 1,
            np.add.reduceat(self.bytes, first),
        )
