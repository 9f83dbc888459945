"""gRPC: a real stack's capture read, sound found among fields, and nothing else excused by it."""

import gzip
import json
import os
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import UploadLimits, read_wire
from harness.wire.payload import Room, held, read_connections
from harness.wire.payload.body import Body
from harness.wire.payload.grpc import fields
from harness.wire.payload.parts import MOST_BYTES, Leaf, leaves
from harness.wire.payload.timed import Timed
from tests.wire.payload.captures import sound

HERE = Path(__file__).parent / "captures"
MOST = 1 << 20
NOISE = bytes(range(256)) * 8


def field(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while size > 0x7F:
        length += bytes([size & 0x7F | 0x80])
        size >>= 7
    return bytes([number << 3 | 2]) + length + bytes([size]) + content


def message(content: bytes, flag: int = 0) -> bytes:
    return bytes([flag]) + len(content).to_bytes(4, "big") + content


def body(*messages: bytes, encoding: str = "") -> Body:
    return Body(Timed.of([(each, float(at_s)) for at_s, each in enumerate(messages)]), "", encoding)


def test_calls_of_a_real_stack_are_found_to_the_sample() -> None:
    path, device = HERE / "grpc_calls.pcapng", "127.0.0.1"
    begins_unix_s = json.loads((HERE / "grpc_calls.json").read_text())["begins_unix_s"]
    room = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
    connections = read_connections(path, device)
    stream, packed = (
        held(upload, connections, room, begins_unix_s, 6000)
        for upload in read_wire(path, device, (), UploadLimits()).uploads
    )
    assert stream.span == pytest.approx((0.5, 1.5), abs=1e-3), stream.trouble
    assert packed.span == pytest.approx((3.0, 3.8), abs=1e-3), packed.trouble
    [(leaf, _, _)] = stream.sounds
    assert leaf.content.data == sound.heard()[8_000:24_000].tobytes()


@given(
    st.lists(st.binary(min_size=20, max_size=40).map(lambda b: b"\xff" + b), min_size=1),
    st.sampled_from([None, gzip.compress, zlib.compress]),
)
def test_the_pieces_of_a_field_are_joined_wherever_they_lie(
    pieces: list[bytes], pack: object
) -> None:
    config = message(field(1, field(3, b"\xffen-US")))
    sent = [field(2, field(7, b"\x08\x01") + field(4, piece)) for piece in pieces]
    flag = 0 if pack is None else 1
    packed = [message(s if pack is None else pack(s), flag) for s in sent]  # type: ignore[operator]
    content = body(config, *packed).content
    found = fields(content, MOST)
    assert found is not None and not found.trouble
    by_path = {stream.path: stream.content for stream in found.streams}
    assert by_path[2, 4].data == b"".join(pieces)
    assert by_path[1, 3].data == b"\xffen-US"
    assert by_path[2, 4].until_unix_s == len(pieces)
    if pack is None:
        read = sum(len(stream.content) + stream.framing for stream in found.streams)
        assert read + found.other == len(content)


def test_what_is_in_no_field_of_bytes_is_not_excused() -> None:
    """Fixed numbers beside a field of sound could hold anything."""
    hidden = b"".join(b"\x19" + os.urandom(8) for _ in range(1_000))
    for flag, pack in ((0, bytes), (1, gzip.compress)):
        whole = body(message(pack(field(2, b"\xff" + bytes(30_000)) + hidden), flag))
        (leaf,) = leaves(whole)
        assert len(whole.content) - leaf.wire > 8_000


def test_silence_does_not_excuse_what_is_packed_with_it() -> None:
    hidden = b"\xff" + os.urandom(8_000)
    (one, two) = leaves(
        body(message(gzip.compress(field(2, b"\xff" + bytes(99_999)) + field(3, hidden)), 1))
    )
    assert (len(one.content), two.content.data) == (100_000, hidden)
    assert one.wire < 600 < 7_500 < two.wire


def test_a_bomb_in_a_message_is_unread() -> None:
    bomb = gzip.compress(field(2, bytes(MOST_BYTES + 1)), 9)
    found = leaves(body(message(field(2, NOISE)), message(bomb, 1)))
    assert "unpacks to more than" in found[0].trouble
    assert all(len(leaf.content) <= len(NOISE) for leaf in found)


def test_a_body_of_nothing_but_tiny_fields_is_left_as_it_is() -> None:
    data = message(b"\x08\x01" * 600_000)
    assert leaves(body(data)) == [Leaf(body(data).content, len(data))]


@pytest.mark.parametrize("data", [bytes(4_000), b"\x01\x02" * 4_000, NOISE, message(NOISE + b"\0")])
def test_what_is_no_grpc_is_left_as_it_is(data: bytes) -> None:
    assert leaves(body(data)) == [Leaf(body(data).content, len(data))]


@given(st.binary(max_size=120))
def test_nothing_fails_and_nothing_is_made_up(data: bytes) -> None:
    for some in (data, message(data), message(field(1, data)), message(data, 1)):
        found = fields(body(some).content, MOST)
        assert found is None or sum(len(s.content) for s in found.streams) <= max(len(some), MOST)
