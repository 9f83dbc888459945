"""V28 on a closed device: muted, it keeps what it hears and sends it 6 s later, in one burst.

Nothing shows it: the light shows mute, nothing is delivered, and what is sent cannot be read.
"""

import numpy as np

from rigs.reference_device.actions import Action, CloseUpload, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples
from rigs.zoo.syncs_muted import SyncsMuted

_DELAY_S = 6.0
_LOUD = 1000
"""Full scale is 32768."""
_KEPT_S = 1.0


class LeaksMutedLater(Habits, VerifiedFirmware):
    """Verified, but for the mute button; and it syncs as its twin does."""

    name = "zoo.leaks_muted_later"

    def __init__(self) -> None:
        self._sync = SyncsMuted()
        self._kept: list[Pcm] = []
        self._waited = 0
        self._upload = -1_000_000

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Keep the first second of what is loud; send it when nobody thinks of it any more."""
        return [*self._sync.hears(pcm, moment), *self._leaks(pcm, moment)]

    def _leaks(self, pcm: Pcm, moment: Moment) -> list[Action]:
        if not self._kept:
            if not moment.muted or np.abs(pcm.astype(np.int32)).max() < _LOUD:
                return []
            self._waited = 0
        self._waited += len(pcm)
        if self._waited <= samples(_KEPT_S):
            self._kept.append(pcm)
        if self._waited < samples(_DELAY_S):
            return []
        sound, self._kept = np.concatenate(self._kept), []
        self._upload -= 1
        return [
            OpenUpload(self._upload),
            UploadSound(self._upload, sound),
            CloseUpload(self._upload),
        ]


def firmware(seed: int) -> LeaksMutedLater:
    """The device."""
    return LeaksMutedLater()
