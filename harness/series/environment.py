"""What a report says of machine, rig and versions."""

import platform
from importlib.metadata import version
from pathlib import Path

from harness import __version__
from harness.bench.calibration import load
from harness.bench.rig import Rig
from harness.errors import RigError
from harness.judge.classes import CLASSES
from harness.judge.coverage import never_seen
from harness.series.doctor import NOTHING
from harness.series.play import facts_of


def environment_facts(rig: Rig) -> dict[str, str]:
    """Name and value of each fact, for Allure's environment page."""
    facts = facts_of(rig, NOTHING)
    seen = [cls for cls in CLASSES if never_seen(facts, cls) is None]
    return {
        "Sayso": __version__,
        "Rig": rig.file.name,
        "Device": rig.file.device.name,
        "Firmware": rig.file.device.firmware,
        "Python": platform.python_version(),
        "System": platform.platform(),
        "Calibration": _calibration(rig),
        "Classes observable": f"{len(seen)} of {len(CLASSES)}",
        "sounddevice": version("sounddevice"),
        "Real-time priority": "yes" if rig.realtime else "no: expect dropouts",
    }


def _calibration(rig: Rig) -> str:
    """How old it is, and how old it may be."""
    use = rig.file.calibration
    if use is None:
        return "the rig names none"
    try:
        age_days = load(Path(use.folder)).age_days(rig.clock.now_s())
    except RigError as error:
        return str(error)
    return f"{age_days:.1f} days old, at most {use.at_most_days:g}"
