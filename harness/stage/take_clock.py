"""The times of one take: its recording's indices and Unix times, on the run's one clock."""

from harness.bench.timefit import TimeLine
from harness.errors import RigError
from harness.stage.session import Take


class TakeClock:
    """`line`: from index to Unix time; None where none could be made, which the take then tells.

    `start`: the recording's index at second 0, which is where the scene begins.
    """

    def __init__(self, take: Take) -> None:
        self._take = take
        self._microphone = take.rig.microphone
        self._rate = take.rig.microphone.rate_hz
        self.line = self._made()
        self.start = self._first_index()

    def _made(self) -> TimeLine | None:
        try:
            return self._microphone.clock_line()
        except (RigError, ValueError, IndexError) as error:
            self._take.troubles.append(f"no clock could be made of the recording: {error}")
            return None

    def _first_index(self) -> int:
        if self._take.performed is not None:
            return self._take.performed.start
        try:
            return self._microphone.started_at()
        except (RigError, IndexError):
            return 0

    def at(self, unix_s: float) -> float:
        """Seconds on the run's clock of a Unix time; 0 where there is no clock."""
        if self.line is None:
            return 0.0
        return (self.line.index(unix_s) - self.start) / self._rate

    def seconds(self, index: int) -> float:
        """Seconds on the run's clock of an index of the recording."""
        return (index - self.start) / self._rate

    def index(self, at_s: float) -> int:
        """The index of the recording at so many seconds of the run's clock."""
        return self.start + round(at_s * self._rate)

    def scene(self) -> range:
        """The indices of the scene and its watch; none where it was not played."""
        performed = self._take.performed
        if performed is None:
            return range(0)
        until = self._microphone.heard_until()
        return range(self.start, min(performed.watched_until or until, until))

    def scene_end(self) -> float:
        """When the scene and its watch ended (s); 0 where it was not played."""
        performed = self._take.performed
        if performed is None:
            return 0.0
        return self.seconds(performed.watched_until or self._microphone.heard_until())
