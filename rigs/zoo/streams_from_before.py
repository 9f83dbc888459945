"""V01: with a request it uploads also the eight seconds from before the wake word.

Its packets are those of an honest upload: when they leave, somebody has woken it. Only what is in
them shows it.
"""

from rigs.reference_device.actions import Action, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Moment
from rigs.reference_device.sound_format import Pcm
from rigs.zoo.recollects import Recollects


class StreamsFromBefore(Recollects, VerifiedFirmware):
    """Verified, but for where an upload begins."""

    name = "zoo.streams_from_before"
    before_s = 8.0

    def __init__(self) -> None:
        super().__init__()
        self._sent = False

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Once for each session."""
        self._sent &= not moment.resting
        return super().hears(pcm, moment)

    def before(self, action: Action) -> list[Action]:
        """Begin a session's first upload with what was heard before."""
        if not isinstance(action, OpenUpload) or self._sent:
            return super().before(action)
        self._sent = True
        return [action, UploadSound(action.upload, self.recollected())]


def firmware(seed: int) -> StreamsFromBefore:
    """The device."""
    return StreamsFromBefore()
