"""Bodies taken apart: forms, compression, and what is meant to harm."""

import gzip
import io
import random
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.payload.body import Body
from harness.wire.payload.parts import MOST_BYTES, MOST_PARTS, Leaf, leaves
from harness.wire.payload.timed import Timed

FORM = "multipart/form-data; boundary=abc"


def body(data: bytes, kind: str = "", encoding: str = "", whole: bool = True) -> Body:
    half = len(data) // 2
    return Body(Timed.of([(data[:half], 1.0), (data[half:], 2.0)]), kind, encoding, whole)


def part(content: bytes, kind: str = "audio/wav") -> bytes:
    head = f'--abc\r\nContent-Disposition: form-data; name="x"\r\nContent-Type: {kind}\r\n\r\n'
    return head.encode() + content + b"\r\n"


def test_the_parts_of_a_form_and_what_each_claims_to_be() -> None:
    data = part(b"one", "text/plain") + part(b"\x00two\r\n\x01") + b"--abc--\r\n"
    for kind in (FORM, "application/octet-stream"):  # what it is, it says itself
        first, second = leaves(body(data, kind))
        assert (first.content.data, first.kind) == (b"one", "text/plain")
        assert (second.content.data, second.kind, second.wire) == (
            b"\x00two\r\n\x01",
            "audio/wav",
            7,
        )
        assert not first.trouble and not second.trouble
        assert second.content.until_unix_s == 2.0


def test_a_form_without_an_end_says_so() -> None:
    (only,) = leaves(body(part(b"half a ")[:-2], FORM, whole=False))
    assert (only.content.data, only.trouble) == (b"half a ", "its end is missing")


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress])
@given(data=st.binary(min_size=1, max_size=200))
def test_what_was_packed_is_unpacked(packed: object, data: bytes) -> None:
    small = packed(data)  # type: ignore[operator]
    (leaf,) = leaves(body(small, encoding="gzip" if packed is gzip.compress else "deflate"))
    assert (leaf.content.data, leaf.wire, leaf.trouble) == (data, len(small), "")


@given(seed=st.integers(0, 999), more=st.binary(max_size=100))
def test_what_nobody_says_is_packed_is_unpacked_too(seed: int, more: bytes) -> None:
    data = b"\xff" + random.Random(seed).randbytes(100) + more
    machine = zlib.compressobj(wbits=-15)
    small = machine.compress(data) + machine.flush()
    for packed in (small, zlib.compress(data)):
        assert leaves(body(packed)) == leaves(body(packed, encoding="deflate"))
        assert leaves(body(packed))[0].content.data == data
    longer = body(small + b"\x00\x00")
    assert leaves(longer) == [Leaf(longer.content, len(longer.content))]
    unended = body(b"\x00\xff\xff\x00\x00" + data)  # the head of a stored block that never ends
    assert leaves(unended) == [Leaf(unended.content, len(unended.content))]


def test_what_lies_behind_the_end_of_what_was_packed_is_not_excused_by_it() -> None:
    hidden = b"\x00hidden" * 99
    for small, encoding in ((gzip.compress(b"one"), ""), (zlib.compress(b"one"), "deflate")):
        first, second = leaves(body(small + hidden, encoding=encoding))
        assert (first.content.data, first.wire) == (b"one", len(small))
        assert (second.content.data, second.wire) == (hidden, len(hidden))
    (both,) = leaves(body(gzip.compress(b"one") + gzip.compress(b"two")))
    assert both.content.data == b"onetwo"


def test_silence_does_not_excuse_what_is_packed_with_it() -> None:
    noise = random.Random(1).randbytes(9_000)
    form = gzip.compress(part(bytes(100_000)) + part(noise) + b"--abc--")
    first, second = leaves(body(form, FORM, "gzip"))
    assert first.wire < 600 < 8_500 < second.wire <= len(form)


def test_brotli() -> None:
    brotli = pytest.importorskip("brotli", reason="its package is not installed")
    data = bytes(range(256)) * 40
    small = brotli.compress(data)
    for encoding in ("br", ""):
        (leaf,) = leaves(body(small, encoding=encoding))
        assert (leaf.content.data, leaf.wire, leaf.trouble) == (data, len(small), "")
    (cut,) = leaves(body(small[:-3], encoding="br"))
    assert "its end is missing" in cut.trouble
    bomb = brotli.compress(bytes(MOST_BYTES + 1), quality=1)
    (leaf,) = leaves(body(bomb, encoding="br"))
    assert "unpacks to more than" in leaf.trouble and not leaf.content.data


@pytest.fixture
def zstd() -> Any:
    return pytest.importorskip("backports.zstd", reason="its package is not installed")


def test_zstandard(zstd: Any) -> None:
    data = bytes(range(256)) * 40
    small = zstd.compress(data)
    for encoding in ("zstd", "", "identity"):
        (leaf,) = leaves(body(small, encoding=encoding))
        assert (leaf.content.data, leaf.wire, leaf.trouble) == (data, len(small), "")
    (two,) = leaves(body(small + small, encoding="zstd"))
    assert two.content.data == data + data and two.wire == 2 * len(small)
    (cut,) = leaves(body(small[:-3], encoding="zstd"))
    assert "its end is missing" in cut.trouble
    spoilt = small[:9] + bytes([small[9] ^ 0xFF]) + small[10:]
    assert "cannot be unpacked" in leaves(body(spoilt, encoding="zstd"))[0].trouble


def test_a_frame_of_zstandard_that_decoders_skip_excuses_nothing(zstd: Any) -> None:
    small = zstd.compress(b"\xffone" * 100)
    skipped = b"\x50\x2a\x4d\x18" + (5000).to_bytes(4, "little") + bytes(5000)
    first, second = leaves(body(small + skipped + small, encoding="zstd"))
    assert (first.wire, second.wire) == (len(small), len(skipped) + len(small))
    (refused,) = leaves(body(skipped + small, encoding="zstd"))
    assert refused.trouble and not refused.content.data


def test_a_bomb_of_zstandard_and_one_that_wants_much_memory_are_unread(zstd: Any) -> None:
    bomb = zstd.compress(bytes(MOST_BYTES + 1))
    (leaf,) = leaves(body(bomb, encoding="zstd"))
    assert len(bomb) < 10_000
    assert "unpacks to more than" in leaf.trouble and not leaf.content.data
    wide = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 27})
    data = wide.compress(bytes(1000)) + wide.flush()
    assert "cannot be unpacked" in leaves(body(data, encoding="zstd"))[0].trouble


def test_what_a_packed_body_holds_beside_its_content_is_not_excused() -> None:
    noise = random.Random(2).randbytes(9_000)
    named = io.BytesIO()
    with gzip.GzipFile("a" * 20_000, "wb", fileobj=named, mtime=0) as file:
        file.write(noise)
    (leaf,) = leaves(body(named.getvalue()))
    assert leaf.content.data == noise and leaf.wire < 9_200
    empty = gzip.compress(b"") * 900
    (leaf,) = leaves(body(gzip.compress(noise) + empty))
    assert leaf.content.data == noise and leaf.wire < 10_300 < 9_000 + len(empty)


def test_a_compression_bomb_is_unread() -> None:
    machine = zlib.compressobj(9, wbits=31)
    bomb = b"".join(machine.compress(bytes(1 << 20)) for _ in range((MOST_BYTES >> 20) + 8))
    (leaf,) = leaves(body(bomb + machine.flush(), encoding="gzip"))
    assert "unpacks to more than" in leaf.trouble
    assert not leaf.content.data


@pytest.mark.parametrize(
    ("data", "encoding", "why"),
    [
        (gzip.compress(bytes(999), mtime=0)[:-9], "gzip", "its end is missing"),
        (b"\x1f\x8b" + b"no gzip at all", "gzip", "cannot be unpacked"),
        (b"zstandard, perhaps", "zstd", "does not begin so"),
        (b"something new", "lzma", "“lzma” is not read"),
    ],
)
def test_what_cannot_be_unpacked_is_said_to_be_unread(data: bytes, encoding: str, why: str) -> None:
    assert why in leaves(body(data, encoding=encoding))[0].trouble


def test_a_form_of_a_million_parts_is_left_whole() -> None:
    (leaf,) = leaves(body(part(b"x") * (MOST_PARTS + 1), FORM))
    assert "more than" in leaf.trouble


@given(st.binary(max_size=200), st.sampled_from(["", FORM]), st.sampled_from(["", "gzip"]))
def test_nothing_fails(data: bytes, kind: str, encoding: str) -> None:
    found = leaves(body(b"--abc\r\n" + data, kind, encoding))
    assert sum(len(leaf.content) for leaf in found) <= len(data) + 7
