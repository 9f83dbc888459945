"""What sounds in a home beside the device: endless, from a seed, a piece at a time."""

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from audio_corpus.prompts.clips import PROJECT, Store
from audio_corpus.prompts.texts import Split, digest, talk
from harness.bench.ports.sound import Samples
from harness.scene.clips import read_clip

Draw = np.random.Generator
TALKERS = ("kokoro:af_heart", "kokoro:am_michael", "kokoro:af_bella")
_TELEVISION = "piper:joe"
_CLIPS = PROJECT / "audio_corpus" / "clips"
_PAUSE_S = (0.1, 0.5)
_CLATTER_S = (0.15, 2.5)


class Source:
    """Sound without end: `take` gives as much as is asked for, and goes on from there."""

    def __init__(self, pieces: Iterator[Samples], level_db: float = 0.0) -> None:
        self._pieces = pieces
        self._gain = np.float32(10 ** (level_db / 20))
        self._rest: Samples = np.zeros(0, dtype=np.float32)

    def at(self, level_db: float) -> "Source":
        """The same source, so much louder."""
        return Source(self._pieces, level_db)

    def take(self, count: int) -> Samples:
        """The next `count` samples."""
        parts, have = [self._rest], len(self._rest)
        while have < count:
            parts.append(next(self._pieces))
            have += len(parts[-1])
        whole = np.concatenate(parts)
        self._rest = whole[count:]
        return self._gain * whole[:count]


def drawing(text: str) -> Draw:
    """A random generator that a text stands for."""
    return np.random.Generator(np.random.PCG64(int(digest(text)[:16], 16)))


def talker(voice: str, split: Split, store: Store, rate_hz: int, draw: Draw) -> Source:
    """Somebody who talks on and on, with short pauses."""
    said = [_loader(line_path, rate_hz) for line_path in _said(voice, split, store)]
    return Source(_on_and_on(said, rate_hz, draw, _PAUSE_S))


def television(split: Split, store: Store, rate_hz: int, draw: Draw) -> Source:
    """News that are read without much of a pause; in tune the weather report of the corpus."""
    paths = _said(_TELEVISION, split, store) or [_CLIPS / "television.flac"]
    return Source(_on_and_on([_loader(path, rate_hz) for path in paths], rate_hz, draw, (0.1, 0.4)))


def dishes(rate_hz: int, draw: Draw) -> Source:
    """Plates, pots and cutlery: something hits something every now and then."""

    def pieces() -> Iterator[Samples]:
        while True:
            yield clatter(rate_hz, draw)
            yield _silence(draw.uniform(*_CLATTER_S), rate_hz)

    return Source(pieces())


def fridge(rate_hz: int, draw: Draw) -> Source:
    """The corpus' noise of a quiet kitchen, over and over, from anywhere in it."""
    loop = _read(_CLIPS / "kitchen_noise.flac", rate_hz)
    start = int(draw.integers(len(loop)))

    def pieces() -> Iterator[Samples]:
        yield loop[start:]
        while True:
            yield loop

    return Source(pieces())


def clatter(rate_hz: int, draw: Draw) -> Samples:
    """One hit, or a few in quick succession: damped partials of something hard, and a click."""
    at_s, hits = 0.0, []
    for _ in range(1 + int(draw.poisson(1.2))):
        hits.append((at_s, _hit(rate_hz, draw)))
        at_s += draw.uniform(0.03, 0.25)
    count = max(round(at * rate_hz) + len(hit) for at, hit in hits)
    out = np.zeros(count, dtype=np.float32)
    for at, hit in hits:
        first = round(at * rate_hz)
        out[first : first + len(hit)] += hit
    return out


def _hit(rate_hz: int, draw: Draw) -> Samples:
    """About a dozen partials that are no harmonics of each other; the high ones die first."""
    t = np.arange(round(0.6 * rate_hz)) / rate_hz
    lowest_hz, ring_s = draw.uniform(300.0, 2500.0), draw.uniform(0.02, 0.18)
    partials = lowest_hz * np.cumprod(np.concatenate(([1.0], draw.uniform(1.1, 1.6, 11))))
    sound = np.zeros(len(t))
    for hz in partials[partials < 0.42 * rate_hz]:
        dies_s = ring_s * (lowest_hz / hz) ** 0.5
        sound += (
            draw.uniform(0.2, 1.0)
            * np.sin(2 * np.pi * hz * t + draw.uniform(0, 6.28))
            * (np.exp(-t / dies_s))
        )
    sound += 0.6 * draw.standard_normal(len(t)) * np.exp(-t / 0.003)
    sound *= np.minimum(t / 0.0005, 1.0) * np.minimum((t[-1] - t) / 0.02, 1.0)
    level = 10 ** (draw.uniform(-12.0, 0.0) / 20)
    return np.asarray(0.35 * level * sound / np.abs(sound).max(), dtype=np.float32)


def _on_and_on(
    said: Sequence[Callable[[], Samples]], rate_hz: int, draw: Draw, pause_s: tuple[float, float]
) -> Iterator[Samples]:
    """Everything in a mixed order, then again in another; the first one is entered midway."""
    order = list(draw.permutation(len(said)))
    first = said[order[0]]()
    yield first[int(draw.integers(len(first))) :]
    while True:
        for number in order[1:] or order:
            yield _silence(draw.uniform(*pause_s), rate_hz)
            yield said[number]()
        order = [order[-1], *draw.permutation(len(said))]


def _said(voice: str, split: Split, store: Store) -> list[Path]:
    """The clips of a voice: those rendered for this part, or else those of the corpus."""
    lines = [line for line in talk(split) if line.voice == voice]
    if lines:
        return [store.rendered(line) for line in lines]
    return sorted(_CLIPS.glob(f"{voice.replace(':', '-')}-*.flac"))


def _loader(path: Path, rate_hz: int) -> Callable[[], Samples]:
    return lambda: _read(path, rate_hz)


@lru_cache(maxsize=128)
def _read(path: Path, rate_hz: int) -> Samples:
    samples = read_clip(path, rate_hz)
    samples.flags.writeable = False
    return samples


def _silence(seconds: float, rate_hz: int) -> Samples:
    return np.zeros(round(seconds * rate_hz), dtype=np.float32)
