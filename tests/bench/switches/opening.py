"""Switches opened as a rig file opens them."""

import os
from pathlib import Path
from typing import Any

from harness.bench.drivers.registry import Place, open_driver
from harness.bench.drivers.switches.switch import Switch
from harness.clock import RealClock

PLACE = Place(RealClock(), Path(), os.environ)


def opened(driver: str, **options: Any) -> Switch:
    """The switch, open; `options` that are None are left out."""
    told = {key: value for key, value in options.items() if value is not None}
    switch: Switch = open_driver("power", driver, told, PLACE)
    return switch
