"""What idle traffic to a destination is, by direction and shape: nobody looks inside."""

from typing import Any

import numpy as np
import numpy.typing as npt

from harness.wire.idle.profile import Bursts, Pattern, Spread
from harness.wire.idle.slots import Slots

_BUSY = 0.3
_FEW = 3
_UPDATE_BYTES, _DOWNLOAD_BYTES, _MORE_BACK = 1_000_000, 20_000, 5
_BEAT_BYTES, _EVEN = 1200, 3.0
_SHARES = (0.0, 0.1, 0.5, 0.9, 0.99, 1.0)


def spread_of(values: npt.NDArray[np.floating[Any]]) -> Spread:
    """Quantiles; all zero of nothing."""
    if len(values) == 0:
        return Spread()
    least, tenth, median, ninetieth, hundredth, most = (
        round(float(each), 3) for each in np.quantile(values, _SHARES)
    )
    return Spread(least=least, tenth=tenth, median=median, ninetieth=ninetieth,
                  hundredth=hundredth, most=most)  # fmt: skip


def bursts_of(slots: Slots, pause: int, slot_s: float) -> Bursts:
    """Sizes, durations and periods of what was sent without `pause` silent slots."""
    first, length, counts = slots.bursts(pause)
    return Bursts(
        count=len(first),
        bytes=spread_of(counts.astype(np.float64)),
        seconds=spread_of(length * slot_s),
        apart_s=spread_of(np.diff(first) * slot_s),
    )


def pattern_of(sent: Bursts, received: Bursts, busy: float) -> Pattern:
    """What it looks like; `busy`: the part of all slots in which something was sent."""
    if busy >= _BUSY:
        return Pattern.PADDED
    back = received.bytes.most
    if back >= _UPDATE_BYTES:
        return Pattern.UPDATE
    if back >= max(_DOWNLOAD_BYTES, _MORE_BACK * sent.bytes.most):
        return Pattern.DOWNLOAD
    if sent.count < _FEW:
        return Pattern.RARE
    even = sent.apart_s.ninetieth <= _EVEN * max(sent.apart_s.tenth, 0.1)
    if sent.bytes.ninetieth <= _BEAT_BYTES and even:
        return Pattern.HEARTBEAT
    return Pattern.TELEMETRY
