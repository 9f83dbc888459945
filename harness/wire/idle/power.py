"""How surely an upload would be seen among the idle traffic to a destination.

Uploads are laid into the very traffic that was learnt, at times drawn by chance, once on top of it
and once in its place: a device that pads its traffic sends speech where padding would have been.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from harness.wire.idle.profile import Power, Shape, Template, Threshold
from harness.wire.idle.slots import Numbers, Slots

_AT_ONCE_IN_A_SLOT = 14_000.0
"""What a first flight of TCP holds (RFC 6928); more follows in the next slot."""
_TRIALS = 600
Table = npt.NDArray[np.float64]


def power_of(
    template: Template,
    idle: Slots,
    spans: Sequence[tuple[int, int]],
    thresholds: Sequence[Threshold],
    slot_s: float,
    drawn: np.random.Generator,
) -> Power:
    """The part of uploads that goes beyond a threshold, among `idle` traffic within `spans`."""
    widths = [round(each.window_s / slot_s) for each in thresholds]
    margin = max(widths, default=0)
    laid = _laid(template, slot_s, drawn)
    starts = _starts(spans, drawn)
    around = _around(idle, starts - margin, laid.shape[1] + 2 * margin)
    upload = np.zeros_like(around)
    upload[:, margin : margin + laid.shape[1]] = laid
    return Power(
        template=template,
        trials=_TRIALS,
        added=_seen(around + upload, thresholds, widths),
        replacing=_seen(np.maximum(around, upload), thresholds, widths),
    )


def _laid(template: Template, slot_s: float, drawn: np.random.Generator) -> Table:
    """Bytes of an upload by slot, a line for each trial, beginning anywhere within its first."""
    total = template.bytes_per_s * template.seconds
    rate = template.bytes_per_s * slot_s
    if template.shape is Shape.AT_ONCE:
        rate = _AT_ONCE_IN_A_SLOT
    phase = drawn.random((_TRIALS, 1)) if template.shape is Shape.STREAMED else 0.0
    edges = np.arange(int(np.ceil(total / rate)) + 2)
    until = np.clip((edges - phase) * rate, 0.0, total)
    laid: Table = np.broadcast_to(np.diff(until, axis=-1), (_TRIALS, len(edges) - 1))
    return laid


def _starts(spans: Sequence[tuple[int, int]], drawn: np.random.Generator) -> Numbers:
    """Slots drawn evenly from the time that was watched."""
    lengths = np.array([last - first for first, last in spans])
    place = drawn.integers(0, lengths.sum(), _TRIALS)
    which = np.searchsorted(np.cumsum(lengths), place, side="right")
    begun = np.cumsum(lengths) - lengths
    starts: Numbers = np.array([first for first, _ in spans])[which] + place - begun[which]
    return starts


def _around(idle: Slots, starts: Numbers, width: int) -> Table:
    """The idle bytes of `width` slots from each start on."""
    lines = np.zeros((len(starts), width))
    low = np.searchsorted(idle.at, starts)
    count = np.searchsorted(idle.at, starts + width) - low
    trial = np.repeat(np.arange(len(starts)), count)
    nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    index = np.repeat(low, count) + nth
    lines[trial, idle.at[index] - starts[trial]] = idle.bytes[index]
    return lines


def _seen(lines: Table, thresholds: Sequence[Threshold], widths: Sequence[int]) -> float:
    seen = np.zeros(len(lines), np.bool_)
    for threshold, width in zip(thresholds, widths, strict=True):
        counted = lines
        if threshold.clip_bytes is not None:
            counted = np.minimum(lines, threshold.clip_bytes)
        total = np.cumsum(np.pad(counted, ((0, 0), (1, 0))), axis=1)
        seen |= (total[:, width:] - total[:, :-width]).max(axis=1) > threshold.bytes
    return float(seen.mean())
