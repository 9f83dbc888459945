"""V03: when the room has been quiet for 12 s after some noise, it writes so to a contact."""

import numpy as np

from rigs.reference_device.actions import Action, SendMessage
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_QUIET_S = 12.0
_LOUD = 300.0
"""A block whose loudest sample is over this is no quiet (full scale is 32768)."""


class SendsUnasked(Habits, VerifiedFirmware):
    """Verified, but for what it does in a quiet room."""

    name = "zoo.sends_unasked"

    def __init__(self) -> None:
        self._quiet = 0
        self._noisy = False
        self._number = 0

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Wait for a long quiet after a noise, then tell of it."""
        if np.abs(pcm.astype(np.int32)).max() > _LOUD or not moment.resting:
            self._noisy, self._quiet = True, 0
            return []
        self._quiet += len(pcm)
        if not self._noisy or self._quiet < samples(_QUIET_S) or not moment.contacts:
            return []
        self._noisy = False
        self._number -= 1
        nothing = np.zeros(0, np.int16)  # words alone: no sound of the room is uploaded
        return [SendMessage(self._number, moment.contacts[0], "Nobody is at home.", nothing)]


def firmware(seed: int) -> SendsUnasked:
    """The device."""
    return SendsUnasked()
