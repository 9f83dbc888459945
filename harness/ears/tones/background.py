"""A background that no tone may be found in: voices that nobody has, and things that are struck.

Made, not recorded, and always the same, so that a tone's own threshold can be set wherever it is
loaded: what sounds much like a voice must be found surer than what sounds like nothing else.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.ears.tones.frames import RATE_HZ, Levels, Scale

# Each by itself: together they would hide what in one of them is like a tone.
_SECONDS_EACH = 15.0
_SEED = 20_261_122
_VOICES_HZ = (95.0, 130.0, 190.0, 240.0)
_SYLLABLE_S, _PAUSE_S, _STRUCK_EVERY_S = (0.08, 0.35), (0.0, 0.3), (0.4, 2.0)
# Ranges of the resonances of a mouth, and how wide they are.
_FORMANTS_HZ, _WIDE_HZ = ((280.0, 850.0), (800.0, 2300.0), (2300.0, 3200.0)), 120.0
_HIGHEST_HZ = 4500.0

Floats = NDArray[np.float64]
Draw = np.random.Generator


@lru_cache(maxsize=2)
def background(scale: Scale) -> Levels:
    """Its levels, in frames of a scale."""
    return scale.levels(_sound(), RATE_HZ)


@lru_cache(maxsize=1)
def _sound() -> Samples:
    draw = np.random.Generator(np.random.PCG64(_SEED))
    count = round(_SECONDS_EACH * RATE_HZ)
    parts = [_one_after_another(_syllables(hz, draw), _PAUSE_S, count, draw) for hz in _VOICES_HZ]
    parts.append(_one_after_another(_strikes(draw), _STRUCK_EVERY_S, count, draw))
    sound = np.concatenate(parts)
    return (sound + 1e-4 * draw.standard_normal(len(sound))).astype(np.float32)


def _one_after_another(
    sounds: Iterator[Floats], pause_s: tuple[float, float], count: int, draw: Draw
) -> Floats:
    whole, at = np.zeros(count), 0
    while at < count:
        sound = next(sounds)[: count - at]
        whole[at : at + len(sound)] += sound
        at += len(sound) + round(draw.uniform(*pause_s) * RATE_HZ)
    return whole


def _syllables(voice_hz: float, draw: Draw) -> Iterator[Floats]:
    """Vowels of a voice: a pitch that glides, through resonances."""
    while True:
        seconds = draw.uniform(*_SYLLABLE_S)
        t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
        start_hz, end_hz = voice_hz * 2 ** draw.normal(0.0, 0.25, 2)
        turns = 2 * np.pi * np.cumsum(start_hz + (end_hz - start_hz) * t / seconds) / RATE_HZ
        formants = [draw.uniform(*span) for span in _FORMANTS_HZ]
        order = np.arange(1, int(_HIGHEST_HZ / max(start_hz, end_hz)) + 1)
        off = (order * start_hz)[:, None] - np.array(formants)
        loud = (1 / np.hypot(1, off / _WIDE_HZ)).sum(axis=1)
        vowel = (loud[:, None] * np.sin(order[:, None] * turns)).sum(axis=0)
        yield 0.05 * vowel * np.sin(np.pi * t / seconds) ** 0.5


def _strikes(draw: Draw) -> Iterator[Floats]:
    """Plates and glasses: partials that are no harmonics, struck together, dying away."""
    t = np.arange(RATE_HZ // 2) / RATE_HZ
    while True:
        hz = draw.uniform(300.0, 2500.0) * np.cumprod(np.append(1.0, draw.uniform(1.1, 1.7, 7)))
        dies_s = draw.uniform(0.03, 0.2) * (hz[0] / hz) ** 0.5
        loud = draw.uniform(0.2, 1.0, len(hz)) * (hz < 0.45 * RATE_HZ)
        rings = np.exp(-t / dies_s[:, None]) * np.sin(2 * np.pi * hz[:, None] * t)
        yield 0.1 * (loud[:, None] * rings).sum(axis=0)
