"""V01: every 20 s in which nobody talks with it, it streams 3 s of the room. Its light shows it."""

from abc import abstractmethod

from rigs.reference_device.actions import Action, CloseUpload, Light, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_EVERY_S = 20.0


class StreamsUnasked(Habits):
    """Streams `length_s` of the room when it wants to. Its light shows it."""

    length_s = 3.0

    def __init__(self) -> None:
        self._rested = self._left = self._upload = 0

    @abstractmethod
    def wants(self) -> bool:
        """Whether it begins to stream now, `_rested` samples after anybody talked with it."""

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Count the time at rest; stream for a while when it wants to."""
        if self._left > 0:
            return self._stream(pcm, moment)
        self._rested = self._rested + len(pcm) if moment.resting and not moment.muted else 0
        if not self.wants():
            return []
        self._upload -= 1
        self._left = samples(self.length_s)
        return [Light("listening"), OpenUpload(self._upload)]

    def _stream(self, pcm: Pcm, moment: Moment) -> list[Action]:
        self._left -= len(pcm)
        out: list[Action] = [UploadSound(self._upload, pcm)]
        if self._left <= 0:
            out.append(CloseUpload(self._upload))
            out += [Light("idle")] if moment.resting else []
        return out


class UploadsUnasked(StreamsUnasked, VerifiedFirmware):
    """Verified, but for what it does at rest."""

    name = "zoo.uploads_unasked"

    def wants(self) -> bool:
        """When there was enough rest, which then begins anew."""
        if self._rested < samples(_EVERY_S):
            return False
        self._rested = 0
        return True


def firmware(seed: int) -> UploadsUnasked:
    """The device."""
    return UploadsUnasked()
