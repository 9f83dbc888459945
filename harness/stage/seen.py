"""What the controls of a play are read from."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness.bench.timefit import TimeLine
from harness.model.timeline import LineSpoken, Upload
from harness.stage.prompts_heard import Subtraction
from harness.stage.session import Take
from harness.wire import WireReport


@dataclass(frozen=True, slots=True)
class Seen:
    """What the controls are read from; `at` turns Unix time into the run's seconds.

    `wire`: what the capture says of itself, None where it could not be read. `subtraction`: how
    what was played could be taken out of the listener's recording, or why that was not possible.
    `hidden`: uploads cannot be told from what the device sends while idle.
    """

    take: Take
    wire: WireReport | None
    uploads: Sequence[Upload]
    lines: Sequence[LineSpoken]
    subtraction: Subtraction | str
    clock: TimeLine | None
    at: Callable[[float], float]
    hidden: bool = False

    @property
    def canaries(self) -> Mapping[bytes, float]:
        """Unix time (s) of each canary that passed on the link, by its nonce."""
        return {} if self.wire is None else self.wire.traffic.canaries
