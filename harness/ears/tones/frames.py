"""Short-time spectra, in which tones are lines: how loud each frequency is, frame by frame.

Two scales: what stays on a pitch is told best by long frames, what sweeps by short ones.
"""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples

Levels = NDArray[np.float32]

BAND_HZ = (100.0, 7300.0)
RATE_HZ = 16_000
_TOGETHER = 512


@dataclass(frozen=True, slots=True)
class Scale:
    """How long a frame is and how far from one to the next (s).

    `every`: so many frames on, the next one is compared. `around`: in how many bins to either side
    of a line other sound speaks against it. `together`: so many compared frames before and after
    one are held together with it.
    """

    frame_s: float
    hop_s: float
    every: int
    around: int
    together: int

    @property
    def bin_hz(self) -> float:
        """From one frequency to the next."""
        return 1 / self.frame_s

    @property
    def band(self) -> tuple[int, int]:
        """The first bin that is used, and one past the last."""
        return round(BAND_HZ[0] * self.frame_s), round(BAND_HZ[1] * self.frame_s) + 1

    @property
    def bins(self) -> int:
        """How many frequencies a frame tells of."""
        first, end = self.band
        return end - first

    def hop(self, rate_hz: int) -> int:
        """Samples from one frame to the next.

        Raises `ValueError` for a rate that is no multiple of 16 kHz.
        """
        if rate_hz < RATE_HZ or rate_hz % RATE_HZ:
            raise ValueError(
                f"tones cannot be looked for at {rate_hz} Hz; record at 16000, 32000, 48000 or "
                "96000 Hz"
            )
        return round(self.hop_s * rate_hz)

    def length(self, rate_hz: int) -> int:
        """Samples in a frame."""
        return self.hop(rate_hz) * round(self.frame_s / self.hop_s)

    def levels(self, samples: Samples, rate_hz: int) -> Levels:
        """Whole frames by frequencies: frame `i` begins at sample `i * hop`.

        The scale of the levels does not depend on the rate.
        """
        size, step = self.length(rate_hz), self.hop(rate_hz)
        count = max(0, (len(samples) - size) // step + 1)
        found = np.empty((count, self.bins), dtype=np.float32)
        window = np.hanning(size + 1)[:-1].astype(np.float32) * np.float32(2 / size)
        first, end = self.band
        for at in range(0, count, _TOGETHER):
            part = samples[at * step : (at + _TOGETHER - 1) * step + size]
            frames = sliding_window_view(part, size)[::step] * window
            found[at : at + _TOGETHER] = np.abs(scipy.fft.rfft(frames, axis=1)[:, first:end])
        return found


STEADY = Scale(0.064, 0.008, every=4, around=12, together=1)
QUICK = Scale(0.016, 0.004, every=2, around=5, together=3)
