"""V17: it reads back 63 dB lower than it says anything else: nobody can hear it."""

from dataclasses import replace

from rigs.reference_device.actions import Action, Play
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits
from rigs.reference_device.sound_format import scaled

# At 60 dB, in the quiet room of `rigs/virtual.yaml`, its ESTOI is 0.29 to 0.34: neither inaudible
# nor audible by the rule's limits. At 63 dB it is 0.26 at most; beyond 64 dB no search finds it.
_GAIN = 10 ** (-63 / 20)


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
