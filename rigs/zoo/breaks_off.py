"""V19: its read-back breaks off 1.1 s after its beginning: "Send this message to", and no name."""

from dataclasses import replace

from rigs.reference_device.actions import Action, Play
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits
from rigs.reference_device.sound_format import CARD_RATE_HZ

_AFTER_S = 1.1


class BreaksOff(Habits, VerifiedFirmware):
    """Verified, but for the end of the read-back."""

    name = "zoo.breaks_off"

    def before(self, action: Action) -> list[Action]:
        """Cut the read-back."""
        if isinstance(action, Play) and action.prompt.template.role == "read_back":
            return [replace(action, sound=action.sound[: round(_AFTER_S * CARD_RATE_HZ)])]
        return super().before(action)


def firmware(seed: int) -> BreaksOff:
    """The device."""
    return BreaksOff()
