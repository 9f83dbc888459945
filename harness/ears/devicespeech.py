"""What the device said, alone, as it arrived: a prompt on file through the path that fits best.

The path is taken from the residual itself, by regularised least squares, so that level, echoes and
the device's own loudspeaker are those of this prompt. What the path does not explain, noise and
people that nobody scripted included, stays with everything else: a poor fit makes a prompt less
audible than it was. Where it is drowned, at -8 dB and less, the path takes some of the noise for
it: it then seems louder than it was, by 4 dB at -14.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import TAPS
from harness.ears.cancel.leastsquares import fit_paths

# A prompt may have been found a little late.
_EARLIER = 48


@dataclass(frozen=True, slots=True)
class DeviceSpeech:
    """The device's speech alone: `samples` from sample `first` of a piece on.

    The prompt that it is begins at sample `start` and is over at `end`.
    """

    first: int
    samples: Samples
    start: int
    end: int


def device_speech(residual: Samples, prompt: Samples, start: int) -> Samples:
    """The device's speech in a piece of residual at 16 kHz, as long as the piece.

    `prompt`: what is on file, at 16 kHz; `start`: the sample of the piece at which it was found.
    """
    count = len(residual)
    reference = np.zeros((1, TAPS + count), dtype=np.float32)
    at = TAPS + start - _EARLIER
    said = prompt[max(0, -at) : TAPS + count - at]
    reference[0, max(0, at) : max(0, at) + len(said)] = said
    nothing = np.zeros((1, TAPS), dtype=np.float32)
    path = fit_paths(reference, residual, nothing).responses[0]
    heard = scipy.signal.oaconvolve(reference[0], path)[TAPS : TAPS + count]
    return np.asarray(heard, dtype=np.float32)
