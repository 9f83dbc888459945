"""Speech of the corpus, and noise, as the tests of audibility use them."""

from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.scene.clips import read_clip

Samples = NDArray[np.float32]

CLIPS = Path(__file__).parents[3] / "audio_corpus" / "clips"


@cache
def clip(words: str, rate_hz: int) -> Samples:
    """The first clip whose name has these words in it."""
    found = sorted(CLIPS.glob(f"*-{words}*.flac"))[0]
    samples = read_clip(found, rate_hz)
    samples.setflags(write=False)
    return samples


def noise(count: int, seed: int, level_db: float) -> Samples:
    """White noise, dB re full scale."""
    drawn = np.random.default_rng(seed).standard_normal(count)
    return np.asarray(drawn * 10 ** (level_db / 20), dtype=np.float32)


def scaled(samples: Samples, gain_db: float) -> Samples:
    """Louder by so much."""
    return np.asarray(samples * 10 ** (gain_db / 20), dtype=np.float32)
