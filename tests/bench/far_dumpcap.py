"""Looks like dumpcap writing to a pipe, and captures the canaries that an address is sent.

python -I -S far_dumpcap.py FOLDER ADDRESS DROPPED: stamped by the clock that is ahead by what
FOLDER/ahead says (ns). As the real one it says what it does on standard error, and ends on SIGTERM
with its statistics.
"""

import signal
import socket
import struct
import sys
import time
from pathlib import Path

folder, address, dropped = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
out = sys.stdout.buffer


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) % 4)
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def frame(text: bytes) -> bytes:
    udp = struct.pack(">HHHH", 40000, 48557, 8 + len(text), 0) + text
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     socket.inet_aton("10.0.0.1"), socket.inet_aton(address))  # fmt: skip
    return bytes.fromhex("025341590002") + bytes.fromhex("025341590001") + b"\x08\x00" + ip + udp


class EndedError(Exception):
    pass


def end(*_: object) -> None:
    raise EndedError


signal.signal(signal.SIGTERM, end)
link = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
link.bind((address, 48557))
print("Capturing on 'eth1'\nFile: -", file=sys.stderr, flush=True)
out.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
out.write(block(1, struct.pack("<HHI", 1, 0, 0)))
out.flush()
count = 0
try:
    while True:
        text = link.recv(2000)
        ticks = (time.time_ns() + int((folder / "ahead").read_text())) // 1000
        packet = frame(text)
        count += 1
        sizes = struct.pack("<II", len(packet), len(packet))
        out.write(
            block(6, struct.pack("<III", 0, ticks >> 32, ticks & 0xFFFFFFFF) + sizes + packet)
        )
        out.flush()
except EndedError:
    counts = struct.pack("<HHQHHQHH", 4, 8, count, 5, 8, dropped, 0, 0)
    out.write(block(5, bytes(12) + counts))
    out.flush()
    print(f"Packets captured: {count}", file=sys.stderr)
    print(f"Packets received/dropped on interface 'eth1': {count}/{dropped} (x)", file=sys.stderr)
