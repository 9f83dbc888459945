"""Tones of a device, rooms to hear them in, and what else sounds there: all made from seeds."""

from functools import cache

import numpy as np
import scipy.signal

from audio_corpus.prompts.chirps import CHIRPS, chirp
from audio_corpus.prompts.sources import clatter
from benchmarks.ears_rooms import talk
from harness.bench.ports.sound import Samples
from harness.ears.tones import Tone, tone

RATE_HZ = 16_000


def note(hz: float, seconds: float, decay: float = 3.0) -> Samples:
    """A tone with two harmonics that is struck, and dies away by the end."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    sound = sum(a * np.sin(2 * np.pi * n * hz * t) for n, a in ((1, 1.0), (2, 0.4), (3, 0.15)))
    shape = np.minimum(t / 0.005, 1.0) * np.minimum((seconds - t) / 0.01, 1.0)
    return np.asarray(0.05 * sound * shape * np.exp(-decay * t / seconds), np.float32)


def sweep(from_hz: float, to_hz: float, seconds: float) -> Samples:
    """One that glides."""
    t = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    sound = scipy.signal.chirp(t, from_hz, seconds, to_hz, method="logarithmic")
    edges = np.minimum(np.minimum(t, seconds - t) / 0.008, 1.0)
    return np.asarray(0.05 * sound * edges, np.float32)


def melody(*hz: float) -> Samples:
    """Notes one after the other."""
    return np.concatenate([note(each, 0.2) for each in hz])


TONES = {
    **{name: np.array(chirp(name, RATE_HZ)) for name in CHIRPS},
    "rising": sweep(500.0, 2000.0, 0.2),
    "falling": sweep(2000.0, 500.0, 0.2),
    "melody": melody(784.0, 659.3, 523.3),
    "beep": note(1500.0, 0.2, decay=0.0),
}


@cache
def on_file(name: str) -> Tone:
    """A tone as it is learnt from a clean file."""
    return tone(name, np.pad(TONES[name], RATE_HZ // 4), RATE_HZ)


@cache
def room(t60_s: float, seed: int, echoes_power: float) -> Samples:
    """An impulse response: direct sound of power 1, and echoes."""
    draw = np.random.default_rng(seed)
    t = np.arange(round(t60_s * RATE_HZ)) / RATE_HZ
    echoes = draw.standard_normal(len(t)) * 10 ** (-3 * t / t60_s) * (t > 0.003)
    echoes *= np.sqrt(echoes_power / np.sum(echoes**2))
    echoes[0] = 1.0
    return echoes.astype(np.float32)


def heard(
    sound: Samples,
    at: int,
    seconds: float,
    t60_s: float = 0.3,
    seed: int = 0,
    echoes_power: float = 0.5,
) -> Samples:
    """A sound in a room with a little noise, from sample `at` on."""
    whole = np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * 1e-5
    wet = scipy.signal.oaconvolve(sound, room(t60_s, seed, echoes_power))[: len(whole) - at]
    whole[at : at + len(wet)] += wet
    return whole.astype(np.float32)


def people(seconds: float, level: float) -> Samples:
    """Somebody of the corpus who talks."""
    sound = talk("af_heart", seconds, RATE_HZ)
    return np.asarray(sound * (level / np.sqrt(np.mean(np.square(sound)))), np.float32)


def crockery(seconds: float, seed: int) -> Samples:
    """Plates and glasses, struck about once a second."""
    draw = np.random.default_rng(seed)
    whole = np.zeros(round(seconds * RATE_HZ) + 3 * RATE_HZ, np.float32)
    at = 0
    while at < seconds * RATE_HZ:
        struck = clatter(RATE_HZ, draw)[: len(whole) - at]
        whole[at : at + len(struck)] += struck
        at += len(struck) + round(draw.uniform(0.2, 1.0) * RATE_HZ)
    return whole[: round(seconds * RATE_HZ)]
