"""One time axis for every lane: seconds to pixels, with the quiet end drawn closer together."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from harness.model.case import Case
from harness.model.timeline import (
    DeedDone,
    Interrupted,
    LightChanged,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    PromptHeard,
    SpeechHeard,
    Upload,
    Watched,
)

_QUIET_WORTH_FOLDING_S = 10.0
_FOLD = 5.0
_TICK_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)
_MIN_TICK_PX = 52.0


@dataclass(frozen=True, slots=True)
class Axis:
    """Piecewise linear: full scale from `start_s` to `fold_s`, a fifth of it to `until_s`.

    `left_px`, `right_px`: the drawing's edges. Without a quiet end `fold_s` is `until_s`.
    """

    start_s: float
    fold_s: float
    until_s: float
    left_px: float
    right_px: float

    @property
    def px_per_s(self) -> float:
        """Pixels a second, before the fold."""
        weight_s = (self.fold_s - self.start_s) + (self.until_s - self.fold_s) / _FOLD
        return (self.right_px - self.left_px) / weight_s

    @property
    def folded(self) -> bool:
        """Whether the end is drawn closer together."""
        return self.fold_s < self.until_s

    def x(self, at_s: float) -> float:
        """The pixel of a time, kept within the drawing."""
        at_s = min(max(at_s, self.start_s), self.until_s)
        if at_s <= self.fold_s:
            return self.left_px + (at_s - self.start_s) * self.px_per_s
        return self.x(self.fold_s) + (at_s - self.fold_s) * self.px_per_s / _FOLD

    def s(self, x_px: float) -> float:
        """The time of a pixel."""
        fold_px = self.x(self.fold_s)
        if x_px <= fold_px:
            return self.start_s + (x_px - self.left_px) / self.px_per_s
        return self.fold_s + (x_px - fold_px) * _FOLD / self.px_per_s

    def ticks(self) -> Iterator[float]:
        """Round times for labels, far enough apart to be read, coarser after the fold."""
        yield from _round_times(math.ceil(self.start_s), self.fold_s, self.px_per_s)
        if self.folded:
            px_per_s = self.px_per_s / _FOLD
            for at_s in _round_times(self.fold_s, self.until_s, px_per_s):
                if self.x(at_s) - self.x(self.fold_s) >= _MIN_TICK_PX:
                    yield at_s


def _round_times(from_s: float, until_s: float, px_per_s: float) -> Iterator[float]:
    """Multiples of a step that leaves `_MIN_TICK_PX` between two."""
    step_s = next((s for s in _TICK_STEPS_S if s * px_per_s >= _MIN_TICK_PX), _TICK_STEPS_S[-1])
    number = math.ceil(from_s / step_s)
    while number * step_s <= until_s:
        yield float(number * step_s)
        number += 1


def axis_for(case: Case, left_px: float, right_px: float) -> Axis:
    """The axis that shows all of a play; the watch is folded when nothing happens in it."""
    watched = [event.until_s for event in case.events if isinstance(event, Watched)]
    times = [at_s for event in case.events for at_s in _times(event)]
    # What is given back after the watch is no part of the scene.
    last_s = max(watched, default=math.inf)
    times += [e.at_s for e in case.events if isinstance(e, DeedDone) and e.at_s <= last_s]
    start_s = min([0.0, *times]) - 0.5
    busy_s = max([1.0, *times]) + 1.0
    until_s = max([busy_s, *watched])
    fold_s = busy_s if until_s - busy_s > _QUIET_WORTH_FOLDING_S else until_s
    return Axis(start_s, fold_s, until_s, left_px, right_px)


def _times(event: object) -> Iterable[float]:
    """When something happened, for events that are drawn."""
    if isinstance(event, LineSpoken | PromptHeard | SpeechHeard | Upload):
        return (event.start_s, event.end_s)
    if isinstance(event, MessageReceived | LightChanged | LineUnsaid | Interrupted):
        return (event.at_s,)
    return ()
