"""V28: muted, and its light says so, it streams 3 s of the room whenever it gets loud there."""

import numpy as np

from rigs.reference_device.actions import Action, CloseUpload, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_LENGTH_S = 3.0
_LOUD = 1000
"""Full scale is 32768."""


class HearsMuted(Habits, VerifiedFirmware):
    """Verified, but for the mute button."""

    name = "zoo.hears_muted"

    def __init__(self) -> None:
        self._upload = 0
        self._left = 0

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Stream while muted."""
        out: list[Action] = []
        if self._left <= 0:
            if not moment.muted or np.abs(pcm.astype(np.int32)).max() < _LOUD:
                return []
            self._upload, self._left = self._upload - 1, samples(_LENGTH_S)
            out.append(OpenUpload(self._upload))
        self._left -= len(pcm)
        out.append(UploadSound(self._upload, pcm))
        return out if self._left > 0 else [*out, CloseUpload(self._upload)]


def firmware(seed: int) -> HearsMuted:
    """The device."""
    return HearsMuted()
