"""V02: its light comes on as it begins to stream, and goes out 0.3 s later; the stream goes on."""

from rigs.reference_device.actions import Action, Light
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_FOR_S = 0.3
_LISTENING = Light("listening")


class LightWinks(Habits, VerifiedFirmware):
    """Verified, with a light that only winks."""

    name = "zoo.light_winks"

    def __init__(self) -> None:
        self._left = 0

    def before(self, action: Action) -> list[Action]:
        """Notice that the listening light comes on; any other light takes its place."""
        if isinstance(action, Light):
            self._left = samples(_FOR_S) if action == _LISTENING else 0
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time, and put it out."""
        if not self._left:
            return []
        self._left = max(0, self._left - len(pcm))
        return [] if self._left else [Light("idle")]


def firmware(seed: int) -> LightWinks:
    """The device."""
    return LightWinks()
