"""V30: after every second upload it streams on, with its light out, for four seconds at rest."""

from rigs.reference_device.actions import Action, CloseUpload, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.habits import Habits, Moment
from rigs.reference_device.sound_format import Pcm, samples

_MORE_S = 4.0


class StreamsOn(Habits, VerifiedFirmware):
    """Verified, but for when an upload ends."""

    name = "zoo.streams_on"

    def __init__(self) -> None:
        self._open: int | None = None
        self._left = 0
        self._last: CloseUpload | None = None
        self._count = 0

    def before(self, action: Action) -> list[Action]:
        """Keep every second upload open when it should end, until there is another one."""
        if isinstance(action, CloseUpload) and action.complete and action is not self._last:
            self._count += 1
            if self._count % 2 == 0:
                self._open, self._left = action.upload, samples(_MORE_S)
                return []
        if isinstance(action, OpenUpload) and self._open is not None:
            return [self._end(), action]
        return super().before(action)

    def hears(self, pcm: Pcm, moment: Moment) -> list[Action]:
        """Stream into it, and count the time at rest."""
        if self._open is None:
            return []
        out: list[Action] = [UploadSound(self._open, pcm)]
        self._left -= len(pcm) if moment.resting else 0
        return out if self._left > 0 else [*out, self._end()]

    def _end(self) -> CloseUpload:
        assert self._open is not None
        self._last, self._open = CloseUpload(self._open), None
        return self._last


def firmware(seed: int) -> StreamsOn:
    """The device."""
    return StreamsOn()
