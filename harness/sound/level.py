"""How loud some samples are."""

import numpy as np
from numpy.typing import NDArray

SILENT_DB = -200.0
"""What digital silence is told as, and no samples at all."""


def level_db(samples: NDArray[np.floating]) -> float:
    """Level of samples, dB re full scale, where an rms of 1.0 is 0 dB; never below `SILENT_DB`."""
    power = float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
    return max(10 * float(np.log10(power + 1e-30)), SILENT_DB)
