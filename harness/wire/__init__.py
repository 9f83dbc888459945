"""Packets -> flows -> uploads: what left by the network, when, how much, and to whom.

Idea: a capture is read once, front to back, in bounded memory, after the scene or as it grows.
Flows in: captures of the device's link, the device's address, the harness's own connections.
Flows out: `Upload`s (Unix times), totals, and the moment at which a canary passed. Whatever could
not be read (cut file, malformed packet) is counted and reported, never hidden. `flows/` reads
captures of any size; `traffic.py` and `uploads.py` say what of it the device sent; `report.py` is
what others see, and imports none of these before a capture is read.
"""

from harness.wire.declared import Declared
from harness.wire.report import Traffic, UploadLimits, WireReport, read_wire

__all__ = ["Declared", "Traffic", "UploadLimits", "WireReport", "read_wire"]
