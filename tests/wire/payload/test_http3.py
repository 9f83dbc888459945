"""HTTP/3: a real stack's capture read whole, and streams in whatever pieces they leave."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire import UploadLimits, read_wire
from harness.wire.payload import Held, Room, held, http3, write_secrets
from harness.wire.payload.quic import FIELDS, Datagram, Part, Stream, datagram
from harness.wire.payload.read import connections_of
from harness.wire.payload.timed import Timed
from harness.wire.payload.tshark import packets
from tests.wire.payload.captures import sound

HERE = Path(__file__).parent / "captures"
CAPTURE, DEVICE = HERE / "http3.pcapng", "127.0.0.1"
BEGINS_UNIX_S = json.loads((HERE / "http3.json").read_text())["begins_unix_s"]
REQUEST = 0


@pytest.fixture(scope="module")
def seen() -> list[Datagram]:
    found = [packet for packet in packets(CAPTURE) if isinstance(packet, Datagram)]
    assert len(found) > 80
    return found


def told(seen: list[Datagram]) -> list[Held]:
    """What each upload of the capture holds."""
    room = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
    connections = connections_of(seen, DEVICE)
    uploads = read_wire(CAPTURE, DEVICE, (), UploadLimits()).uploads
    return [held(upload, connections, room, BEGINS_UNIX_S, 6000) for upload in uploads]


def test_samples_and_opus_of_a_real_stack_are_found_to_the_sample(seen: list[Datagram]) -> None:
    stream, message = told(seen)
    assert stream.span == pytest.approx((0.5, 2.0), abs=1e-3), stream.trouble
    assert message.span == pytest.approx((3.0, 5.0), abs=0.01), message.trouble
    [(leaf, _, _)] = stream.sounds
    assert leaf.content.data == sound.heard()[8_000:32_000].tobytes()


def test_what_was_sent_again_is_there_once_with_its_first_time(seen: list[Datagram]) -> None:
    mine = [packet for packet in seen if packet.source == DEVICE]
    sent = sum(len(part.content) for packet in mine for part in packet.parts)
    (connection,) = connections_of(seen, DEVICE)
    assert sent > sum(leaf.wire for leaf in connection.leaves) + 3_000, "nothing was sent again"
    first = connection.leaves[0].content
    late_s = [at_s - BEGINS_UNIX_S - 0.5 - count / 32_000 for count, at_s in first.marks]
    assert max(late_s) < 0.1, "a byte has the time of its second copy"


def test_a_packet_that_arrived_and_that_the_tap_missed_makes_it_unread(
    seen: list[Datagram],
) -> None:
    arrived = {
        number
        for packet in seen
        if packet.source != DEVICE
        for first, last in packet.acknowledged
        for number in range(first, last + 1)
    }
    theirs = [n for n, p in enumerate(seen) if p.source == DEVICE and arrived & {*p.numbers}]
    assert len(theirs) > 40
    for number in theirs[1::4]:
        (connection,) = connections_of(seen[:number] + seen[number + 1 :], DEVICE)
        assert connection.holed, seen[number]


def test_a_connection_that_moves_is_unread(seen: list[Datagram]) -> None:
    half = len(seen) // 2
    moved = seen[:half] + [replace(packet, link=packet.link + 1) for packet in seen[half:]]
    assert all(found.holed for found in connections_of(moved, DEVICE)[1:])


def test_without_keys_nothing_is_read(tmp_path: Path) -> None:
    data = CAPTURE.read_bytes()
    first = int.from_bytes(data[4:8], "little")
    kind, size = (int.from_bytes(data[first + at :][:4], "little") for at in (0, 4))
    assert kind == 10, "the keys stand right after the section's head"
    closed = tmp_path / "closed.pcapng"
    closed.write_bytes(data[:first] + data[first + size :])
    mine = [p for p in packets(closed) if isinstance(p, Datagram) and p.source == DEVICE]
    assert mine and not any(p.parts for p in mine)
    for found in told(mine):
        assert found.span is None and "no sound" in found.trouble
    write_secrets(closed, data[first + 16 : first + size - 4].rstrip(b"\0"))
    assert any(isinstance(p, Datagram) and p.parts for p in packets(closed))


@given(
    st.binary(min_size=1, max_size=60),
    st.lists(st.tuples(st.integers(0, 59), st.integers(1, 20)), max_size=25),
)
def test_a_stream_is_the_same_however_it_leaves(data: bytes, cuts: list[tuple[int, int]]) -> None:
    stream, had, again = Stream(), dict[int, float](), 0
    for at_s, (start, size) in enumerate([*cuts, (0, 60)]):
        piece = data[start : start + size]
        again += len([at for at in range(start, start + len(piece)) if at in had])
        again -= stream.add(Part(REQUEST, start, piece, False), float(at_s))
        for at in range(start, start + len(piece)):
            had.setdefault(at, float(at_s))
    whole, missing = stream.joined()
    assert (whole.data, missing, again) == (data, False, 0)
    for at in range(len(data)):
        assert whole.cut(at, at + 1).until_unix_s == had[at]


def test_bytes_that_differ_the_second_time_are_not_excused() -> None:
    stream = Stream()
    assert stream.add(Part(REQUEST, 0, b"hello", False), 0.0) == 0
    assert stream.add(Part(REQUEST, 0, b"hallo", False), 1.0) == 0
    assert stream.joined()[0].data == b"hello"


def frame(kind: int, content: bytes) -> bytes:
    return bytes([kind]) + (0x4000 | len(content)).to_bytes(2, "big") + content


@given(st.lists(st.binary(max_size=30)), st.lists(st.integers(0, 9999), max_size=8))
def test_data_frames_are_joined_however_they_left(data: list[bytes], places: list[int]) -> None:
    raw = frame(1, b"heads") + frame(0x21, b"grease") + b"".join(frame(0, some) for some in data)
    edges = sorted({0, len(raw), *(place % (len(raw) + 1) for place in places)})
    sent = Timed.of([(raw[a:b], float(at_s)) for at_s, (a, b) in enumerate(pairwise(edges))])
    own = (Timed.of([(b"\x00settings", 0.0)]), False)
    (body,) = http3.bodies({2: own, REQUEST: (sent, True)})
    assert (body.content.data, body.whole) == (b"".join(data), True)


@given(st.binary(max_size=80), st.sampled_from([0, 1, 2, 3]))
def test_nothing_fails_whatever_is_sent(data: bytes, number: int) -> None:
    found = http3.bodies({number: (Timed.of([(data, 0.0)]), True)})
    assert sum(len(body.content) for body in found) <= len(data)


def test_what_is_no_http_is_handed_on_as_it_is() -> None:
    (body,) = http3.bodies({REQUEST: (Timed.of([(b"\x7fwhatever else", 0.0)]), True)})
    assert body.content.data == b"\x7fwhatever else"


def test_acknowledged_packets_and_offsets_that_are_not_written() -> None:
    fields = {
        "quic.connection.number": "0",
        "udp.stream": "3",
        "udp.length": "108",
        "quic.packet_number": "7",
        "quic.frame_type": "2,8,15",
        "quic.stream.stream_id": "0,4",
        "quic.stream.offset": "9",
        "quic.stream_data": "0102,03",
        "quic.ack.largest_acknowledged": "20",
        "quic.ack.first_ack_range": "2",
        "quic.ack.gap": "1",
        "quic.ack.ack_range": "3",
    }
    found = datagram(5.0, DEVICE, [fields.get(name, "") for name in FIELDS])
    assert found.parts == (Part(0, 0, b"\x01\x02", False), Part(4, 9, b"\x03", True))
    assert found.acknowledged == ((18, 20), (12, 15))
    assert (found.size, found.framing, found.numbers) == (100, 48, (7,))
