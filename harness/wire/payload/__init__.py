"""What an open device sent: the sound in its encrypted traffic, and when each byte of it left.

Idea: the device's TLS keys are written into the capture itself; tshark, a program of its own, gives
back what the connections carried; the bodies of requests are taken apart, decoded, and laid against
what the device's microphone heard. Flows in: a capture with its keys, and that recording. Flows
out: for each upload the span of the recording that it holds, or why that could not be read. Nothing
is skipped in silence: what is not read as sound is counted, and an upload with too much of it is
*unread*, for which the time of its packets stands.
"""

from harness.wire.payload.align import Room
from harness.wire.payload.alignment import Alignment, Piece
from harness.wire.payload.held import Held, heard, held, of_message
from harness.wire.payload.parts import Leaf
from harness.wire.payload.read import Connection, read_connections
from harness.wire.payload.secrets import key_lines, write_secrets
from harness.wire.payload.sounds import Sound, candidates

__all__ = [
    "Alignment",
    "Connection",
    "Held",
    "Leaf",
    "Piece",
    "Room",
    "Sound",
    "candidates",
    "heard",
    "held",
    "key_lines",
    "of_message",
    "read_connections",
    "write_secrets",
]
