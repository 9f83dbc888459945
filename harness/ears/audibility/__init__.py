"""Audibility: could a person at the listener's place hear what the device said?

Flows in: a prompt as it arrives at the listener, taken apart into the device's speech and
everything else at the same time, and what is known of path and microphone. Flows out: levels,
ESTOI, STI, overlap, and how far over the threshold of hearing it was. Nothing is guessed: what
cannot be measured is None. The judge rules.
"""

from harness.ears.audibility.measure import Audibility, measure
from harness.ears.audibility.transmission import modulation_transfer

__all__ = ["Audibility", "measure", "modulation_transfer"]
