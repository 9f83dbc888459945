"""V04, V05: one wake-word engine is enough for it, so a sound-alike wakes it."""

from rigs.reference_device.firmware.verified import VerifiedFirmware


class OneOpinion(VerifiedFirmware):
    """Verified without the second engine."""

    name = "zoo.one_opinion"
    second_opinion = False


def firmware(seed: int) -> OneOpinion:
    """The device."""
    return OneOpinion()
