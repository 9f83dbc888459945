"""V30: one wake gives two streams; once it has answered it listens anew, as though called again.

So does a device whose wake-word engine still has the last wake in its window. It does so from the
second call on, since what it did after the opening controls' would run into the scene.
"""

from rigs.reference_device.actions import Action, CloseUpload
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.sound_format import samples
from rigs.zoo.uploads_unasked import StreamsUnasked

_PAUSE_S = 0.2


class StreamsAgain(StreamsUnasked, VerifiedFirmware):
    """Verified, but for what it does once an interaction is over."""

    name = "zoo.streams_again"
    length_s = 4.0

    def __init__(self) -> None:
        super().__init__()
        self._called, self._calls = False, 0

    def before(self, action: Action) -> list[Action]:
        """Note that somebody was heard: what follows is one interaction."""
        if isinstance(action, CloseUpload) and action.upload > 0:
            self._calls += 1
            self._called = self._calls > 1
        return super().before(action)

    def wants(self) -> bool:
        """Once when the interaction is over."""
        if not self._called or self._rested < samples(_PAUSE_S):
            return False
        self._called = False
        return True


def firmware(seed: int) -> StreamsAgain:
    """The device."""
    return StreamsAgain()
