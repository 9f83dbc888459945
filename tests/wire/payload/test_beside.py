"""What stands beside honest sound on a connection of an open device: never taken for read."""

import socket
import struct
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest

from harness.bench.drivers.simulated_capture import tcp_frame
from tests.wire.payload.conversations import CLOUD, DEVICE, T0, Wire, streamed
from tests.wire.payload.test_held import pcm, told, wire

BLOB = Random(7).randbytes(16_000)
PORT = 50_001
TCP_AT, PAYLOAD_AT = 34, 54


def record(content: bytes, kind: int = 23) -> bytes:
    """What looks like a record of TLS."""
    return struct.pack("!BHH", kind, 0x0303, len(content)) + content


def segments(made: Wire) -> list[tuple[float, int, bytes]]:
    """What the device sent: Unix time (s), number in TCP's count, bytes."""
    return [
        (at_s, struct.unpack_from("!I", frame, TCP_AT + 4)[0], frame[PAYLOAD_AT:])
        for at_s, frame in made.frames
        if frame[26:30] == socket.inet_aton(DEVICE) and len(frame) > PAYLOAD_AT
    ]


def send(made: Wire, at_s: float, number: int, content: bytes) -> None:
    """More of the device's, on the same connection."""
    for place in range(0, len(content), 1400):
        piece = content[place : place + 1400]
        frame = tcp_frame(DEVICE, PORT, CLOUD, 443, number + place, piece)
        made.frames.append((at_s + place * 1e-7, frame))


@pytest.mark.parametrize(
    "beside",
    [
        2000 * record(b"") + record(BLOB),
        2000 * record(b"\1", 20) + record(BLOB),
        2000 * record(b"\1\0", 21) + record(BLOB),
        b"".join(record(BLOB[at : at + 20]) for at in range(0, len(BLOB), 20)),
        BLOB,
    ],
    ids=["empty records", "changes of cipher", "alerts", "small records", "no records"],
)
def test_what_cannot_be_decrypted_excuses_nothing(tmp_path: Path, beside: bytes) -> None:
    """Each of many records would excuse more than it is long, if it counted as framing."""
    made = wire(tmp_path, streamed(pcm(1.0, 3.5), T0 + 1.2))
    at_s, number, last = segments(made)[-1]
    send(made, at_s + 0.05, number + len(last), beside)
    [(_, found)] = told(made, tmp_path / "c.pcapng")
    assert found.span is None and "are no sound" in found.trouble


@pytest.mark.parametrize("honest", [True, False])
def test_what_is_sent_again_must_be_what_was_sent(tmp_path: Path, honest: bool) -> None:
    """Not so often that it is an upload of its own; cut otherwise than before."""
    made = wire(tmp_path, streamed(pcm(1.0, 3.5), T0 + 1.2))
    pairs = list(pairwise(segments(made)[4:]))[::3]
    for (_, number, first), (at_s, _, second) in pairs:
        again = (first + second)[7:1407]
        send(made, at_s + 1e-6, number + 7, again if honest else BLOB[: len(again)])
        send(made, at_s + 2e-6, number - 1, b"\0")  # who is still there?
    [(_, found)] = told(made, tmp_path / "c.pcapng")
    assert (found.span is not None) == honest, found.trouble
    assert honest or found.trouble.startswith("it sent other bytes again")
