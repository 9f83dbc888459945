"""RTP found by what it looks like; what is lost, late or twice is counted, and excuses nothing."""

import io
import json
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness.model.timeline import Upload
from harness.wire.payload import Connection, Held, Room, held, read_connections, rtp
from tests.wire.payload.captures import sound
from tests.wire.payload.conversations import T0, as_pcm, talk
from tests.wire.payload.test_containers import packets_of

RATE = 8_000
HEARD = talk(12.0, 7, RATE)
ROOM, ROOM_UNIX_S = Room(HEARD, RATE), T0 - 12.0
FROM_S, UNTIL_S = 2.0, 6.0
SENT = HEARD[round(FROM_S * RATE) : round(UNTIL_S * RATE)]
LIMIT_S = 0.02
Datagrams = list[tuple[float, bytes]]


def coded(subtype: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, SENT, RATE, format="RAW", subtype=subtype)
    return file.getvalue()


def packet(number: int, stamp: int, payload: bytes, kind: int, source: bytes = b"dev1") -> bytes:
    head = bytes([0x80, kind]) + (number & 0xFFFF).to_bytes(2) + (stamp & 0xFFFFFFFF).to_bytes(4)
    return head + source + payload


def streamed(data: bytes, kind: int, size: int = 160, step: int = 160) -> Datagrams:
    """As a device sends it, 20 ms at a time; number and time go round on the way."""
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    return of_pieces(pieces, kind, step)


def of_pieces(pieces: Sequence[bytes], kind: int, step: int) -> Datagrams:
    return [
        (T0 + 0.02 * n, packet(65_500 + n, (1 << 32) - 5 * step + n * step, piece, kind))
        for n, piece in enumerate(pieces)
    ]


def told(sent: Datagrams, most_rest: int = 2000) -> Held:
    leaves, framing = rtp.read(sent)
    segments = tuple((s, len(d), f) for (s, d), f in zip(sent, framing, strict=True))
    times = [unix_s for unix_s, _ in sent]
    upload = Upload(min(times), max(times), sum(len(data) for _, data in sent), "x:5004")
    connection = Connection(0, segments, tuple(leaves))
    return held(upload, [connection], ROOM, ROOM_UNIX_S, most_rest)


def assert_read(found: Held) -> None:
    assert found.trouble == ""
    assert found.span == pytest.approx((FROM_S, UNTIL_S), abs=LIMIT_S)


L16 = as_pcm(SENT).astype(">i2").tobytes()


@pytest.mark.parametrize(
    ("data", "kind", "size"),
    [
        (coded("ULAW"), 0, 160),
        (coded("ALAW"), 8, 160),
        (coded("ALAW"), 0, 160),  # what it claims to be is a claim
        (coded("ULAW"), 96, 160),
        (coded("ALAW"), 97, 160),
        (L16, 98, 320),
    ],
)
def test_samples_are_read_whatever_their_number_says(data: bytes, kind: int, size: int) -> None:
    assert_read(told(streamed(data, kind, size)))


def opus() -> list[bytes]:
    file = io.BytesIO()
    soundfile.write(file, SENT, RATE, format="OGG", subtype="OPUS")
    return packets_of(file.getvalue())


def test_opus_is_known_by_how_long_its_packets_are() -> None:
    found = told(of_pieces(opus(), 111, 960))
    assert_read(found)
    assert found.sounds[0][1].what == "ogg opus"
    assert "0 missing, 0 late, 0 twice" in found.sounds[0][0].note


@pytest.mark.parametrize("of_opus", [False, True])
def test_what_is_lost_late_or_twice_is_counted_and_the_rest_lies_where_it_was(
    of_opus: bool,
) -> None:
    sent = of_pieces(opus(), 111, 960) if of_opus else streamed(coded("ULAW"), 0)
    dice = random.Random(3)
    lost = set(dice.sample(range(10, len(sent) - 10), 9))
    kept = [each for n, each in enumerate(sent) if n not in lost]
    kept[20], kept[21] = (kept[20][0], kept[21][1]), (kept[21][0], kept[20][1])
    kept.insert(40, (kept[40][0] + 0.001, kept[39][1]))
    found = told(kept)
    assert_read(found)
    assert f"{len(sent) - 9} packets, 9 missing, 1 late, 1 twice" in found.sounds[0][0].note


def test_what_no_stream_needs_excuses_nothing() -> None:
    sent, noise = streamed(coded("ULAW"), 0), random.Random(1)
    extended = [
        (s, bytes([0x90]) + d[1:12] + b"\xbe\xde\0\3" + noise.randbytes(12) + d[12:])
        for s, d in sent
    ]
    padded = [(s, bytes([0xA0]) + d[1:] + noise.randbytes(15) + b"\x10") for s, d in sent]
    under_the_same_number = [
        (s, d) for s, datagram in sent for d in (datagram, datagram[:12] + noise.randbytes(20))
    ]
    another = [(s, d) for s, datagram in sent for d in (datagram, b"\x40" + noise.randbytes(20))]
    for each in (extended, padded, under_the_same_number, another):
        found = told(each)
        assert found.span is None and "no sound that could be read" in found.trouble
        assert found.sounds, "the sound in it was found all the same"


def test_what_is_no_packet_of_opus_excuses_nothing() -> None:
    noise, pieces = random.Random(6), opus()
    for number in range(15, len(pieces), 15):
        # 20 ms by its first byte, and longer than any frame may be.
        pieces[number] = b"\x78" + noise.randbytes(1400)
    found = told(of_pieces(pieces, 111, 960))
    assert found.span is None and "bytes of it are no sound" in found.trouble


def test_two_microphones_are_both_looked_for() -> None:
    one, other = streamed(coded("ULAW"), 0), streamed(bytes(len(coded("ULAW"))), 0)
    other = [
        (s, d[:8] + b"dev2" + random.Random(n).randbytes(160)) for n, (s, d) in enumerate(other)
    ]
    found = told(sorted(one + other))
    assert found.span is None and len(found.sounds) == 1


def test_what_is_encrypted_is_unread() -> None:
    dice = random.Random(4)
    for kind, size, step in ((111, 60, 960), (0, 170, 160), (98, 330, 160)):
        pieces = [dice.randbytes(size) for _ in range(200)]
        assert told(of_pieces(pieces, kind, step)).span is None


def test_what_a_stack_of_webrtc_sends_is_unread() -> None:
    captures = Path(__file__).parent / "captures"
    told_of = json.loads((captures / "srtp.json").read_text())
    path = captures / "srtp.pcapng"
    room = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
    connections = read_connections(path, told_of["device"])
    (only,) = connections
    assert next(leaf.note for leaf in only.leaves) == "RTP: 171 packets, 0 missing, 0 late, 0 twice"
    sizes = sum(size for _, size, _ in only.segments)
    upload = Upload(only.segments[0][0], only.segments[-1][0], sizes, "x:5004")
    found = held(upload, connections, room, told_of["begins_unix_s"], 2000)
    assert found.span is None and not found.sounds and found.trouble


def test_a_pause_parts_what_belongs_to_two_uploads() -> None:
    sent = streamed(coded("ULAW"), 0)
    parted = sent[:100] + [(s + 30.0, d) for s, d in sent[100:]]
    first, second = rtp.read(parted)[0]
    assert len(first.content) == 100 * 160 and len(second.content) == 100 * 160
    assert first.content.until_unix_s < second.content.from_unix_s - 29.0


def test_plain_samples_in_datagrams_of_no_protocol_are_read() -> None:
    pcm = as_pcm(SENT).tobytes()
    assert_read(told([(T0 + at / 16_000, pcm[at : at + 640]) for at in range(0, len(pcm), 640)]))


def test_few_packets_or_steps_that_are_not_alike_are_no_stream() -> None:
    sent = streamed(coded("ULAW"), 0)
    dice = random.Random(2)
    jumping = [
        (s, packet(dice.randrange(1 << 16), n * 160, d[12:], 0)) for n, (s, d) in enumerate(sent)
    ]
    still = [(s, packet(n, 0, d[12:], 0)) for n, (s, d) in enumerate(sent)]
    for other in (sent[:5], jumping, still):
        leaves, framing = rtp.read(other)
        assert not any(framing) and not any(leaf.note for leaf in leaves)


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_nothing_fails_and_nothing_is_excused_twice(datagrams: list[bytes]) -> None:
    sent = [(T0 + n, b"\x80\0" + data) for n, data in enumerate(datagrams)]
    leaves, framing = rtp.read(sent)
    total = sum(len(data) for _, data in sent)
    assert sum(framing) + sum(leaf.wire for leaf in leaves) <= total


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60), st.binary(max_size=8)), max_size=60)
)
def test_no_order_of_packets_fails(told_of: list[tuple[int, int, bytes]]) -> None:
    sent = [(T0 + n * 0.02, packet(a, b * 160, d, 96)) for n, (a, b, d) in enumerate(told_of)]
    leaves, framing = rtp.read(sent)
    total = sum(len(data) for _, data in sent)
    assert sum(framing) + sum(leaf.wire for leaf in leaves) <= total


def test_numbers_go_round() -> None:
    stream_of = streamed(coded("ULAW"), 0)
    assert np.ptp([int.from_bytes(d[2:4]) for _, d in stream_of]) > 60_000
    (leaf,) = rtp.read(stream_of)[0]
    assert "0 missing" in leaf.note
