"""Learns what is bright and what is dark to a light sensor of the controller, for the rig file.

Usage: python -m harness.bench.drivers.controller_learn PORT ring|lamp
"""

import sys
from collections.abc import Callable

from harness.bench.drivers.controller_options import ControllerPanelText, SensorText
from harness.bench.drivers.controller_panel import ControllerPanel
from harness.clock import RealClock
from harness.errors import SaysoError

MEASURED_S = 2.0
"""Long enough for a light that is dimmed by switching, and for one that breathes slowly."""

Say = Callable[[str], object]


def learn(panel: ControllerPanel, sensor: str, ready: Say, measured_s: float) -> SensorText:
    """Measure a sensor in the dark and in the light; `ready` returns once a person made it so.

    `ValueError` when the two cannot be told apart.
    """
    panel.self_test()
    ready(f"Switch the {sensor} OFF (and leave the bench's own lights on), then press Enter: ")
    _least, _mean, dark = panel.readings(sensor, measured_s)
    ready(f"Switch the {sensor} ON, then press Enter: ")
    _least, _mean, lit = panel.readings(sensor, measured_s)
    return SensorText(dark=dark, lit=lit)


def main() -> int:
    """Ask at the terminal; print what belongs into the rig file."""
    if len(sys.argv) != 3 or sys.argv[2] not in ("ring", "lamp"):
        print(__doc__, file=sys.stderr)
        return 3
    _program, port, sensor = sys.argv
    try:
        # Nothing is pressed, so how the button works does not matter.
        options = ControllerPanelText(port=port, mute="switch")
        with ControllerPanel(options, RealClock()) as panel:
            found = learn(panel, sensor, input, MEASURED_S)
    except (SaysoError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{sensor}: {{dark: {found.dark}, lit: {found.lit}}}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
