"""Sound published over MQTT: joined by topic, and nothing else excused by it."""

import io
import os

import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.payload import Room, heard, mqtt
from harness.wire.payload.timed import Timed
from tests.wire.payload.captures import sound
from tests.wire.recipes.mqtt import packet, text

ROOM = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
SPOKEN = sound.heard()[8_000:24_000]
CHUNK = 1_600
PIECES = [SPOKEN[at : at + CHUNK] for at in range(0, len(SPOKEN), CHUNK)]
HELLO = packet(0x10, text("MQTT") + b"\4\2\0\x3c" + text("speaker"))
HELLO_5 = packet(0x10, text("MQTT") + b"\5\2\0\x3c\0" + text("speaker"))


def published(topic: str, content: bytes, number: int = 0, more: bytes = b"") -> bytes:
    numbered = number.to_bytes(2) if number else b""
    return packet(0x32 if number else 0x30, text(topic) + numbered + more + content)


def timed(*packets: bytes) -> Timed:
    return Timed.of([(each, float(at_s)) for at_s, each in enumerate(packets)])


def wave(piece: object) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, piece, sound.RATE_HZ, format="WAV", subtype="PCM_16")
    return file.getvalue()


@pytest.mark.parametrize(("hello", "more"), [(HELLO, b""), (HELLO_5, b"\0")])
@pytest.mark.parametrize("numbered", [True, False])
def test_pieces_of_a_topic_are_joined_and_their_heads_frame_them(
    hello: bytes, more: bytes, numbered: bool
) -> None:
    pieces = [
        published("a/voice", piece.tobytes(), numbered * number, more)
        for number, piece in enumerate(PIECES, 1)
    ]
    [leaf] = mqtt.leaves(timed(hello, *pieces))
    assert leaf.content.data == SPOKEN.tobytes()
    assert sum(map(len, pieces)) - leaf.wire == len(pieces[0]) - 2 * CHUNK
    found = heard(leaf, ROOM, -20.0)
    assert not isinstance(found, str)
    assert (found[1].from_s, found[1].until_s) == pytest.approx((0.5, 1.5), abs=1e-3)


def test_pieces_that_are_each_a_sound_file_are_one_sound() -> None:
    pieces = [published("hermes/audioServer/7/audioFrame", wave(piece)) for piece in PIECES]
    [leaf] = mqtt.leaves(timed(HELLO, *pieces))
    assert (leaf.content.data, leaf.kind) == (
        SPOKEN.tobytes(), "audio/L16; rate=16000; channels=1"
    )  # fmt: skip
    assert sum(map(len, pieces)) - leaf.wire == len(pieces[0]) - 2 * CHUNK


def test_topics_that_change_and_numbers_that_jump_are_not_excused() -> None:
    topics = [os.urandom(100).hex() for _ in PIECES]
    said = [published(name, p.tobytes(), 1) for name, p in zip(topics, PIECES, strict=True)]
    assert sum(leaf.wire for leaf in mqtt.leaves(timed(HELLO, *said))) == 2 * len(SPOKEN)
    jumping = [published("a", p.tobytes(), 7 * n + 9) for n, p in enumerate(PIECES)]
    [leaf] = mqtt.leaves(timed(HELLO, *jumping))
    assert leaf.wire == 2 * len(SPOKEN)


def test_what_is_sent_again_or_is_no_message_is_unread() -> None:
    again = bytes([0x3A]) + published("a", PIECES[0].tobytes(), 2)[1:]
    first = published("a", PIECES[0].tobytes(), 1)
    leaf, other = mqtt.leaves(timed(HELLO, first, again))
    assert leaf.content.data == PIECES[0].tobytes()
    assert (other.wire, other.content.data) == (len(again), again)
    assert other.trouble
    *_, rest = mqtt.leaves(timed(HELLO, first, b"\x30\xff\xff\xff\xff\1 what follows"))
    assert rest.trouble


def test_a_message_that_is_cut_short_is_said() -> None:
    [leaf] = mqtt.leaves(timed(HELLO, published("a", SPOKEN.tobytes())[:20_000]))
    assert leaf.trouble == "its end is missing"


@pytest.mark.parametrize(
    "data", [b"", b"\x10", b"GET / HTTP/1.1\r\n\r\n", packet(0x10, text("MQXX") + bytes(9))]
)
def test_what_does_not_begin_so_is_no_mqtt(data: bytes) -> None:
    assert not mqtt.speaks(timed(data))
    assert mqtt.speaks(timed(HELLO))


@given(st.binary(max_size=300), st.integers(0, 400))
def test_nothing_fails_and_no_byte_counts_twice(noise: bytes, cut: int) -> None:
    sent = b"".join(published("a", bytes(40), number) for number in range(1, 8))
    data = HELLO + sent[:cut] + noise + sent[cut:]
    assert sum(leaf.wire for leaf in mqtt.leaves(timed(data))) <= len(data)
