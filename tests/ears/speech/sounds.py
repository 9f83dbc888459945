"""Residuals whose truth is known, and how they are cut into pieces."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

import numpy as np

from harness.bench.ports.sound import Samples
from harness.ears.cancel import RATE_HZ, Cancelled, Doubt, Stretch
from harness.ears.cancel.stretches import STRETCH
from harness.scene.clips import read_clip

CLIPS = Path(__file__).resolve().parents[3] / "audio_corpus" / "clips"
NOISE = 10 ** (-60 / 20)


@lru_cache(maxsize=16)
def said(start: str, voice: str = "af_heart") -> Samples:
    """A line of the corpus by how its file's name goes on after the voice, at -26 dB."""
    (path,) = CLIPS.glob(f"kokoro-{voice}-{start}*.flac")
    return read_clip(path, RATE_HZ)


def noise(seconds: float, seed: int = 0, level: float = NOISE) -> Samples:
    rng = np.random.default_rng(seed)
    return (level * rng.standard_normal(round(seconds * RATE_HZ))).astype(np.float32)


def put(into: Samples, sound: Samples, at_s: float, gain: float = 1.0) -> tuple[int, int]:
    """Add sound to a recording; returns where it starts and ends."""
    at = round(at_s * RATE_HZ)
    end = min(at + len(sound), len(into))
    into[at:end] += np.float32(gain) * sound[: end - at]
    return at, end


def cancelled(
    residual: Samples,
    stimulus: Samples | None = None,
    doubted: Sequence[tuple[int, Doubt]] = (),
) -> Cancelled:
    """A whole residual; `doubted`: which stretches, and why."""
    stimulus = np.zeros_like(residual) if stimulus is None else stimulus
    stretches = []
    for number, start in enumerate(range(0, len(residual), STRETCH)):
        doubts = tuple(sorted(doubt for n, doubt in doubted if n == number))
        end = min(start + STRETCH, len(residual))
        stretches.append(Stretch(start, end, -60.0, -60.0, -60.0, None, doubts))
    return Cancelled(0, residual, stimulus, tuple(stretches))


def pieces(whole: Cancelled, cuts: Sequence[int]) -> list[Cancelled]:
    """The same in pieces; each stretch comes with the piece in which it ends."""
    edges = [0, *sorted({c for c in cuts if 0 < c < len(whole.residual)}), len(whole.residual)]
    return [
        Cancelled(
            a,
            whole.residual[a:b],
            whole.stimulus[a:b],
            tuple(s for s in whole.stretches if a < s.end <= b),
        )
        for a, b in pairwise(edges)
    ]
