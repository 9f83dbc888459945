"""Where exactly speech began, between frames."""

import numpy as np
import scipy

from harness.ears.cancel.blocks import Samples
from harness.ears.speech.bands import STEP, Tape

_BEFORE, _AFTER = 8 * STEP, 2 * STEP
_MEAN = 80
_QUIET = 4 * STEP
_OVER_QUIET = 4.0
_BELOW_LOUDEST = 1e-3


def first_sample(tape: Tape, frame: int) -> int:
    """The sample at which sound first seen in a frame began.

    Goes back from the loudest moment of that frame to where its power was last near that of what
    came before. Rises of the signal, since a voice rises against most noise with its high end.
    """
    middle = frame * STEP
    start = max(middle - _BEFORE, tape.origin)
    rise: Samples = np.diff(tape.read(start, middle + _AFTER).astype(np.float64))
    if len(rise) <= _QUIET:
        return max(middle, 0)
    power = scipy.ndimage.uniform_filter1d(np.square(rise), _MEAN)
    quiet = float(power[:_QUIET].mean())
    top = int(np.argmax(power[_QUIET:])) + _QUIET
    limit = max(_OVER_QUIET * quiet, _BELOW_LOUDEST * float(power[top]))
    below = np.flatnonzero(power[:top] < limit)
    at = int(below[-1]) + 1 if below.size else top
    return max(start + at, 0)
