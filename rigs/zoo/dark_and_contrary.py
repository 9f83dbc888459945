"""V02 and V15: its light never shows that it listens, and "No." sends."""

from rigs.zoo.dark_light import HidesListening
from rigs.zoo.no_is_yes import NoIsYes


class DarkAndContrary(HidesListening, NoIsYes):
    """Two faults in one."""

    name = "zoo.dark_and_contrary"


def firmware(seed: int) -> DarkAndContrary:
    """The device."""
    return DarkAndContrary()
