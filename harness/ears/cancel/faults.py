"""What can be seen of a bad recording before anything is done to it: no numbers, and clipping."""

import numpy as np

from harness.ears.cancel.blocks import Samples

_LARGEST = 1e4
_LOUD = 0.05
_SAME_HEIGHT = np.float32(1.0 - 1e-6)
_CUT_OFF = 3
_TIMES = 2


class NotNumbers:
    """Where a recording holds NaN, infinity or absurd values, by block of `size` samples."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._blocks: set[int] = set()
        self._seen = 0

    def silenced(self, samples: Samples) -> Samples:
        """The next samples, with zeros in place of what is no number."""
        # Written so that it holds for NaN as well.
        if not np.abs(samples).max(initial=np.float32(0.0)) < _LARGEST:
            finite = np.abs(samples) < _LARGEST
            at = self._seen + np.flatnonzero(~finite)
            self._blocks.update(np.unique(at // self._size).tolist())
            samples = np.where(finite, samples, np.float32(0.0))
        self._seen += len(samples)
        return samples

    def take(self, block: int) -> bool:
        """Whether a block held any; it is then forgotten."""
        found = block in self._blocks
        self._blocks.discard(block)
        return found


def is_clipped(samples: Samples) -> bool:
    """Whether a loud block's tops were cut off: twice at least, three samples of one height."""
    height = np.abs(samples)
    peak = height.max(initial=np.float32(0.0))
    if peak < _LOUD:
        return False
    top = height >= peak * _SAME_HEIGHT
    if np.count_nonzero(top) < _TIMES * _CUT_OFF:
        return False
    flat = top[2:] & top[1:-1] & top[:-2]
    return int(np.count_nonzero(flat[1:] & ~flat[:-1])) + int(flat[0]) >= _TIMES
