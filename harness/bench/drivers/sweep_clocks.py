"""How far the clocks of loudspeakers and microphones run apart, by sweeps some seconds apart.

The same sweep from the same loudspeaker comes the same way to the same microphone: each is laid
over the first, and how much later it lies than it was sent later is what the clocks do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from harness.bench.ports.sound import Samples, TwoClocks

SWEEPS, APART_S = 5, 2.0
"""So many sweeps, so far apart: eight seconds tell a clock to some tenths of a millionth."""
NEAR = 480
"""A later sweep is looked for so many samples to either side: 300 ppm of 8 s are 115."""
# What a place between two samples is known to, when nothing else disturbs it.
_PLACE = 0.05
_WITHIN = 0.25


@dataclass(frozen=True, slots=True)
class Arrival:
    """A sweep that was sent as sample `sent`, and came as (fractional) sample `came`."""

    sent: int
    came: float


def later_by(first: Samples, later: Samples) -> float | None:
    """Where what was heard `first` lies in `later`, which begins `NEAR` samples before it should.

    In samples from where it should be, with their fraction; None where it is not in there.
    """
    match = scipy.signal.fftconvolve(later, first[::-1], mode="valid")
    top = int(np.argmax(match))
    loud = float(np.linalg.norm(first) * np.linalg.norm(later[top : top + len(first)]))
    if not 0 < top < len(match) - 1 or not match[top] > 0.5 * loud:
        return None
    left, peak, right = map(float, match[top - 1 : top + 2])
    bend = left - 2 * peak + right
    return top + (0.0 if bend == 0 else 0.5 * (left - right) / bend) - NEAR


def clocks_of(arrivals: Sequence[Arrival]) -> TwoClocks | None:
    """How far the clocks run apart; None where the arrivals lie on no line: sound was lost, or
    something moved.

    Known to twice the standard error of the line's slope, with what each place is known to.
    """
    sent = np.array([each.sent for each in arrivals], dtype=np.float64)
    came = np.array([each.came for each in arrivals]) - arrivals[0].came
    sent -= sent.mean()
    slope, middle = np.polyfit(sent, came, 1)
    off = came - middle - slope * sent
    if float(np.abs(off).max()) > _WITHIN:
        return None
    scatter = max(_PLACE, float(np.sqrt(np.sum(off**2) / (len(off) - 2))))
    known_to = 2 * scatter / float(np.sqrt(np.sum(sent**2)))
    return TwoClocks((1.0 - float(slope)) * 1e6, known_to * 1e6)
