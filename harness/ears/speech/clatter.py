"""Sounds that were no speech: while there are such, a voice needs more to be believed.

Now and then a plate that falls on a plate sounds like a short word. Whether it may have been one
is told by what else sounded: crockery and tools seldom sound once.
"""

from collections import deque

# So many sounds within so many frames (20 s) are clatter; what lasts less than 48 ms is a click.
_MANY = 3
_MEMORY = 1_250
_SHORTEST = 3
# How much more evidence is needed then.
_TIMES = 5.0


class Clatter:
    """Knows how many sounds there were of late that nobody said."""

    def __init__(self) -> None:
        self._ended: deque[int] = deque(maxlen=_MANY)

    def add(self, last: int, frames: int) -> None:
        """A sound that was no speech: its last frame, and in how many it sounded."""
        if frames >= _SHORTEST:
            self._ended.append(last)

    def times(self, frame: int) -> float:
        """How many times the evidence that is enough in quiet it takes in a frame."""
        return _TIMES if len(self._ended) == _MANY and frame - self._ended[0] <= _MEMORY else 1.0
