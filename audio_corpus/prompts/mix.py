"""Recordings of the test set, mixed piece by piece: every source is kept beside the sum.

An hour is never held: at any time there is as much in memory as one prompt is long.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import scipy

from audio_corpus.prompts.air import drifted
from audio_corpus.prompts.chirps import chirp
from audio_corpus.prompts.clips import Store, sounding
from audio_corpus.prompts.home import Around, Home
from audio_corpus.prompts.recordings import Recording, Said
from audio_corpus.prompts.rooms import direct, responses
from harness.bench.ports.sound import Samples
from harness.scene.clips import CLIP_RATE_HZ

PIECE_S = 1.28
_LISTENER, _BESIDE = 0, 1


@dataclass(frozen=True, slots=True)
class Heard:
    """The truth of one thing that the device said, at the listener's microphone, in samples.

    `begins`: where its clip's first sample arrives by the direct way; `onset`, `end`: first sample
    that sounds, and one past the last, without what rings on. `gain`: of the clip before the air.
    """

    said: Said
    begins: int
    onset: int
    end: int
    gain: float


@dataclass(frozen=True, slots=True)
class Piece:
    """Part of a recording: `recording` by the listener's microphone, `beside` by the device's.

    `references`: what each loudspeaker played, dry. `stimulus`, `device`, `noise`: what the
    listener's microphone had of each; their sum is `recording`, but for what was cut off.
    `heard`: what began in this piece.
    """

    start: int
    recording: Samples
    beside: Samples
    references: dict[str, Samples]
    stimulus: Samples
    device: Samples
    noise: Samples
    heard: tuple[Heard, ...]

    @property
    def others(self) -> Samples:
        """Everything but the device."""
        return self.stimulus + self.noise


@dataclass(slots=True)
class _Block:
    """A piece in the making; arrays have a row for each microphone."""

    start: int
    around: Around
    device: Samples
    heard: list[Heard] = field(default_factory=list)

    @property
    def end(self) -> int:
        return self.start + self.device.shape[1]

    @property
    def others(self) -> Samples:
        return self.around.stimulus + self.around.noise


class Mix:
    """Makes one recording at a rate; `pieces` may be gone through once."""

    def __init__(self, recording: Recording, store: Store, rate_hz: int = CLIP_RATE_HZ) -> None:
        self._recording, self._store, self._rate = recording, store, rate_hz
        self._count = round(recording.seconds * rate_hz)
        self._length = round(PIECE_S * rate_hz)
        air = responses(recording.layout, rate_hz)
        self._path = air[-1]
        self._waiting: deque[_Block] = deque()
        self._made = 0
        self._home = Home(recording, store, rate_hz, air, self._length).blocks()

    def pieces(self) -> Iterator[Piece]:
        """The whole recording, in order, in pieces of `PIECE_S`; the last one may be shorter."""
        for said in self._recording.said:
            at = round(said.at_s * self._rate)
            yield from self._ready(at)
            self._say(said, at)
        yield from self._ready(self._count)

    def _ready(self, until: int) -> Iterator[Piece]:
        """Pieces that end before sample `until`: nothing more will be said in them."""
        self._reach(until)
        while self._waiting and min(self._waiting[0].end, self._count) <= until:
            yield self._finished(self._waiting.popleft())

    def _reach(self, until: int) -> None:
        """Make blocks until sample `until` is in one, or the recording ends."""
        while self._made < min(until, self._count):
            around = next(self._home)
            self._waiting.append(_Block(self._made, around, np.zeros_like(around.stimulus)))
            self._made += self._length

    def _say(self, said: Said, at: int) -> None:
        """Add what the device says, as loud over everything else as was asked for."""
        dry, (first, last) = self._dry(said)
        wet = scipy.signal.oaconvolve(dry[None, :], self._path, axes=1).astype(np.float32)
        self._reach(at + wet.shape[1])
        late = direct(self._path[_LISTENER])
        span = slice(late + first, late + last)
        others = self._others(at + span.start, at + span.stop)
        snr = 10 ** (self._recording.conditions.snr_db / 10)
        gain = float(np.sqrt(snr * _power(others) / _power(wet[_LISTENER, span])))
        self._add(wet * np.float32(gain), at)
        heard = Heard(said, at + late, at + span.start, at + span.stop, gain)
        for block in self._waiting:
            if block.start <= heard.onset < block.end:
                block.heard.append(heard)

    def _dry(self, said: Said) -> tuple[Samples, tuple[int, int]]:
        """The samples of what is said, by the microphone's clock, and where in them it sounds."""
        if said.line is None:
            assert said.chirp is not None
            dry = chirp(said.chirp, self._rate)
        else:
            dry = self._store.speech(said.line, self._rate)
        ppm = self._recording.conditions.device_ppm
        dry = drifted(dry.astype(np.float64), ppm, self._rate).astype(np.float32)
        return dry, sounding(dry, self._rate)

    def _others(self, first: int, last: int) -> Samples:
        parts = [
            block.others[_LISTENER, max(0, first - block.start) : last - block.start]
            for block in self._waiting
            if block.end > first and block.start < last
        ]
        return np.concatenate(parts)

    def _add(self, wet: Samples, at: int) -> None:
        for block in self._waiting:
            first, last = max(at, block.start), min(at + wet.shape[1], block.end)
            if first < last:
                span = slice(first - block.start, last - block.start)
                block.device[:, span] += wet[:, first - at : last - at]

    def _finished(self, block: _Block) -> Piece:
        count = min(block.end, self._count) - block.start
        gain = np.float32(10 ** (self._recording.conditions.microphone_db / 20))
        recorded = np.clip(gain * (block.others + block.device)[:, :count], -1.0, 1.0)
        around = block.around
        stimulus, device, noise = (
            gain * part[_LISTENER, :count] for part in (around.stimulus, block.device, around.noise)
        )
        return Piece(
            block.start,
            recorded[_LISTENER],
            recorded[_BESIDE],
            {place: dry[:count] for place, dry in around.references.items()},
            stimulus,
            device,
            noise,
            tuple(sorted(block.heard, key=lambda one: one.onset)),
        )


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64)))
