"""A recording in memory, as a microphone: what each channel holds is handed in."""

from collections.abc import Mapping
from pathlib import Path

from harness.bench.ports.sound import Microphone, Samples, SoundLoss
from harness.bench.timefit import TimeLine


class Tape(Microphone):
    """Channels of one length, recorded from index 0 on, played back as often as anybody asks."""

    def __init__(
        self, channels: Mapping[str, Samples], rate_hz: int, *, one_clock: bool = True
    ) -> None:
        self.rate_hz, self.channels, self.one_clock = rate_hz, tuple(channels), one_clock
        self._sound = channels

    def record(self, path: Path) -> None:
        """It is recorded already."""

    def stop_recording(self) -> None:
        """It has ended already."""

    def started_at(self) -> int:
        """The index of its first sample."""
        return 0

    def heard_until(self) -> int:
        """One past its last index."""
        return len(self._sound["listener"])

    def read(self, channel: str, start: int, count: int) -> Samples:
        """Samples of a channel."""
        return self._sound[channel][start : start + count]

    def unix_s(self, index: float) -> float:
        """It began when Unix time did."""
        return index / self.rate_hz

    def clock_line(self) -> TimeLine:
        """Index to Unix time."""
        return TimeLine(0.0, 0.0, 1 / self.rate_hz, 0.0, 1.0)

    def losses(self) -> tuple[SoundLoss, ...]:
        """Nothing was lost."""
        return ()

    def trouble(self) -> str | None:
        """Nothing is wrong."""
        return None
