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
    """Name and value of each fact, for Allure's environment page.

    All that hangs on the rig stands under its own name: a suite plays on several rigs.
    """
    facts = facts_of(rig, NOTHING)
    seen = sum(never_seen(facts, cls) is None for cls in CLASSES)
    of_rig = {
        "device": rig.file.device.name,
        "firmware": rig.file.device.firmware,
        "calibration": _calibration(rig),
        "classes observable": f"{seen} of {len(CLASSES)}",
        "real-time priority": "yes" if rig.realtime else "no: expect dropouts",
    }
    return {
        "Sayso": __version__,
        "Python": platform.python_version(),
        "System": platform.platform(),
        "sounddevice": version("sounddevice"),
        **{f"{rig.file.name} {fact}": told for fact, told in of_rig.items()},
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
