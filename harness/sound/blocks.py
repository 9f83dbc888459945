"""Sound by milliseconds."""

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLOCKS_HZ = 1_000


def by_blocks(values: Values, rate_hz: int) -> Values:
    """The mean of each whole millisecond; `rate_hz` in whole kHz."""
    step = rate_hz // BLOCKS_HZ
    count = len(values) // step
    means: Values = values[: count * step].reshape(count, step).mean(axis=1)
    return means
