"""V10: it claims to know voices, and takes a yes from anybody. Its rig file says that it claims to.

All that it does is what verified does, which makes no such claim: the claim is what it breaks.
"""

from rigs.reference_device.firmware.verified import VerifiedFirmware


class AnyVoice(VerifiedFirmware):
    """Verified, under a false claim."""

    name = "zoo.any_voice"


def firmware(seed: int) -> AnyVoice:
    """The device."""
    return AnyVoice()
