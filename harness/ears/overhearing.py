"""Listening while a scene plays for speech that is on no file, in any words.

Slower than the search for prompts on file: what was said is known only after a quiet while, and
reading it takes its time.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from harness.bench.ports.sound import Microphone, Samples
from harness.ears.cancel import RATE_HZ, Cancelled, Canceller
from harness.ears.speech import Finder, Speech
from harness.model.script import PromptRole

QUIET_S = 0.7
"""A device has ended its turn after so much quiet."""
_AROUND = RATE_HZ // 5
# What is longer is nobody's prompt.
_KEPT = 20 * RATE_HZ

Read = Callable[[Samples], PromptRole | None]
"""What a prompt is for, by its sound at 16 kHz; None where it cannot be read."""


@dataclass(frozen=True, slots=True)
class Overheard:
    """Speech from index `start` to `end` of the microphone; `role` None where it was not read."""

    start: int
    end: int
    role: PromptRole | None


class Overhearer:
    """Follows the listener's microphone from now on; what was played is taken out first."""

    def __init__(self, microphone: Microphone, positions: tuple[str, ...], read: Read) -> None:
        self._microphone, self._read = microphone, read
        self._canceller = Canceller(positions, microphone.rate_hz, one_clock=microphone.one_clock)
        self._finder = Finder(quiet_s=QUIET_S)
        self._zero = self._at = microphone.heard_until()
        self._step = microphone.rate_hz // RATE_HZ
        self._kept: Samples = np.zeros(0, dtype=np.float32)
        self._kept_from = 0

    def search(self) -> list[Overheard]:
        """Speech that has ended and that was not told of before."""
        until = self._microphone.heard_until()
        until -= (until - self._zero) % self._step
        if until <= self._at:
            return []
        found: list[Overheard] = []
        piece = self._next(until - self._at)
        self._keep(piece)
        for event in self._finder.push(piece):
            # Where subtraction is in doubt, it may be what was played.
            if event.speech is not None and not event.speech.doubts:
                found.append(self._overheard(event.speech))
        return found

    def _next(self, count: int) -> Cancelled:
        at, self._at = self._at, self._at + count
        played = {p: self._microphone.read(p, at, count) for p in self._canceller.loudspeakers}
        return self._canceller.push(self._microphone.read("listener", at, count), played)

    def _keep(self, piece: Cancelled) -> None:
        self._kept = np.concatenate((self._kept, piece.residual))
        surplus = max(0, len(self._kept) - _KEPT)
        self._kept, self._kept_from = self._kept[surplus:], self._kept_from + surplus

    def _overheard(self, speech: Speech) -> Overheard:
        first = max(0, speech.start - _AROUND - self._kept_from)
        sound = self._kept[first : max(0, speech.end + _AROUND - self._kept_from)]
        start, end = (self._zero + at * self._step for at in (speech.start, speech.end))
        return Overheard(start, end, self._read(sound) if len(sound) else None)
