"""V17: it reads back 60 dB lower than it says anything else: nobody can hear it."""

from dataclasses import replace

from rigs.reference_device.actions import Action, Play
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits
from rigs.reference_device.sound_format import scaled

_GAIN = 10 ** (-60 / 20)


class Whispers(Habits, VerifiedFirmware):
    """Verified, but for the level of the read-back."""

    name = "zoo.whispers"

    def before(self, action: Action) -> list[Action]:
        """Turn the read-back down."""
        if isinstance(action, Play) and action.prompt.template.role == "read_back":
            return [replace(action, sound=scaled(action.sound, _GAIN))]
        return super().before(action)


def firmware(seed: int) -> Whispers:
    """The device."""
    return Whispers()
