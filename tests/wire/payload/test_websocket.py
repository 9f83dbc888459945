"""WebSocket whose messages are packed: a real stack's capture read, nothing else excused by it."""

import json
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import UploadLimits, read_wire
from harness.wire.payload import Room, held, read_connections, websocket
from harness.wire.payload.parts import MOST_BYTES, leaves
from harness.wire.payload.timed import Timed
from tests.wire.payload.captures import sound

HERE = Path(__file__).parent / "captures"
TEXT, BINARY, MORE, LAST, PACKED = 1, 2, 0, 0x80, 0x40


def frame(first: int, content: bytes, mask: bytes = b"abcd") -> bytes:
    size = len(content)
    wide = struct.pack("!B", 0x80 | size) if size < 126 else struct.pack("!BQ", 0xFF, size)
    clear = bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))
    return bytes([first]) + wide + mask + clear


class Packer:
    """Packs messages as one stream, as stacks do where nothing else was agreed."""

    def __init__(self) -> None:
        self.machine = zlib.compressobj(wbits=-zlib.MAX_WBITS)

    def __call__(self, message: bytes) -> bytes:
        packed = self.machine.compress(message) + self.machine.flush(zlib.Z_SYNC_FLUSH)
        return packed.removesuffix(b"\0\0\xff\xff")


def sent(*frames: bytes) -> Timed:
    return Timed.of([(each, float(at_s)) for at_s, each in enumerate(frames)])


def test_messages_of_a_real_stack_are_found_to_the_sample() -> None:
    path, device = HERE / "packed_websocket.pcapng", "127.0.0.1"
    begins_unix_s = json.loads((HERE / "packed_websocket.json").read_text())["begins_unix_s"]
    room = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
    connections = read_connections(path, device)
    binary, text = (
        held(upload, connections, room, begins_unix_s, 6000)
        for upload in read_wire(path, device, (), UploadLimits()).uploads
    )
    assert binary.span == pytest.approx((0.5, 1.5), abs=1e-3), binary.trouble
    assert text.span == pytest.approx((3.0, 3.8), abs=1e-3), text.trouble
    assert b"".join(leaf.content.data for leaf, _, _ in text.sounds) == (
        sound.heard()[48_000:60_800].tobytes()
    )


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=6), st.integers(1, 200))
def test_kinds_share_one_stream_and_are_told_apart(messages: list[bytes], cut: int) -> None:
    pack, frames, taken = Packer(), [frame(LAST | TEXT, b"plain")], 0
    for message in messages:
        said, packed = pack(b"text"), pack(message)
        taken += len(packed)
        frames += [frame(LAST | PACKED | TEXT, said), frame(PACKED | BINARY, packed[:cut])]
        frames += [frame(LAST | 9, b""), frame(LAST | MORE, packed[cut:])]
    found = websocket.bodies(sent(*frames))
    binary, text = found if len(found) == 2 else (None, found[0])
    assert text.content.data == b"plain" + b"text" * len(messages)
    assert b"".join(messages) == (b"" if binary is None else binary.content.data)
    assert binary is None or binary.wire == taken or not binary.content.data


def test_silence_does_not_excuse_what_is_packed_beside_it() -> None:
    pack, hidden = Packer(), os.urandom(8_000)
    frames = [frame(LAST | PACKED | BINARY, pack(bytes(100_000)))]
    frames += [frame(LAST | PACKED | TEXT, pack(hidden))]
    silence, other = (leaves(body)[0] for body in websocket.bodies(sent(*frames)))
    assert (len(silence.content), other.content.data) == (100_000, hidden)
    assert silence.wire < 300 < 8_000 <= other.wire


def test_what_cannot_be_unpacked_is_left_with_all_that_follows() -> None:
    pack = Packer()
    good, bad = frame(LAST | PACKED | TEXT, pack(b"good")), frame(LAST | PACKED | TEXT, b"\x07nono")
    first, left = websocket.bodies(sent(good, bad, good))
    assert (first.content.data, left.content.data) == (b"good", bad + good)


def test_a_message_that_is_over_counts_once_whatever_goes_on_with_it() -> None:
    """Else ten empty pieces would excuse ten times its bytes of something else."""
    pack = Packer()
    message = pack(os.urandom(3_000))
    frames = [frame(LAST | PACKED | BINARY, message), *10 * [frame(LAST | MORE, b"\0")]]
    [binary] = websocket.bodies(sent(*frames))
    assert binary.wire == len(message) + 10 and len(binary.content) == 3_010


def test_a_bomb_is_left_unread() -> None:
    pack = Packer()
    bomb = frame(LAST | PACKED | BINARY, pack(bytes(MOST_BYTES + 1)))
    [left] = websocket.bodies(sent(bomb))
    assert left.content.data == bomb


@given(st.binary(max_size=200), st.integers(0, 120))
def test_nothing_fails_and_nothing_counts_twice(noise: bytes, cut: int) -> None:
    pack = Packer()
    data = b"".join(frame(LAST | PACKED | BINARY, pack(bytes([n] * 40))) for n in range(6))
    whole = data[:cut] + noise + data[cut:]
    assert sum(body.wire for body in websocket.bodies(sent(whole))) <= len(whole)
