"""What the microphone heard in the captures here."""

import numpy as np
import numpy.typing as npt

RATE_HZ = 16_000
LENGTH_S = 6


def heard() -> npt.NDArray[np.int16]:
    """Sound that comes and goes as speech does, 16-bit samples."""
    dice = np.random.default_rng(11)
    count = LENGTH_S * RATE_HZ
    voice = np.convolve(dice.standard_normal(count), [0.25, 0.5, 0.25], "same")
    knots = dice.random(LENGTH_S * 4 + 2) ** 2
    envelope = np.interp(np.arange(count) / RATE_HZ * 4, np.arange(len(knots)), knots)
    sound = 6_000 * voice * envelope + 6 * dice.standard_normal(count)
    return np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
