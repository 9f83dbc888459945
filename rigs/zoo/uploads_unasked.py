"""V01: every 20 s in which nobody talks with it, it streams 3 s of the room. Its light shows it."""

from rigs.reference_device.actions import Action, CloseUpload, Light, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_EVERY_S = 20.0
_LENGTH_S = 3.0


class Eavesdrops(Habits):
    """Streams the room now and then, when it rests."""

    def __init__(self) -> None:
        self._rested = 0
        self._upload = 0
        self._left = 0

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time at rest; when there was enough of it, stream for a while."""
        if self._left > 0:
            return self._stream(pcm, moment)
        self._rested = self._rested + len(pcm) if moment.resting and not moment.muted else 0
        if self._rested < samples(_EVERY_S):
            return []
        self._upload -= 1
        self._left, self._rested = samples(_LENGTH_S), 0
        return [Light("listening"), OpenUpload(self._upload)]

    def _stream(self, pcm: Pcm, moment: Moment) -> list[Action]:
        self._left -= len(pcm)
        out: list[Action] = [UploadSound(self._upload, pcm)]
        if self._left <= 0:
            out.append(CloseUpload(self._upload))
            out += [Light("idle")] if moment.resting else []
        return out


class UploadsUnasked(Eavesdrops, VerifiedFirmware):
    """Verified, but for what it does at rest."""

    name = "zoo.uploads_unasked"


def firmware(seed: int) -> UploadsUnasked:
    """The device."""
    return UploadsUnasked()
