"""The last few seconds of the microphone."""

from collections import deque

import numpy as np

from rigs.reference_device.sound_format import Pcm


class Ring:
    """Keeps at least the last `length` samples."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._blocks: deque[Pcm] = deque()
        self._held = 0

    def add(self, pcm: Pcm) -> None:
        """Take the next sound."""
        self._blocks.append(pcm)
        self._held += len(pcm)
        while self._held - len(self._blocks[0]) >= self._length:
            self._held -= len(self._blocks.popleft())

    def tail(self, length: int) -> Pcm:
        """The newest `length` samples, or as many as there are."""
        if not self._blocks:
            return np.zeros(0, np.int16)
        sound = np.concatenate(list(self._blocks))
        return sound[max(0, len(sound) - length) :]

    def clear(self) -> None:
        """Forget everything."""
        self._blocks.clear()
        self._held = 0
