"""V18: it waits with the read-back until it has been loud for 2.2 s, and asks into the noise."""

from rigs.reference_device.actions import Action
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.prompts import Prompt
from rigs.reference_device.sound_format import Pcm
from rigs.zoo.room_level import RoomLevel

_LOUD = 600.0
_OVER_S = 0.5
_LOUD_FOR_S = 2.2


class AsksIntoNoise(Habits, VerifiedFirmware):
    """Verified, but for the moment of the read-back. In a room that stays quiet it never asks."""

    name = "zoo.asks_into_noise"

    def __init__(self) -> None:
        self._level = RoomLevel(_LOUD, _OVER_S)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Heed how loud it is."""
        self._level.add(pcm)
        return []

    def speaks_now(self, prompt: Prompt) -> bool:
        """Any other prompt at once."""
        return prompt.template.role != "read_back" or self._level.loud_for_s >= _LOUD_FOR_S


def firmware(seed: int) -> AsksIntoNoise:
    """The device."""
    return AsksIntoNoise()
