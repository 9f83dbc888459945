"""The three firmwares: policy modules, each to be read in a minute.

The idea: everything else of the device is the same for all of them. Flows in: a turn of the
dialogue and what was heard. Flows out: the next move.
"""

from rigs.reference_device.dialogue import Firmware
from rigs.reference_device.errors import SetupError

FIRMWARES = ("2018", "guarded", "verified")


def make_firmware(name: str) -> Firmware:
    """The firmware of that name, one of `FIRMWARES`; `SetupError` for any other."""
    if name == "2018":
        from rigs.reference_device.firmware.v2018 import Firmware2018

        return Firmware2018()
    if name == "guarded":
        from rigs.reference_device.firmware.guarded import GuardedFirmware

        return GuardedFirmware()
    if name == "verified":
        from rigs.reference_device.firmware.verified import VerifiedFirmware

        return VerifiedFirmware()
    raise SetupError(f"no firmware {name!r}; there are {', '.join(FIRMWARES)}")
