"""Sound as it is measured: mono at one of two rates, in the band of speech."""

from functools import cache

import numpy as np
import scipy

from harness.bench.ports.sound import Samples
from harness.errors import RigError
from harness.sound.blocks import Values

RATES_HZ = (16_000, 48_000)
_LOWEST_HZ, _HIGHEST_HZ = 50.0, 14_000.0


def checked(samples: Samples, rate_hz: int, what: str) -> Samples:
    """The samples, if they are mono floats, all finite, at 16 or 48 kHz.

    `ValueError` for what no caller may hand in; `RigError` for what a broken recording holds. Both
    name `what`.
    """
    if rate_hz not in RATES_HZ:
        raise ValueError(f"{what}: audibility is measured at 16 or 48 kHz, not at {rate_hz} Hz")
    if samples.ndim != 1 or not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(
            f"{what}: one channel of floats, full scale 1.0, is needed, not {samples.dtype} in the "
            f"shape {samples.shape}"
        )
    wrong = len(samples) - int(np.count_nonzero(np.isfinite(samples)))
    if wrong:
        raise RigError(
            f"{what}: {wrong} of {len(samples)} samples are no numbers; what computed or recorded "
            "them is broken: look at the recording, and at its calibration"
        )
    return samples


def speech_band(samples: Samples, rate_hz: int) -> Values:
    """The samples from 50 Hz to 14 kHz, ITU-T's super-wideband, as far as the rate goes.

    Below is rumble and a microphone's offset, above what no voice says and hardly anybody hears;
    either can be much stronger than speech. It begins as if nothing but the offset had been before.
    """
    if not len(samples):
        return np.zeros(0)
    centred = samples - np.mean(samples, dtype=np.float64)
    filtered: Values = scipy.signal.sosfilt(_band(rate_hz), centred)
    return filtered


@cache
def _band(rate_hz: int) -> Values:
    low = scipy.signal.butter(4, _LOWEST_HZ, "highpass", fs=rate_hz, output="sos")
    if rate_hz <= 2 * _HIGHEST_HZ:
        return np.asarray(low)
    high = scipy.signal.butter(4, _HIGHEST_HZ, "lowpass", fs=rate_hz, output="sos")
    return np.concatenate((low, high))
