"""Microphones on an interface of their own: what they hear, at the rate of the loudspeakers' clock.

What came in is read a little faster or slower than it came, between its samples, so that it no
longer runs away from what was played. How much faster is told by the pilot where a cable brings it
back (`Steering`), else by sweeps in the room (`sweep_clocks`). Written out here, and not left to a
library, since the place of every sample that goes out has to be known: time stamps hang on it.

Nothing is put right that was lost: a jump of the pilot is no drift, and stays in the recording,
where it is found as every loss of sound is.
"""

from collections import deque
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers.interface_pilot import PERIOD, pilot_ahead, pilot_noise, pilot_place
from harness.bench.ports.sound import MOST_APART_PPM, TwoClocks

STEP = 1 << 14
"""The pilot is looked at once in so many samples."""

# 64 samples around each place: flat to 20 kHz, and 60 dB of what would be mirrored kept out.
_HALF, _PHASES, _KAISER = 32, 2048, 8.0
_LOOK = 4096
_FIRST_LOOKS, _LINE_WITHIN = 6, 0.3
_PROPORTIONAL, _INTEGRAL = 0.3, 0.05
_IN_STEP, _JUMPED = 0.1, 0.5  # samples; no clock runs off by half a sample from look to look
_GONE_LOOKS, _SURE_LOOKS = 3, 4
_KEPT = 30
# What a place between two samples is known to: converters filter the noise a little.
_PLACE = 0.05
Sound = NDArray[np.float32]


def _table() -> Sound:
    """Kaiser-windowed sincs, one a row, for places between samples."""
    t = np.arange(1 - _HALF, _HALF + 1)[None, :] - np.linspace(0, 1, _PHASES + 1)[:, None]
    window = np.i0(_KAISER * np.sqrt(np.maximum(0.0, 1 - (t / _HALF) ** 2))) / np.i0(_KAISER)
    rows = np.sinc(t) * window
    whole: Sound = (rows / rows.sum(axis=1, keepdims=True)).astype(np.float32)
    return whole


class RateTurner:
    """Reads a stream at another rate; keeps 64 samples of it, and no more.

    `ratio`: samples that came in for each that goes out.
    """

    def __init__(self, channels: int) -> None:
        self.ratio = 1.0
        self._table = _table()
        self._left: Sound = np.zeros((_HALF, channels), np.float32)
        self._next = float(_HALF)

    def turn(self, block: Sound) -> tuple[Sound, float]:
        """All that can be told by now, and how far its first sample lies from the block's first."""
        ratio = self.ratio  # another thread may set it meanwhile
        joined = np.concatenate((self._left, block))
        known = len(joined) - _HALF  # places before this have all samples around them
        first = self._next - len(self._left)
        count = max(0, int(np.ceil((known - self._next) / ratio)))
        if not count:
            self._left = joined
            return joined[:0], first
        place = self._next + ratio * np.arange(count)
        whole = np.floor(place).astype(np.int64)
        rows = self._table[np.rint((place - whole) * _PHASES).astype(np.int64)]
        around = np.lib.stride_tricks.sliding_window_view(joined, 2 * _HALF, axis=0)
        turned: Sound = np.einsum("nct,nt->nc", around[whole + 1 - _HALF], rows)
        following = self._next + ratio * count
        begins = int(following) + 1 - _HALF
        self._left, self._next = joined[begins:], following - begins
        return turned, first


class Steering:
    """Finds the ratio that keeps the pilot where it is: first by a line, then by what is left.

    It is kept at a whole sample, where what is looked for later lies too. `settled`: it is there.
    """

    def __init__(self) -> None:
        self.settled = False
        self._noise = pilot_noise()
        self._offset: int | None = None
        self._slipped: list[tuple[int, float]] = []
        self._seen: deque[tuple[int, float, float]] = deque(maxlen=_KEPT)
        self._target, self._drift, self._fitted, self._gone = 0, 0.0, False, 0
        self._ratio = 1.0

    @property
    def clocks(self) -> TwoClocks:
        """What is known of both clocks by now, of the last ten seconds.

        It is what was corrected in them, and how far the pilot moved all the same; known to what
        its places at both ends are known to.
        """
        if len(self._seen) < _SURE_LOOKS:
            return TwoClocks(self._drift * 1e6, MOST_APART_PPM)
        at, off, corrected = np.array(self._seen).T
        drift = float(np.diff(at) @ corrected[1:] + off[-1] - off[0]) / (at[-1] - at[0])
        return TwoClocks(drift * 1e6, 2 * 2**0.5 * _PLACE / (at[-1] - at[0]) * 1e6)

    @property
    def offset(self) -> int | None:
        """How many samples the microphones' count, turned, is ahead of the loudspeakers'."""
        return None if self._offset is None else self._offset - self._target

    def look(self, index: int, heard: Sound) -> float:
        """The ratio from now on. `heard`: `STEP` samples of the cable from `index` on, turned."""
        self._ratio = self._looked(index, heard)
        return self._ratio

    def _looked(self, index: int, heard: Sound) -> float:
        if self._offset is None:
            self._find(index, heard)
            return 1.0 - self._drift
        at = index + len(heard) - _LOOK
        ahead = pilot_ahead(heard[-_LOOK:], self._noise, (at - self._offset) % PERIOD)
        if ahead is None:
            self._gone += 1
            if self._gone >= _GONE_LOOKS:  # so much was lost that it is out of sight
                self._offset, self._slipped = None, []
                self._seen.clear()
            return 1.0 - self._drift
        self._gone = 0
        if not self._fitted:
            return self._first_line(at, ahead)
        return self._follow(at, ahead)

    def _find(self, index: int, heard: Sound) -> None:
        place = pilot_place(heard, self._noise)
        if place is not None:
            self._offset, self._target, self._gone = index - round(place), 0, 0

    def _first_line(self, at: int, ahead: float) -> float:
        self._slipped.append((at, ahead))
        if len(self._slipped) < _FIRST_LOOKS:
            return 1.0
        index, slipped = np.array(self._slipped).T
        slope, start = np.polyfit(index - index[0], slipped, 1)
        if float(np.abs(slipped - start - slope * (index - index[0])).max()) > _LINE_WITHIN:
            self._slipped = []  # sound was lost meanwhile: that is no line
            return 1.0
        self._drift, self._target, self._fitted = float(slope), round(ahead), True
        return 1.0 - self._drift

    def _follow(self, at: int, ahead: float) -> float:
        if abs(ahead - self._target) > _JUMPED and self.settled:
            self._target = round(ahead)
            self._seen.clear()
        off = ahead - self._target
        self._seen.append((at, off, 1.0 - self._ratio))
        sure = len(self._seen) >= _SURE_LOOKS
        self.settled = self.settled or (sure and abs(off) < _IN_STEP)
        self._drift += _INTEGRAL * off / STEP
        return 1.0 - self._drift - _PROPORTIONAL * off / STEP


class CableWatch:
    """Gathers the cable's samples from block to block, and hands them over `STEP` by `STEP`."""

    def __init__(self, hand_over: Callable[[int, Sound], None]) -> None:
        self._hand_over = hand_over
        self._from, self._blocks = 0, list[Sound]()

    def add(self, index: int, cable: Sound) -> None:
        """What came from `index` on."""
        if not self._blocks:
            self._from = index
        self._blocks.append(cable)
        if index + len(cable) - self._from >= STEP:
            whole = np.concatenate(self._blocks)
            self._blocks = []
            self._hand_over(self._from, whole[:STEP])
