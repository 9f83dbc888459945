"""V01: every 20 s in which nobody talks with it, it streams 3 s of the room. Its light shows it."""

from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.reference_device.sound_format import samples
from rigs.zoo.streams_unasked import StreamsUnasked

_EVERY_S = 20.0


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
