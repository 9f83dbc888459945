"""Two sounds made comparable: at one rate, in speech's band, every part of the spectrum as loud.

What is left of a sound is then its own, not what all speech has in common, and neither its level
nor a codec's or a room's colour matters. Method: whitening, as in the phase transform (Knapp &
Carter 1976).
"""

import numpy as np
import numpy.typing as npt
import scipy
import soxr

from harness.wire.payload.sounds import Samples

RATE_HZ = 16_000
BLOCK_S = 0.25
"""A sound is shown to lie in a recording block by block, each so long."""
_BAND_HZ = 150.0, 3_700.0
_FRAME = 512
_SMOOTH_BINS = 9
_FLOOR = 1e-4
_QUIET_DB = -30.0
_SILENT = 1e-6
Flat = npt.NDArray[np.float32]


def flat(samples: Samples, rate_hz: int) -> Flat:
    """A sound at 16 kHz, in speech's band, every stretch and every part of its spectrum as loud."""
    sound = at_rate(samples, rate_hz)
    window = np.sqrt(scipy.signal.get_window("hann", _FRAME)).astype(np.float32)
    hop = _FRAME // 2
    padded = np.pad(sound, (hop, _FRAME + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::hop] * window
    spectra = scipy.fft.rfft(frames, axis=1)
    loud = scipy.ndimage.uniform_filter1d(np.abs(spectra), _SMOOTH_BINS, axis=1)
    spectra /= loud + _FLOOR * _FRAME / 32
    hz = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
    spectra[:, (hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0.0
    frames = scipy.fft.irfft(spectra, _FRAME, axis=1) * window
    out = np.zeros((len(frames) + 1, hop), dtype=np.float32)
    out[:-1] += frames[:, :hop]
    out[1:] += frames[:, hop:]
    whitened: Flat = out.reshape(-1)[hop : hop + len(sound)]
    return whitened


def at_rate(samples: Samples, rate_hz: int) -> Samples:
    """A sound at `RATE_HZ`."""
    if rate_hz == RATE_HZ:
        return samples.astype(np.float32)
    resampled: Samples = soxr.resample(samples.astype(np.float32), rate_hz, RATE_HZ)
    return resampled


def levels(sound: Samples) -> Samples:
    """RMS of each quarter of a block of a sound at `RATE_HZ`, over the loudest's."""
    step = round(BLOCK_S * RATE_HZ) // 4
    whole = len(sound) // step * step
    if not whole:
        return np.ones(1, np.float32)
    power = np.mean(sound[:whole].reshape(-1, step).astype(np.float64) ** 2, axis=1)
    level: Samples = np.sqrt(power / max(float(power.max()), 1e-12)).astype(np.float32)
    return level


def is_quiet(level: Samples, at: int, count: int) -> bool:
    """Whether nothing is loud in `count` samples from index `at` on, by `levels`."""
    step = round(BLOCK_S * RATE_HZ) // 4
    some = level[max(0, at // step) : max(0, at + count) // step + 1]
    return bool(len(some) == 0 or some.max() < 10 ** (_QUIET_DB / 20))


def loud_ends(samples: Samples) -> tuple[int, int]:
    """Where digital silence ends and begins again."""
    loud = float(np.abs(samples).max(initial=0.0))
    there = np.flatnonzero(np.abs(samples) > _SILENT * loud)
    return (int(there[0]), int(there[-1]) + 1) if len(there) else (0, 0)
