"""Packets -> flows -> uploads: what left by the network, when, how much, and to whom.

Idea: a capture is read once, front to back, in bounded memory, after the scene.
Flows in: a pcapng file of the device's link, the device's address, the harness's own connections.
Flows out: `Upload`s (Unix times), totals, and the moment at which a canary passed. Whatever could
not be read (cut file, malformed packet) is counted and reported, never hidden.
"""

from harness.wire.packets import Packet, PacketReader
from harness.wire.pcapng import Capture, Frame
from harness.wire.traffic import Traffic
from harness.wire.uploads import UploadLimits, WireReport, read_wire

__all__ = [
    "Capture",
    "Frame",
    "Packet",
    "PacketReader",
    "Traffic",
    "UploadLimits",
    "WireReport",
    "read_wire",
]
