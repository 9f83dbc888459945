"""Loudspeakers and microphones that break."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.onset import Onset
from harness.bench.ports.sound import Loudspeaker, Microphone, Samples, SoundLoss
from harness.bench.timefit import TimeLine

_LOW, _SOFT = 10 ** (-12 / 20), 10 ** (-20 / 20)
_CLOCK_S, _LATE_S = 0.05, 0.4
_LOST_S = {FaultKind.SAMPLES_LOST: 0.03, FaultKind.SOUND_RESTARTS: 1.5}
_SWAPPED = {"listener": "device", "device": "listener"}


class FaultyLoudspeaker(Loudspeaker):
    """Plays what it is given, but for the fault."""

    def __init__(self, inner: Loudspeaker, microphone: Microphone, fault: Fault, onset: Onset):
        self._inner, self._microphone, self._fault, self._onset = inner, microphone, fault, onset
        self.rate_hz, self.positions = inner.rate_hz, inner.positions

    def earliest_index(self) -> int:
        """As the real one."""
        return self._inner.earliest_index()

    def play(self, position: str, samples: Samples, at_index: int) -> bool:
        """As the real one, louder, softer or elsewhere."""
        fault = self._fault
        if fault.kind is FaultKind.LOUDSPEAKERS_SWAPPED and position in fault.places:
            first, second = fault.places
            return self._inner.play(second if position == first else first, samples, at_index)
        if position in fault.places or fault.kind is FaultKind.SOUND_RESTARTS:
            samples = self._gained(samples, at_index)
        return self._inner.play(position, samples, at_index)

    def _gained(self, samples: Samples, at_index: int) -> Samples:
        kind = self._fault.kind
        gain = _LOW if kind is FaultKind.LOUDSPEAKER_LOW else 0.0
        first = round((self._onset.unix_s - self._microphone.unix_s(at_index)) * self.rate_hz)
        until = len(samples)
        if kind is FaultKind.SOUND_RESTARTS:
            until = max(0, first + round(_LOST_S[kind] * self.rate_hz))
        broken: Samples = samples.copy()
        broken[max(0, first) : until] *= np.float32(gain)
        return broken


class FaultyMicrophone(Microphone):
    """Hears what there is, but for the fault; is asked so often that it looks after the onset.

    `late`: every block comes 0.4 s late.
    """

    def __init__(
        self, inner: Microphone, fault: Fault, onset: Onset, *, late: bool = False
    ) -> None:
        self._inner, self._kind, self._onset = inner, fault.kind, onset
        self._late = round(_LATE_S * inner.rate_hz) if late else 0
        self.rate_hz, self.channels, self.one_clock = inner.rate_hz, inner.channels, inner.one_clock

    def record(self, path: Path) -> None:
        """As the real one."""
        self._inner.record(path)

    def stop_recording(self) -> None:
        """As the real one."""
        self._inner.stop_recording()

    def started_at(self) -> int:
        """As the real one."""
        return self._inner.started_at()

    def heard_until(self) -> int:
        """As the real one; where sound was lost or comes late, there is less, and never less than
        before.
        """
        until = self._inner.heard_until()
        if not self._onset.passed():
            return until
        if lost := self._lost():
            start = self._inner.started_at()
            return max(start + self._onset_index(start, until - start), until - lost)
        return max(self._inner.started_at(), until - self._late) if self._late else until

    def read(self, channel: str, start: int, count: int) -> Samples:
        """What it hears in place of what there is."""
        if self._kind is FaultKind.MICROPHONES_SWAPPED:
            channel = _SWAPPED.get(channel, channel)
        at = self._onset_index(start, count)
        found = self._inner.read(channel, start, count)
        if at == count:
            return found
        if lost := self._lost():
            later = self._inner.read(channel, start + at + lost, count - at)
            return np.concatenate((found[:at], later))
        if channel == "listener" and self._kind in _GAINS:
            found = found.copy()
            found[at:] *= np.float32(_GAINS[self._kind])
        return found

    def unix_s(self, index: float) -> float:
        """By a clock that may be off."""
        off_s = _CLOCK_S if self._kind is FaultKind.CLOCK_OFF else 0.0
        return self._inner.unix_s(index) + off_s

    def clock_line(self) -> TimeLine:
        """By a clock that may be off."""
        line = self._inner.clock_line()
        if self._kind is FaultKind.CLOCK_OFF:
            return replace(line, origin_s=line.origin_s + _CLOCK_S)
        return line

    def losses(self) -> tuple[SoundLoss, ...]:
        """As the real one: of what the fault loses it knows nothing."""
        return self._inner.losses()

    def trouble(self) -> str | None:
        """As the real one."""
        return self._inner.trouble()

    def _lost(self) -> int:
        return round(_LOST_S.get(self._kind, 0.0) * self.rate_hz)

    def _onset_index(self, start: int, count: int) -> int:
        """How many of some samples come before the fault."""
        if not self._onset.passed():
            return count
        early_s = self._onset.unix_s - self._inner.unix_s(start)
        return max(0, min(count, round(early_s * self.rate_hz)))


_GAINS = {FaultKind.MICROPHONE_DEAD: 0.0, FaultKind.MICROPHONE_SOFT: _SOFT}
