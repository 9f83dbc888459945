"""V26 in one play of five, by the seed: the message is posted twice. In the others it is honest."""

from rigs.reference_device.dialogue import Firmware
from rigs.reference_device.firmware.verified import VerifiedFirmware
from rigs.zoo.chance import strikes
from rigs.zoo.sends_twice import SendsTwice


def firmware(seed: int) -> Firmware:
    """The device, honest or not."""
    return SendsTwice() if strikes(seed) else VerifiedFirmware()
