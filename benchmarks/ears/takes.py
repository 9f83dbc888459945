"""Recordings of the test set as the rooms of `harness.ears` get them, and the truth."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.mix import Heard, Mix, Piece
from audio_corpus.prompts.recordings import Recording, found, spread, without
from audio_corpus.prompts.texts import Line, Split, prompts
from harness.bench.ports.sound import Samples
from harness.ears.cancel import RATE_HZ as LOW_HZ
from harness.ears.cancel import Cancelled, Canceller, Stretch
from harness.ears.cancel.blocks import Inlet

RATE_HZ = 48_000
_TALK_S = 600.0
# Subtraction's rate filter gives so many samples at a time.
_READ = 512


@dataclass(frozen=True)
class Take:
    """One recording, subtracted. `raw`: at 48 kHz; everything else at 16 kHz.

    `stimulus`, `device`, `noise`: the truth. `residual`, `taken`: what subtraction left and took
    away. `cancel_s`: its processor time. `beside`: the residual at the microphone beside the
    device, where that was asked for.
    """

    recording: Recording
    heard: tuple[Heard, ...]
    raw: Samples
    stimulus: Samples
    device: Samples
    noise: Samples
    residual: Samples
    taken: Samples
    stretches: tuple[Stretch, ...]
    cancel_s: float
    beside: Samples | None = None

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.raw) / RATE_HZ

    @property
    def prompts(self) -> tuple[Heard, ...]:
        """What was said, without chirps."""
        return tuple(one for one in self.heard if one.said.line is not None)

    def span(self, one: Heard, early_s: float = 0.0, late_s: float = 0.0) -> slice:
        """Where something that was heard sounds, at 16 kHz; so much more on either side."""
        low = LOW_HZ / RATE_HZ
        first = round(one.onset * low - early_s * LOW_HZ)
        last = round(one.end * low + late_s * LOW_HZ)
        return slice(max(0, first), min(last, len(self.residual)))


@dataclass(frozen=True)
class Part:
    """Which part of the set is measured: every `step`-th of its lines that are rendered."""

    split: Split
    store: Store
    step: int = 1

    @property
    def lines(self) -> list[Line]:
        """What devices say in it."""
        return [line for line in prompts(self.split) if self.store.has(line)][:: self.step]

    def recordings(self, group: str) -> list[Recording]:
        """The recordings of a group: "found SNR", "drift SNR", "spread", "without HOURS"."""
        kind, _, number = group.partition(" ")
        if kind == "spread":
            return spread(self.split, self.lines)
        if kind == "without":
            return without(self.split, round(float(number) * 3600 / _TALK_S), _TALK_S)
        return found(self.split, float(number), self.lines, drifts=kind == "drift")


def take(recording: Recording, store: Store, *, beside: bool = False) -> Take:
    """A recording mixed and subtracted, piece by piece; only what a take holds is kept."""
    tracks = _Tracks()
    one_clock = recording.conditions.drift_ppm == 0.0
    canceller, near = _Subtracted(one_clock), _Subtracted(one_clock)
    for piece in Mix(recording, store, RATE_HZ).pieces():
        tracks.keep(piece)
        canceller.push(piece.recording, piece)
        if beside:
            near.push(piece.beside, piece)
    tracks.left = canceller.finish()
    residual = _joined([left.residual for left in near.finish()]) if beside else None
    return replace(tracks.take(recording, canceller.took_s), beside=residual)


class _Subtracted:
    """One microphone, less what was played. `took_s`: processor time so far."""

    def __init__(self, one_clock: bool) -> None:
        self._one_clock = one_clock
        self._canceller: Canceller | None = None
        self._left: list[Cancelled] = []
        self.took_s = 0.0

    def push(self, recording: Samples, piece: Piece) -> None:
        if self._canceller is None:
            names = tuple(piece.references)
            self._canceller = Canceller(names, RATE_HZ, one_clock=self._one_clock)
        started_s = time.process_time()
        self._left.append(self._canceller.push(recording, piece.references))
        self.took_s += time.process_time() - started_s

    def finish(self) -> list[Cancelled]:
        """All that was left, in order."""
        assert self._canceller is not None
        started_s = time.process_time()
        self._left.append(self._canceller.finish())
        self.took_s += time.process_time() - started_s
        return self._left


class _Tracks:
    """What is kept of a recording while it goes by."""

    def __init__(self) -> None:
        self.raw: list[Samples] = []
        self.truth = _Lower(3)
        self.heard: list[Heard] = []
        self.left: list[Cancelled] = []

    def keep(self, piece: Piece) -> None:
        self.raw.append(piece.recording)
        self.truth.push(np.stack((piece.stimulus, piece.device, piece.noise)))
        self.heard += piece.heard

    def take(self, recording: Recording, cancel_s: float) -> Take:
        residual = _joined([piece.residual for piece in self.left])
        stimulus, device, noise = self.truth.finish(len(residual))
        return Take(
            recording,
            tuple(self.heard),
            _joined(self.raw),
            stimulus,
            device,
            noise,
            residual,
            _joined([piece.stimulus for piece in self.left]),
            tuple(stretch for piece in self.left for stretch in piece.stretches),
            cancel_s,
        )


class _Lower:
    """The true tracks brought to 16 kHz as they come, by the filter that subtraction has: what a
    filter takes away is neither cancelled nor lost.
    """

    def __init__(self, tracks: int) -> None:
        self._tracks, self._inlet = tracks, Inlet(tracks, RATE_HZ)
        self._parts: list[Samples] = []
        self._at = 0

    def push(self, samples: Samples) -> None:
        self._inlet.push(samples)
        count = (self._inlet.until - self._at) // _READ * _READ
        if count > 0:
            self._parts.append(self._inlet.read(self._at, count))
            self._at += count
            self._inlet.forget(self._at)

    def finish(self, count: int) -> Samples:
        """The first `count` samples of each track."""
        self.push(np.zeros((self._tracks, RATE_HZ), dtype=np.float32))
        return np.concatenate(self._parts, axis=1)[:, :count]


def _joined(parts: Sequence[Samples]) -> Samples:
    found: Samples = np.concatenate(parts)
    return found
