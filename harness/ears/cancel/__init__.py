"""Subtraction: what the loudspeakers played, taken out of what a microphone heard.

Flows in: one recording, and what each loudspeaker played, to the sample. Flows out: what is left
(the device, the room's noise), what was taken away, and for every stretch of a second how much was
cancelled and why it is not to be believed, where it is not. See `docs/ears.md`.
"""

from harness.ears.cancel.blocks import HOP, RATE_HZ
from harness.ears.cancel.canceller import Cancelled, Canceller, cancel
from harness.ears.cancel.paths import Paths, measure_paths
from harness.ears.cancel.stretches import Doubt, Stretch

__all__ = [
    "HOP",
    "RATE_HZ",
    "Cancelled",
    "Canceller",
    "Doubt",
    "Paths",
    "Stretch",
    "cancel",
    "measure_paths",
]
