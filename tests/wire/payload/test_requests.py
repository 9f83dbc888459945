"""Requests of three protocols taken apart, honest and lying ones."""

import struct
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.wire.payload import http1, http2
from harness.wire.payload.body import Body
from harness.wire.payload.timed import Timed

HEAD = b"POST /x HTTP/1.1\r\nHost: x\r\n"


def sent(*pieces: bytes) -> Timed:
    """Pieces that left a second apart, from second 0 on."""
    return Timed.of([(piece, float(at_s)) for at_s, piece in enumerate(pieces)])


def chunked(*chunks: bytes) -> bytes:
    body = b"".join(b"%x\r\n%s\r\n" % (len(chunk), chunk) for chunk in chunks)
    return HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + body


def contents(bodies: list[Body]) -> list[bytes]:
    return [body.content.data for body in bodies]


def cut(data: bytes, places: list[int]) -> Timed:
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return sent(*(data[a:b] for a, b in pairwise(edges)))


@given(st.lists(st.binary(min_size=1, max_size=40)), st.lists(st.integers(0, 9999), max_size=8))
def test_chunks_are_joined_however_they_left(chunks: list[bytes], places: list[int]) -> None:
    data = chunked(*chunks) + b"0\r\n\r\n"
    bodies = http1.bodies(cut(data * 2, places))
    assert contents(bodies) == [b"".join(chunks)] * 2
    assert all(body.whole for body in bodies)


@given(st.binary(max_size=60), st.lists(st.integers(0, 9999), max_size=8))
def test_no_byte_left_before_it_did(data: bytes, places: list[int]) -> None:
    pieces = cut(HEAD + b"Content-Length: %d\r\n\r\n" % len(data) + data, places)
    (body,) = http1.bodies(pieces)
    assert body.content.data == data
    begins = len(pieces) - len(data)
    for at in range(len(data)):
        assert (
            body.content.cut(at, at + 1).marks[0][1]
            == pieces.cut(begins + at, begins + at + 1).until_unix_s
        )


@given(st.binary(max_size=300))
def test_nothing_is_lost_and_nothing_fails_whatever_is_sent(data: bytes) -> None:
    for begins in (b"", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", http2.PREFACE):
        read = http2.bodies if begins == http2.PREFACE else http1.bodies
        found = read(sent(begins + data))
        assert sum(len(body.content) for body in found) <= len(begins) + len(data)
    assert contents(http1.bodies(sent(b"\x00" + data))) == [b"\x00" + data]


def test_a_length_that_lies() -> None:
    (long,) = http1.bodies(sent(HEAD + b"Content-Length: 99999999999\r\n\r\nhello"))
    assert (long.content.data, long.whole) == (b"hello", False)
    short = http1.bodies(sent(HEAD + b"Content-Length: 2\r\n\r\nhello"))
    assert contents(short) == [b"he", b"llo"]
    (cut_off,) = http1.bodies(sent(chunked(b"hello")))
    assert (cut_off.content.data, cut_off.whole) == (b"hello", False)
    (too_long,) = http1.bodies(sent(chunked(b"hello") + b"ffffff\r\nthere"))
    assert (too_long.content.data, too_long.whole) == (b"hellothere", False)


def frame(kind: int, flags: int, stream: int, content: bytes) -> bytes:
    return struct.pack("!I", len(content))[1:] + struct.pack("!BBI", kind, flags, stream) + content


def test_data_of_two_streams_at_once() -> None:
    data = (
        http2.PREFACE
        + frame(4, 0, 0, bytes(6))
        + frame(1, 4, 1, b"\x82")
        + frame(0, 0, 1, b"one ")
        + frame(0, 8, 3, b"\x02threexx")
        + frame(0, 1, 1, b"more")
        + b"\x00\x00"
    )
    one, three, left = http2.bodies(sent(data))
    assert (one.content.data, one.whole) == (b"one more", True)
    assert (three.content.data, three.whole) == (b"three", False)
    assert left.content.data == b"\x00\x00"


def masked(code: int, content: bytes, mask: bytes = b"abcd") -> bytes:
    sizes = {True: b"", False: struct.pack("!H", len(content))}[len(content) < 126]
    clear = bytes(byte ^ mask[at % 4] for at, byte in enumerate(content))
    return bytes([0x80 | code, 0x80 | min(len(content), 126)]) + sizes + mask + clear


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=5))
def test_binary_messages_of_a_web_socket_are_one_body(messages: list[bytes]) -> None:
    head = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\nHost: x\r\n\r\n"
    data = head + masked(1, b"start") + b"".join(masked(2, each) for each in messages)
    found = http1.bodies(sent(data + masked(8, b"")))
    assert contents(found) == [b"".join(messages), b"start"]


def test_a_compressed_web_socket_is_handed_on_unread() -> None:
    head = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"
    left = b"\xc2" + masked(2, b"hello")[1:]
    assert contents(http1.bodies(sent(head + left))) == [left]
