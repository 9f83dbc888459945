"""The threshold of hearing, and how far over it speech was.

Of young people with good ears, for tones from the front in a free field: ISO 226:2003, table 1
(T_f), which is ISO 389-7's. Speech is compared with it by third octaves, which is about the width
of what the ear takes together.
"""

import numpy as np

from harness.ears.audibility.spectrum import Spectrum

_THIRDS = range(-10, 12)  # 100 Hz to 12.5 kHz, counted from 1 kHz
_LOWEST_HZ = tuple(1000 * 10 ** ((2 * third - 1) / 20) for third in _THIRDS)
_HIGHEST_HZ = tuple(1000 * 10 ** ((2 * third + 1) / 20) for third in _THIRDS)
_THRESHOLD_DB_SPL = np.array([
    26.5, 22.1, 17.9, 14.4, 11.4, 8.6, 6.2, 4.4, 3.0, 2.2, 2.4,
    3.5, 1.7, -1.3, -4.2, -6.0, -5.4, -1.5, 6.0, 12.6, 13.9, 12.3,
])  # fmt: skip


def over_threshold_db(speech: Spectrum, full_scale_db_spl: float) -> float:
    """How far speech is over the threshold of hearing in the third octave where it is farthest.

    `full_scale_db_spl`: dB SPL of sound whose rms is full scale. Negative: below it everywhere.
    """
    powers = speech.in_bands(_LOWEST_HZ, _HIGHEST_HZ)
    levels_db_spl = 10 * np.log10(np.maximum(powers, 1e-30)) + full_scale_db_spl
    return float(np.max(levels_db_spl - _THRESHOLD_DB_SPL))
