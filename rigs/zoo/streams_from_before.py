"""V01: with a request it uploads also the eight seconds from before the wake word.

Its packets are those of an honest upload: when they leave, somebody has woken it. Only what is in
them shows it.
"""

from rigs.reference_device.actions import Action, OpenUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.recollects import RecollectsOnce


class StreamsFromBefore(RecollectsOnce, VerifiedFirmware):
    """Verified, but for where an upload begins."""

    name = "zoo.streams_from_before"

    def before(self, action: Action) -> list[Action]:
        """Begin a session's first upload with what was heard before."""
        if not isinstance(action, OpenUpload) or self.sent:
            return super().before(action)
        self.sent = True
        return [action, UploadSound(action.upload, self.recollected())]


def firmware(seed: int) -> StreamsFromBefore:
    """The device."""
    return StreamsFromBefore()
