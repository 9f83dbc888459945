"""Background sounds made by recipe: the same numbers in, the same sound out, without a seam."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 48_000


def kitchen_noise(parameters: Mapping[str, float]) -> NDArray[np.float32]:
    """A refrigerator's hum over the soft noise of a quiet room, mono, `RATE_HZ`.

    `seconds`: length of the loop. `seed`: of the noise. `mains_hz`: the hum's fundamental.
    `hum_db`: the hum's power over that of the noise, in dB.
    Noise and hum are both periodic over the loop, so that it repeats without a click.
    """
    count = round(parameters["seconds"] * RATE_HZ)
    noise = _room_noise(count, round(parameters["seed"]))
    hum = _hum(count, parameters["mains_hz"])
    hum *= 10 ** (parameters["hum_db"] / 20) * _rms(noise) / _rms(hum)
    mix = noise + hum
    return np.asarray(0.05 * mix / _rms(mix), dtype=np.float32)


SOUNDS = {"kitchen_noise": kitchen_noise}


def _room_noise(count: int, seed: int) -> NDArray[np.float64]:
    """Noise that falls 5 dB per octave from 100 Hz and is gone above 8 kHz (ventilation)."""
    phases = np.random.Generator(np.random.PCG64(seed)).uniform(0, 2 * np.pi, count // 2 + 1)
    freq_hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    slope = np.maximum(freq_hz, 100.0) ** (-5 / 6.02)
    band = (freq_hz > 40.0) / (1.0 + (freq_hz / 8_000.0) ** 8)
    return np.asarray(np.fft.irfft(slope * band * np.exp(1j * phases), count), np.float64)


def _hum(count: int, mains_hz: float) -> NDArray[np.float64]:
    """Mains hum with harmonics, swelling slowly as a compressor does; whole periods in the loop."""
    t = np.arange(count) / RATE_HZ
    loop_hz = RATE_HZ / count
    fundamental_hz = round(mains_hz / loop_hz) * loop_hz
    partials = ((1, 0.5), (2, 1.0), (3, 0.35), (4, 0.45), (6, 0.2), (8, 0.08))
    tone = sum(a * np.sin(2 * np.pi * n * fundamental_hz * t + n * n) for n, a in partials)
    return np.asarray(tone * (1.0 + 0.15 * np.sin(2 * np.pi * 2 * loop_hz * t)), np.float64)


def _rms(samples: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.mean(samples**2)))
