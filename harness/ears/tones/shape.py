"""What of a tone there is to look for: its ridges in time and frequency.

Each ridge is looked for by itself, since a room changes the level of one frequency against another
by 10 dB and more, but hardly the frequency, the order, or when each begins.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.ears.tones.frames import QUICK, STEADY, Levels, Scale
from harness.ears.tones.ridges import ridges

Ints = NDArray[np.int64]

# The first frame reaches over the tone's beginning with so much of its length.
_OVER = 0.25
# So many frames before a ridge begins, it must not be there yet.
_BEFORE = 2
# A Hann window makes a line some bins wider than what of it is loud.
_WIDER = 2
# What sweeps is told by the scale in which it takes clearly less room.
_LESS_ROOM = 0.7


@dataclass(frozen=True)
class Shape:
    """A tone as `R` rows, each a ridge in one frame; frames are those that are compared.

    `frame`: of each row, 0 being the first. `ridge`: which. `first`: the lowest bin of its window
    of `W` bins. `line` (R, W): how loud each frequency is there; nothing before the ridge begins.
    `near` (R, W): 1 where other sound speaks against it. `begins_s`: from the beginning of the
    first frame to that of the tone. `in_lines`: share of the example's energy that is in
    ridges. `spread_hz`: how wide a band would hold what sounds in a frame, if it were alike
    everywhere in it.
    """

    scale: Scale
    frame: Ints
    ridge: Ints
    first: Ints
    line: Levels
    near: Levels
    begins_s: float
    in_lines: float
    spread_hz: float

    @property
    def energy(self) -> Levels:
        """The sum of squares of each line."""
        found: Levels = np.square(self.line).sum(axis=1)
        return found

    @property
    def reach(self) -> int:
        """How many frames it takes, counting all and not only those that are compared."""
        return self.scale.every * int(self.frame.max()) + 1


def shape_of(sound: Samples, rate_hz: int) -> Shape:
    """The ridges of a tone that begins with the first sample and ends with the last.

    Raises `ValueError` where there are none.
    """
    steady, quick = (_spectrogram(sound, rate_hz, scale) for scale in (STEADY, QUICK))
    sweeps = _room(quick) * QUICK.hop_s / QUICK.frame_s < _LESS_ROOM * (
        _room(steady) * STEADY.hop_s / STEADY.frame_s
    )
    return _shape(quick, QUICK) if sweeps else _shape(steady, STEADY)


def _spectrogram(sound: Samples, rate_hz: int, scale: Scale) -> Levels:
    """Levels of the example and what surrounds it, in silence."""
    lead = round((1 - _OVER) * scale.length(rate_hz))
    whole = scale.levels(np.pad(sound, (lead, 2 * scale.length(rate_hz))), rate_hz)
    ends = (lead + len(sound) - round(_OVER * scale.length(rate_hz))) // scale.hop(rate_hz)
    return whole[: max(ends // scale.every, 1) * scale.every + 1]


def _room(levels: Levels) -> float:
    """In how many cells its energy lies, if it were alike in all."""
    power = np.square(levels, dtype=np.float64)
    share = power / power.sum()
    return float(np.exp(-np.sum(share * np.log(share + 1e-30))))


def _spread(power: NDArray[np.float64]) -> float:
    """In how many bins the energy of a frame lies, on average, if it were alike in all."""
    frames = power.sum(axis=1)
    share = power / (frames[:, None] + 1e-30)
    bins = np.exp(-np.sum(share * np.log(share + 1e-30), axis=1))
    return float(bins @ frames / frames.sum())


def _shape(levels: Levels, scale: Scale) -> Shape:
    power = np.square(levels, dtype=np.float64)
    numbers = ridges(power)[:: scale.every]
    levels, power = levels[:: scale.every], power[:: scale.every]
    rows = [_row(levels, numbers, frame, ridge, scale) for frame, ridge in _places(numbers)]
    if not rows:
        raise ValueError("no line stands out in it")
    return _framed(rows, scale, power)


def _places(numbers: Ints) -> list[tuple[int, int]]:
    """Each ridge in each frame, in order of ridges; before its first frame some where it is not."""
    found = []
    for ridge in range(1, int(numbers.max()) + 1):
        frames = np.flatnonzero((numbers == ridge).any(axis=1))
        if len(frames):
            found += [(int(f), ridge) for f in range(int(frames[0]) - _BEFORE, int(frames[0]))]
            found += [(int(f), ridge) for f in frames]
    return found


@dataclass(frozen=True, slots=True)
class _Row:
    """A ridge in a frame: `line` and `near` over all bins."""

    frame: int
    ridge: int
    line: Levels
    near: Levels


def _row(levels: Levels, numbers: Ints, frame: int, ridge: int, scale: Scale) -> _Row:
    """`frame` may lie before the ridge, or before the example."""
    begins = int(np.argmax((numbers == ridge).any(axis=1)))
    its = _wider(numbers[max(frame, begins)] == ridge, _WIDER)
    here = numbers[frame] if frame >= 0 else np.zeros_like(numbers[0])
    free = its | ~_wider((here > 0) & (here != ridge), _WIDER)
    if frame < begins:
        nothing = np.zeros(len(its), dtype=np.float32)
        others = _wider(here > 0, _WIDER)
        return _Row(frame, ridge, nothing, (its & ~others).astype(np.float32))
    line = np.where(its, levels[frame], np.float32(0))
    return _Row(frame, ridge, line, (_wider(its, scale.around) & free).astype(np.float32))


def _wider(flags: NDArray[np.bool_], by: int) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = scipy.ndimage.binary_dilation(flags, iterations=by)
    return found


def _framed(rows: list[_Row], scale: Scale, power: NDArray[np.float64]) -> Shape:
    """Rows cut to a window that holds each of them."""
    spans = [np.flatnonzero(row.near) for row in rows]
    width = max((int(span[-1] - span[0]) + 1 for span in spans if len(span)), default=1)
    firsts = [min(int(span[0]), scale.bins - width) if len(span) else 0 for span in spans]
    cut = [slice(first, first + width) for first in firsts]
    line = np.array([row.line[part] for row, part in zip(rows, cut, strict=True)])
    near = np.array([row.near[part] for row, part in zip(rows, cut, strict=True)])
    earliest = min(row.frame for row in rows)
    begins_s = (1 - _OVER) * scale.frame_s - earliest * scale.every * scale.hop_s
    return Shape(
        scale=scale,
        frame=np.array([row.frame - earliest for row in rows], dtype=np.int64),
        ridge=np.array([row.ridge for row in rows], dtype=np.int64),
        first=np.array(firsts, dtype=np.int64),
        line=line,
        near=near,
        begins_s=begins_s,
        in_lines=float(np.square(line, dtype=np.float64).sum() / power.sum()),
        spread_hz=_spread(power) * scale.bin_hz,
    )
