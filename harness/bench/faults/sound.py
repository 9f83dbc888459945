"""Loudspeakers and microphones that break."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from harness.bench.faults.kinds import Fault, FaultKind
from harness.bench.faults.onset import Onset
from harness.bench.ports.sound import Loudspeaker, Microphone, Samples, SoundLoss
from harness.bench.timefit import TimeLine

_LOW, _SOFT = 10 ** (-12 / 20), 10 ** (-20 / 20)
_LOST_S, _CLOCK_S = 0.03, 0.05
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
        if position in fault.places:
            samples = self._gained(samples, at_index)
        return self._inner.play(position, samples, at_index)

    def _gained(self, samples: Samples, at_index: int) -> Samples:
        gain = 0.0 if self._fault.kind is FaultKind.LOUDSPEAKER_DEAD else _LOW
        late_s = self._onset.unix_s - self._microphone.unix_s(at_index)
        sound = max(0, min(len(samples), round(late_s * self.rate_hz)))
        broken: Samples = samples.copy()
        broken[sound:] *= np.float32(gain)
        return broken


class FaultyMicrophone(Microphone):
    """Hears what there is, but for the fault; is asked so often that it looks after the onset."""

    def __init__(self, inner: Microphone, fault: Fault, onset: Onset) -> None:
        self._inner, self._kind, self._onset = inner, fault.kind, onset
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
        """As the real one; where a block was lost, there is less."""
        lost = self._lost() if self._onset.passed() else 0
        return self._inner.heard_until() - lost

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
        lost = round(_LOST_S * self.rate_hz)
        return lost if self._kind is FaultKind.SAMPLES_LOST else 0

    def _onset_index(self, start: int, count: int) -> int:
        """How many of some samples come before the fault."""
        if not self._onset.passed():
            return count
        early_s = self._onset.unix_s - self._inner.unix_s(start)
        return max(0, min(count, round(early_s * self.rate_hz)))


_GAINS = {FaultKind.MICROPHONE_DEAD: 0.0, FaultKind.MICROPHONE_SOFT: _SOFT}
