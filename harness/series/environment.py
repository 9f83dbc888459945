"""What a report says of machine, rig and versions."""

import platform
from importlib.metadata import version

from harness import __version__
from harness.bench.rig import Rig


def environment_facts(rig: Rig) -> dict[str, str]:
    """Name and value of each fact, for Allure's environment page."""
    return {
        "Sayso": __version__,
        "Rig": rig.file.name,
        "Device": rig.file.device.name,
        "Firmware": rig.file.device.firmware,
        "Python": platform.python_version(),
        "System": platform.platform(),
        "sounddevice": version("sounddevice"),
        "Real-time priority": "yes" if rig.realtime else "no: expect dropouts",
    }
