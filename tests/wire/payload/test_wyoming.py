"""Wyoming's events in a plain connection: whatever is sent, and however it left."""

import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from harness.wire.payload import wyoming
from harness.wire.payload.plain import PlainContent
from harness.wire.payload.read import connections_of
from harness.wire.payload.timed import Timed
from harness.wire.payload.tshark import Segment
from rigs.wyoming_server.protocol import Event, encode

DEVICE = "10.77.0.2"
FORM = {"rate": 16_000, "width": 2, "channels": 1}
PAYLOADS = st.lists(st.binary(min_size=1, max_size=60), min_size=1, max_size=8)


def sound(payload: bytes) -> bytes:
    return encode(Event("audio-chunk", {**FORM, "timestamp": 73_943_407_579_079}, payload))


def timed(data: bytes, places: list[int] = []) -> Timed:  # noqa: B006 - never changed
    edges = sorted({0, len(data), *(place % (len(data) + 1) for place in places)})
    return Timed.of([(data[a:b], float(at_s)) for at_s, (a, b) in enumerate(pairwise(edges))])


@given(PAYLOADS, st.lists(st.integers(0, 9999), max_size=8))
def test_each_stream_comes_back_whole_however_it_left(
    payloads: list[bytes], places: list[int]
) -> None:
    stream = encode(Event("run-pipeline", {"start_stage": "asr"})) + b"".join(map(sound, payloads))
    sent = timed(encode(Event("info")) + 2 * stream, places)
    assert wyoming.speaks(sent)
    found = wyoming.leaves(sent)
    assert [leaf.content.data for leaf in found] == 2 * [b"".join(payloads)]
    assert {leaf.kind for leaf in found} == {"audio/L16; rate=16000; channels=1"}
    assert not any(leaf.trouble for leaf in found)


@given(st.binary(max_size=200), PAYLOADS)
def test_a_capture_may_begin_in_mid_stream_and_what_was_passed_over_is_unread(
    before: bytes, payloads: list[bytes]
) -> None:
    passed = before.replace(b"{", b"(")
    found = wyoming.leaves(timed(passed + b"".join(map(sound, payloads))))
    unread = [leaf for leaf in found if leaf.trouble]
    assert sum(len(leaf.content) for leaf in unread) == len(passed)
    assert found[-1].content.data == b"".join(payloads)


@given(st.binary(max_size=300))
def test_no_byte_is_in_two_leaves_and_nothing_fails(data: bytes) -> None:
    for begins in (b"", b'{"type": "audio-chunk", "payload_length": 9}\n', b'{"type":'):
        sent = timed(begins + data)
        if wyoming.speaks(sent):
            found = wyoming.leaves(sent)
            assert sum(len(leaf.content) for leaf in found) <= len(sent)
            assert all(leaf.wire <= len(sent) for leaf in found)


def test_sound_that_is_cut_short_says_so() -> None:
    (leaf,) = wyoming.leaves(timed(sound(bytes(range(200)))[:-20]))
    assert leaf.content.data == bytes(range(180))
    assert leaf.trouble == "its end is missing"


def test_what_is_hidden_in_a_head_or_in_another_event_is_not_excused() -> None:
    honest, stuffed = sound(b"ab"), encode(Event("audio-chunk", {**FORM, "x": 9999 * "x"}, b"ab"))
    (one,), (other,) = wyoming.leaves(timed(honest)), wyoming.leaves(timed(stuffed))
    assert one.wire == len(honest)
    assert len(stuffed) - other.wire > 9000
    aside = encode(Event("transcript", {"text": "x"}, 500 * b"\7"))
    (leaf,) = wyoming.leaves(timed(aside))
    assert (leaf.content.data, bool(leaf.trouble)) == (500 * b"\7", True)


def test_what_small_heads_of_many_pieces_tell_is_not_excused() -> None:
    """Each is no longer than an honest one may be; honest ones only count on."""
    hex_of = "{:064x}".format
    stuffed = [
        encode(Event("audio-chunk", {**FORM, "timestamp": hex_of(7**70 * n)}, payload))
        for n, payload in enumerate(50 * [b"", b"ab"], 1)
    ]
    honest = [
        encode(
            Event("audio-chunk", {**FORM, "timestamp": 73_943_407_579_079 + 63 * n}, bytes(2000))
        )
        for n in range(100)
    ]
    for heads, least in ((stuffed, 5_500), (honest, 0)):
        (leaf,) = wyoming.leaves(timed(b"".join(heads)))
        assert sum(map(len, heads)) - leaf.wire >= least
    assert leaf.wire == sum(map(len, honest))


def test_lengths_that_make_no_sense_end_nothing() -> None:
    for wrong in (-1, "9", 1.5, [], 10**30):
        head = json.dumps({"type": "audio-chunk", "payload_length": wrong}).encode() + b"\n"
        found = wyoming.leaves(timed(head + sound(b"abcd")))
        assert sum(len(leaf.content) for leaf in found) > 0


@given(st.binary(min_size=1, max_size=60), st.integers(0, 2**32 - 1), st.data())
def test_plain_bytes_come_back_once_and_in_order(
    data: bytes, first: int, draw: st.DataObject
) -> None:
    starts = st.integers(0, len(data) - 1)
    spans = draw.draw(st.lists(st.tuples(starts, st.integers(1, 20)), max_size=6))
    whole = [(at, 7) for at in range(0, len(data), 7)]
    shuffled = draw.draw(st.permutations([*whole[1:], *spans]))
    content = PlainContent(1 << 20)
    for number, (at, count) in enumerate([whole[0], *shuffled]):
        place = (first + at) % 2**32
        content.add(
            Segment(float(number), 0, DEVICE, count, 0, b"", False, place, data[at:][:count])
        )
    pieces, changed = content.joined()
    assert not changed
    assert b"".join(raw for raw, _ in pieces) == data


def test_a_connection_with_tls_records_is_not_read_as_plain() -> None:
    plain = sound(bytes(range(100)))
    segment = Segment(1.0, 0, DEVICE, len(plain), 0, b"", False, 5, plain)
    hidden = Segment(2.0, 0, "10.77.0.1", 9, 0, b"", False, 5, b"\x17\x03\x03", True)
    (read,) = connections_of([segment], DEVICE)
    assert [leaf.content.data for leaf in read.leaves] == [bytes(range(100))]
    (read,) = connections_of([segment, hidden], DEVICE)
    assert read.leaves == ()
