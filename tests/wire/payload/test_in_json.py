"""Sound in JSON: found by its key wherever its pieces lie, and nothing else excused by it."""

import gzip
import json
import os
import zlib
from base64 import b64encode, urlsafe_b64encode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.payload import Room, heard
from harness.wire.payload.body import Body
from harness.wire.payload.in_json import strings
from harness.wire.payload.parts import MOST_BYTES, Leaf, leaves
from harness.wire.payload.timed import Timed
from tests.wire.payload.captures import sound

ROOM = Room(sound.heard().astype("f4") / 32768, sound.RATE_HZ)
SPOKEN = sound.heard()[8_000:24_000].tobytes()


def body(*messages: str | bytes, encoding: str = "") -> Body:
    sent = [each.encode() if isinstance(each, str) else each for each in messages]
    return Body(Timed.of([(each, float(at_s)) for at_s, each in enumerate(sent)]), "", encoding)


def events(content: bytes, step: int = 640, **more: str) -> list[str]:
    """As assistants send sound over a WebSocket, so many bytes at a time."""
    pieces = [content[at : at + step] for at in range(0, len(content), step)]
    kind = {"type": "input_audio_buffer.append"}
    return [json.dumps({**kind, "audio": b64encode(p).decode(), **more}) for p in pieces]


def test_sound_in_one_field_of_a_request_is_heard() -> None:
    request = {"config": {"languageCode": "en-US"}, "audio": {"content": b64encode(SPOKEN)}}
    [leaf] = leaves(body(json.dumps(request, default=bytes.decode)))
    assert leaf.content.data == SPOKEN
    found = heard(leaf, ROOM, -10.0)
    assert not isinstance(found, str)
    assert (found[1].from_s, found[1].until_s) == pytest.approx((0.5, 1.5), abs=1e-3)


def test_pieces_are_joined_and_what_messages_repeat_is_their_framing() -> None:
    whole = body(*events(SPOKEN))
    [leaf] = leaves(whole)
    assert leaf.content.data == SPOKEN
    first = len(events(b"")) or len('{"type": "input_audio_buffer.append", "audio": }')
    assert len(whole.content) - leaf.wire <= 2 * first
    assert leaf.content.until_unix_s == len(events(SPOKEN)) - 1


def test_the_quotes_of_many_small_strings_count_once() -> None:
    messages = [json.dumps({"a": b64encode(os.urandom(48)).decode()}) for _ in range(1_000)]
    whole = body(*messages)
    [leaf] = leaves(whole)
    assert len(messages[0]) - 100 <= len(whole.content) - leaf.wire <= len(messages[0])


@pytest.mark.parametrize("pack", [None, gzip.compress, zlib.compress])
def test_what_stands_beside_it_is_not_excused(pack: object) -> None:
    hidden = [os.urandom(20).hex() for _ in events(SPOKEN)]
    sent = "".join(
        json.dumps({"audio": json.loads(event)["audio"], "id": more})
        for event, more in zip(events(SPOKEN), hidden, strict=True)
    ).encode()
    whole = body(sent if pack is None else pack(sent))  # type: ignore[operator]
    [leaf] = leaves(whole)
    assert leaf.content.data == SPOKEN
    assert len(whole.content) - leaf.wire > 20 * len(hidden)


def test_silence_does_not_excuse_what_is_packed_with_it() -> None:
    hidden = os.urandom(8_000)
    said = {"audio": b64encode(bytes(99_999)).decode(), "more": b64encode(hidden).decode()}
    (one, two) = leaves(body(gzip.compress(json.dumps(said).encode())))
    assert (one.content.data, two.content.data) == (bytes(99_999), hidden)
    assert one.wire < 600 < 7_500 < two.wire


def test_other_keys_and_other_alphabets_are_other_sounds() -> None:
    first, second = os.urandom(300), b"\xff\xef" * 150
    said = {"a": b64encode(first).decode(), "b": urlsafe_b64encode(second).decode().rstrip("=")}
    assert {each.key: each.content.data for each in strings(body(json.dumps(said)).content)} == {
        "a": first,
        "b": second,
    }
    mixed = b64encode(second).replace(b"/", b"_", 1).decode()
    assert strings(body(json.dumps({"b": mixed})).content) == []


def test_a_media_type_is_taken_and_strokes_before_slashes_count_as_unread() -> None:
    content = b"\xff\xff\xff" * 100
    url = f"data:audio/l16;rate=8000;base64,{b64encode(content).decode()}"
    plain, stroked = json.dumps({"u": url}), json.dumps({"u": url}).replace("/", "\\/")
    [one], [two] = (strings(body(text).content) for text in (plain, stroked))
    assert (one.kind, one.content.data) == ("audio/l16;rate=8000", content)
    assert (two.content.data, two.framing) == (one.content.data, one.framing)


def test_spare_bits_of_the_last_letter_are_no_base64() -> None:
    text = b64encode(bytes(100)).decode()
    assert strings(body(json.dumps({"a": text})).content)
    assert strings(body(json.dumps({"a": text.replace("A==", "B==")})).content) == []


def test_a_body_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    text = json.dumps({"audio": b64encode(SPOKEN).decode()})[:10_001]
    [found] = strings(body(text).content)
    assert SPOKEN.startswith(found.content.data)
    assert len(found.content) > 7_000
    [leaf] = leaves(Body(body(text).content, whole=False))
    assert leaf.trouble == "its end is missing"


def test_each_byte_left_with_the_letters_that_say_it() -> None:
    text = json.dumps({"audio": b64encode(bytes(3_000)).decode()})
    [found] = strings(body(text[:2_010], text[2_010:]).content)
    assert found.content.marks == ((2_000 * 6 // 8 - 1, 0.0), (3_000, 1.0))


@pytest.mark.parametrize(
    "data",
    [
        b"{" + bytes(4_000),
        np.arange(9_000, dtype="<i2").tobytes(),
        b'{"text": "what nobody takes for anything else than a sentence, however long it is"}',
        b"[" + b"1," * 40_000,
        b'{"' + b'\\"' * 100_000,
        b'{"a": "' + b"A" * 63 + b'"}',
    ],
)
def test_what_holds_no_base64_is_left_as_it_is(data: bytes) -> None:
    assert leaves(body(data)) == [Leaf(body(data).content, len(data))]


def test_a_bomb_of_packed_json_is_unread() -> None:
    bomb = gzip.compress(b'{"a": "' + b"A" * (MOST_BYTES + 1) + b'"}', 9)
    [leaf] = leaves(body(bomb))
    assert "unpacks to more than" in leaf.trouble


@given(
    st.lists(st.binary(min_size=48, max_size=200), min_size=1, max_size=8),
    st.binary(max_size=60),
    st.integers(0, 2_000),
)
def test_nothing_is_made_up_and_no_byte_counts_twice(
    pieces: list[bytes], noise: bytes, cut: int
) -> None:
    sent = "".join(events(b"".join(pieces), 60)).encode()
    data = sent[:cut] + noise + sent[cut:]
    found = strings(body(data).content)
    assert sum(len(each.content) + each.framing for each in found) <= len(data)
    [whole] = strings(body(sent).content) or [None]
    if whole is not None:
        assert b"".join(pieces).startswith(whole.content.data)
