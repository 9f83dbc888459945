"""V17: it reads back 63 dB lower than it says anything else: nobody can hear it."""

from dataclasses import replace

from rigs.reference_device.actions import Action, Play
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits
from rigs.reference_device.sound_format import scaled

# In the quiet room of `rigs/virtual.yaml` it is found, and inaudible by the rule's limits, in a
# band of 2 or 3 dB. That was seen at 63 dB (at 60 its ESTOI was 0.29 to 0.34: in doubt), and at 60
# a day later (0.21; at 60.5 no search finds it: V13, no read-back).
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
