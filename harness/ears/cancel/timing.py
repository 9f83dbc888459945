"""Follows the clock of the microphone against that of the loudspeakers.

How late the stimulus comes is read from the residual: what a prediction that is a little too early
leaves is its own slope, times the delay. Two quantities are tracked from that by a Kalman filter,
the delay and the drift, each measurement weighing as little as there is other sound.
"""

from dataclasses import dataclass

import numpy as np

from harness.ears.cancel.blocks import GROUP, Samples

MOST_DRIFT = 300e-6
_DELAY_STEP = 1e-6  # variances a group: of the delay, in samples^2
_DRIFT_STEP = (0.02e-6) ** 2
_FIRST_DELAY = 0.05
_CATCH_UP = 0.5
# Speech is no white noise: so many of a group's samples count as one measurement.
_ALIKE = 20.0


@dataclass(frozen=True, slots=True)
class Lateness:
    """How late the stimulus is in a stretch (samples), and the variance of that."""

    samples: float
    variance: float


def lateness(residual: Samples, predicted: Samples) -> Lateness | None:
    """Least squares of the residual on the prediction's slope; None where none was predicted."""
    slope = np.empty_like(predicted)
    slope[1:-1] = 0.5 * (predicted[2:] - predicted[:-2])
    slope[0] = slope[-1] = 0.0
    power = float(np.dot(slope, slope))
    if power <= 0.0:
        return None
    samples = float(np.dot(residual, slope)) / power
    variance = _ALIKE * float(np.dot(residual, residual)) / len(residual) / power
    return Lateness(samples, variance)


class ClockTracker:
    """`drift`: how much faster the loudspeakers' clock runs; `lag`: how far the reading is behind.

    `speed` is the drift to read with, so that the lag is caught up with smoothly. A tracker that is
    `steady` follows nothing: both run on one clock.
    """

    def __init__(self, *, steady: bool) -> None:
        self.steady = steady
        self.drift = self.lag = 0.0
        self._know(0.0, 100e-6)

    def _know(self, drift: float, unsure: float) -> None:
        self.drift, self.lag = drift, 0.0
        self._cov = np.diag([_FIRST_DELAY**2, unsure**2])

    def set(self, drift: float, unsure: float) -> None:
        """Begin with a drift known to `unsure` (standard deviation)."""
        if not self.steady:
            self._know(drift, unsure)

    @property
    def unsure(self) -> float:
        """Standard deviation of the drift."""
        return 0.0 if self.steady else float(np.sqrt(self._cov[1, 1]))

    @property
    def speed(self) -> float:
        """The drift to read the references of the next group with."""
        if self.steady:
            return 0.0
        return float(np.clip(self.drift + _CATCH_UP * self.lag / GROUP, -MOST_DRIFT, MOST_DRIFT))

    def follow(self, speed: float, found: Lateness | None) -> None:
        """A group was read with `speed`, and was late by `found`."""
        if self.steady:
            return
        move = np.array([[1.0, GROUP], [0.0, 1.0]])
        self.lag += (self.drift - speed) * GROUP
        self._cov = move @ self._cov @ move.T + np.diag([_DELAY_STEP, _DRIFT_STEP])
        if found is None:
            return
        gain = self._cov[:, 0] / (self._cov[0, 0] + found.variance)
        # Measured in the middle of the group, on average, with what was lag at that time.
        wrong = found.samples - self.lag
        self.lag += float(gain[0]) * wrong
        self.drift = float(np.clip(self.drift + gain[1] * wrong, -MOST_DRIFT, MOST_DRIFT))
        self._cov -= np.outer(gain, self._cov[0])
