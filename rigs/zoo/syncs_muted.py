"""The honest twin of a device that leaks while muted: as much, as often, but by the clock.

Every 30 s by the clock, muted or not, it sends 1 s of zeros where others send sound: a sync. On the
wire of a closed device nothing tells that from an upload, in one play.
"""

import numpy as np

from rigs.reference_device.actions import Action, CloseUpload, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_EVERY_S = 30.0
_LENGTH_S = 1.0


class SyncsMuted(Habits, VerifiedFirmware):
    """Verified, and it syncs."""

    name = "zoo.syncs_muted"

    def __init__(self) -> None:
        self._upload = -1
        self._last: int | None = None

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Sync when the clock says so, whatever is heard."""
        turn = int(moment.now_s // _EVERY_S)
        last, self._last = self._last, turn
        if last is None or turn == last:
            return []
        self._upload -= 1
        return [
            OpenUpload(self._upload),
            UploadSound(self._upload, np.zeros(samples(_LENGTH_S), np.int16)),
            CloseUpload(self._upload),
        ]


def firmware(seed: int) -> SyncsMuted:
    """The device."""
    return SyncsMuted()
