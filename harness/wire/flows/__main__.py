"""`python -m harness.wire.flows`: compile the reader now, so that no play waits for it.

What was compiled is kept. Where nothing can be kept, it says so and ends with 2.
"""

import struct
import sys

import numpy as np

from harness.wire.flows.compiled import FOLDER
from harness.wire.flows.hellos import client_hello
from harness.wire.flows.reader import FlowReader
from harness.wire.flows.room import new_room
from harness.wire.flows.segments import merge_all

_FRAME = bytes(16)
_SECTION = struct.pack("<IIIHHqI", 0x0A0D0D0A, 28, 0x1A2B3C4D, 1, 0, -1, 28)
_INTERFACE = struct.pack("<IIHHII", 1, 20, 1, 0, 0, 20)
_PACKET = struct.pack("<IIIIIII", 6, 48, 0, 0, 0, 16, 16) + _FRAME + struct.pack("<I", 48)
_DAMAGE = bytes(16)
_PCAPNG = _SECTION + _INTERFACE + _PACKET + _DAMAGE + _PACKET
_PCAP = struct.pack("<IHHiIIIIIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1, 0, 0, 16, 16) + _FRAME


def compile_all() -> None:
    """Call every function that Python calls, so that each is compiled."""
    for capture in (_PCAPNG, _PCAP):
        reader = FlowReader()
        reader.feed(capture)
        reader.finish()
    merge_all(new_room(2, 8, 64, 0, 10**9))
    client_hello(np.zeros(64, np.uint8), 4, 64)


def main() -> int:
    """Compile; the exit code."""
    if FOLDER is None:
        print("the reader of captures cannot be kept: no cache can be written", file=sys.stderr)
        return 2
    compile_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
