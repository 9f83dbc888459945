"""How loud the room is at a device's microphone, for devices that heed it when they speak."""

from collections import deque

import numpy as np

from rigs.reference_device.sound_format import Pcm, samples, seconds


class RoomLevel:
    """Watches the RMS of the last `over_s` seconds; from `limit` (of 32768) on it is loud."""

    def __init__(self, limit: float, over_s: float) -> None:
        self._limit, self._most = limit, samples(over_s)
        self._kept: deque[tuple[int, int]] = deque()
        self._loud = 0

    def add(self, pcm: Pcm) -> None:
        """The microphone's next sound (int16, 16 kHz)."""
        self._kept.append((len(pcm), int(np.sum(np.square(pcm, dtype=np.int64)))))
        held = sum(count for count, _ in self._kept)
        while held - self._kept[0][0] >= self._most:
            held -= self._kept.popleft()[0]
        power = sum(energy for _, energy in self._kept) / max(held, 1)
        self._loud = self._loud + len(pcm) if power >= self._limit**2 else 0

    @property
    def loud_for_s(self) -> float:
        """For how long (s) it has been loud without a break; 0 while it is not."""
        return seconds(self._loud)
