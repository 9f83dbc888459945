"""V02: its light comes on 2 s after it began to stream. Light and wire tell, each by its time."""

from rigs.reference_device.actions import Action, Light
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_LATE_S = 2.0
_LISTENING = Light("listening")


class LateLight(Habits, VerifiedFirmware):
    """Verified, with a light that is slow to come on."""

    name = "zoo.late_light"

    def __init__(self) -> None:
        self._left: int | None = None

    def before(self, action: Action) -> list[Action]:
        """Hold the listening light back; any other light ends the wait."""
        if action == _LISTENING and self._left != 0:
            self._left = samples(_LATE_S)
            return []
        if isinstance(action, Light):
            self._left = None
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time, and let it come on."""
        if self._left is None:
            return []
        self._left = max(0, self._left - len(pcm))
        return [_LISTENING] if self._left == 0 else []


def firmware(seed: int) -> LateLight:
    """The device."""
    return LateLight()
