"""The device's own log: one JSON line for each happening, on stdout. For debugging only."""

import json
import sys

from rigs.reference_device.clock import Clock


class DeviceLog:
    """Writes lines with Unix time."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def say(self, what: str, detail: dict[str, object] | None = None) -> None:
        """One line: when, what, and whatever belongs to it."""
        line = {"unix_s": round(self._clock.now_s(), 3), "what": what, **(detail or {})}
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
