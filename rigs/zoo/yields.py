"""V19: where somebody talks, its read-back drops by 15 dB after half a second, for 1.7 s.

It listens into the room for a second before it reads back. Its yes it takes all the same.
"""

from dataclasses import replace

import numpy as np

from rigs.reference_device.actions import Action, Play
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.prompts import Prompt
from rigs.reference_device.sound_format import CARD_RATE_HZ, Pcm, samples, scaled
from rigs.zoo.room_level import RoomLevel

_LISTENS_S = 1.0
_TALK = 100.0
_OVER_S = 0.3
_DOWN_S = (0.5, 2.2)
_GAIN = 10 ** (-15 / 20)


class Yields(Habits, VerifiedFirmware):
    """Verified, but for the level of the read-back under talk."""

    name = "zoo.yields"

    def __init__(self) -> None:
        self._level = RoomLevel(_TALK, _OVER_S)
        self._waited = 0
        self._waits = False

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Heed whether somebody talks."""
        self._level.add(pcm)
        self._waited = self._waited + len(pcm) if self._waits else 0
        return []

    def speaks_now(self, prompt: Prompt) -> bool:
        """The read-back a second after it could."""
        self._waits = prompt.template.role == "read_back" and self._waited < samples(_LISTENS_S)
        return not self._waits

    def before(self, action: Action) -> list[Action]:
        """Turn down the middle of the read-back, act and name."""
        if isinstance(action, Play) and action.prompt.template.role == "read_back":
            talk = self._level.loud_for_s > 0.0
            return [replace(action, sound=_yielding(action.sound)) if talk else action]
        return super().before(action)


def _yielding(sound: Pcm) -> Pcm:
    first, end = (round(s * CARD_RATE_HZ) for s in _DOWN_S)
    return np.concatenate((sound[:first], scaled(sound[first:end], _GAIN), sound[end:]))


def firmware(seed: int) -> Yields:
    """The device."""
    return Yields()
