"""The device's cable on a simulated bench: what is put on it passes the tap, unless it is cut."""

from collections.abc import Callable


class SimulatedLink:
    """Carries Ethernet frames to `see` while it is `up`."""

    def __init__(self, see: Callable[[bytes], None]) -> None:
        self._see = see
        self.up = True

    def send(self, frame: bytes) -> None:
        """Put a frame on the link now; lost where the cable is cut."""
        if self.up:
            self._see(frame)
