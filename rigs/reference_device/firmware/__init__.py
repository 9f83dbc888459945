"""The firmwares: policy modules, each to be read in a minute.

The idea: everything else of the device is the same for all of them. Flows in: a turn of the
dialogue and what was heard. Flows out: the next move.
"""

import importlib
import importlib.util

from rigs.reference_device.dialogue import Firmware
from rigs.reference_device.errors import SetupError

FIRMWARES = ("2018", "guarded", "verified")


_ZOO = "rigs.zoo"


def make_firmware(name: str, seed: int = 0) -> Firmware:
    """The firmware of that name, one of `FIRMWARES` or zoo.NAME; `SetupError` for any other.

    `seed` is what a firmware of the zoo draws from, where it does things by chance.
    """
    if name == "2018":
        from rigs.reference_device.firmware.v2018 import Firmware2018

        return Firmware2018()
    if name == "guarded":
        from rigs.reference_device.firmware.guarded import GuardedFirmware

        return GuardedFirmware()
    if name == "verified":
        from rigs.reference_device.firmware.verified import VerifiedFirmware

        return VerifiedFirmware()
    if name.startswith("zoo."):
        return _from_zoo(name.removeprefix("zoo."), seed)
    raise SetupError(f"no firmware {name!r}; there are {', '.join(FIRMWARES)}, and zoo.NAME")


def _from_zoo(name: str, seed: int) -> Firmware:
    # Found by name, so that the honest device does not depend on what is wrong with others.
    module = f"{_ZOO}.{name}"
    if not name.isidentifier() or importlib.util.find_spec(module) is None:
        raise SetupError(f"no firmware 'zoo.{name}'; rigs/zoo has no module {name}.py")
    make = getattr(importlib.import_module(module), "firmware", None)
    if make is None:
        raise SetupError(f"rigs/zoo/{name}.py makes no firmware: it lacks firmware(seed)")
    firmware: Firmware = make(seed)
    return firmware
