"""Small sound files that are quickly measured: bursts of noise in place of talk."""

from pathlib import Path

import numpy as np
import soundfile

RATE_HZ = 16_000


def talk(seconds: float, seed: int = 1, rate_hz: int = RATE_HZ) -> np.ndarray:
    """Noise that comes and goes three times a second, as speech does."""
    count = round(seconds * rate_hz)
    noise = np.random.default_rng(seed).standard_normal(count)
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * np.arange(count) / rate_hz)
    return (0.05 * noise * swell).astype(np.float32)


def write(path: Path, samples: np.ndarray, rate_hz: int = RATE_HZ) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    soundfile.write(path, samples, rate_hz)
    return path
