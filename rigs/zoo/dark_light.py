"""V02: its light never shows that it listens. All else is as it should be."""

from rigs.reference_device.actions import Action, Light
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits


class HidesListening(Habits):
    """Drops the listening light."""

    def before(self, action: Action) -> list[Action]:
        """Everything but the listening light."""
        return [] if action == Light("listening") else super().before(action)


class DarkLight(HidesListening, VerifiedFirmware):
    """Verified, in the dark."""

    name = "zoo.dark_light"


def firmware(seed: int) -> DarkLight:
    """The device."""
    return DarkLight()
