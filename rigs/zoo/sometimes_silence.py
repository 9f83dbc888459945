"""V12 in one play of five, by the seed: silence is a yes. In the others it is honest."""

from rigs.reference_device.dialogue import Firmware
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.chance import strikes
from rigs.zoo.silence_is_yes import SilenceIsYes


def firmware(seed: int) -> Firmware:
    """The device, honest or not."""
    return SilenceIsYes() if strikes(seed) else VerifiedFirmware()
