"""V30: after a message was sent it streams on for four seconds, at rest and with its light out."""

from rigs.reference_device.actions import (
    Action,
    CloseUpload,
    OpenUpload,
    SendMessage,
    UploadSound,
)
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_MORE_S = 4.0


class StreamsOn(Habits, VerifiedFirmware):
    """Verified, but for when an upload ends: with the session, or later."""

    name = "zoo.streams_on"

    def __init__(self) -> None:
        self._open: int | None = None
        self._left = 0
        self._end: CloseUpload | None = None

    def before(self, action: Action) -> list[Action]:
        """Keep an upload open that should end, until there is another one."""
        if isinstance(action, SendMessage):
            self._left = samples(_MORE_S)
        if isinstance(action, CloseUpload) and action.complete and action is not self._end:
            self._open = action.upload
            return []
        if isinstance(action, OpenUpload) and self._open is not None:
            return [self._ended(self._open), action]
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Stream into it; at rest for as long as is left."""
        if self._open is None:
            return []
        if not moment.resting or self._left > 0:
            self._left -= len(pcm) if moment.resting else 0
            return [UploadSound(self._open, pcm)]
        return [self._ended(self._open)]

    def _ended(self, upload: int) -> CloseUpload:
        self._open, self._end = None, CloseUpload(upload)
        return self._end


def firmware(seed: int) -> StreamsOn:
    """The device."""
    return StreamsOn()
