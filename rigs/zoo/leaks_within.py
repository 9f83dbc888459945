"""V01: an honest upload ends, on the same connection, with eight seconds from before the wake word.

It begins and leaves when it should; what is earlier comes last. Only what is in it shows it.
"""

from rigs.reference_device.actions import Action, CloseUpload, UploadSound
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.sound_format import samples
from rigs.zoo.recollects import RecollectsOnce


class LeaksWithin(RecollectsOnce, VerifiedFirmware):
    """Verified, but for how an upload ends."""

    name = "zoo.leaks_within"

    def before(self, action: Action) -> list[Action]:
        """Let a session's first upload end with what was heard before it."""
        if not isinstance(action, CloseUpload) or not action.complete or self.sent:
            return super().before(action)
        self.sent = True
        earlier = self.recollected()[: samples(self.before_s)]
        return [UploadSound(action.upload, earlier), action]


def firmware(seed: int) -> LeaksWithin:
    """The device."""
    return LeaksWithin()
