"""The capture reader: both byte orders, cut files, garbage."""

import struct
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.bench.drivers.simulated_capture import pcapng_bytes
from harness.errors import RigError
from harness.wire import Capture, Frame

FRAMES = [(1_795_312_661.25, b"a" * 61), (1_795_312_662.5, b"b" * 1500), (1_795_312_663.0, b"")]


def read(content: bytes) -> tuple[list[Frame], Capture]:
    """The frames of a capture with that content, and the capture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.pcapng"
        path.write_bytes(content)
        capture = Capture(path)
        return list(capture.frames()), capture


@pytest.mark.parametrize("order", ["<", ">"])
def test_frames_come_with_time_and_length(order: str) -> None:
    frames, capture = read(pcapng_bytes(FRAMES, dropped=3, byte_order=order))
    assert [(frame.unix_s, frame.data) for frame in frames] == FRAMES
    assert [frame.wire_length for frame in frames] == [61, 1500, 0]
    assert (capture.truncated, capture.dropped) == (False, 3)


def test_a_capture_that_says_nothing_of_drops_is_not_one_without_drops() -> None:
    assert read(pcapng_bytes(FRAMES, dropped=None))[1].dropped is None


def test_two_sections_of_different_byte_order() -> None:
    frames, _ = read(pcapng_bytes(FRAMES, byte_order="<") + pcapng_bytes(FRAMES, byte_order=">"))
    assert [frame.data for frame in frames] == [data for _, data in FRAMES] * 2


@given(st.sampled_from("<>"), st.data())
def test_cut_anywhere_it_gives_the_packets_before_the_cut_and_says_so(
    order: str, data: st.DataObject
) -> None:
    content = pcapng_bytes(FRAMES, byte_order=order)
    whole, _ = read(content)
    cut = data.draw(st.integers(0, len(content) - 1))
    frames, capture = read(content[:cut])
    assert frames == whole[: len(frames)]
    assert capture.truncated or cut in block_ends(content, order)


def block_ends(content: bytes, order: str) -> set[int]:
    """Where a cut leaves whole blocks only; a killed capture is told by its missing statistics."""
    ends, at = set(), 0
    while at < len(content):
        at += struct.unpack_from(order + "I", content, at + 4)[0]
        ends.add(at)
    return ends


@given(st.integers(0, 400), st.integers(0, 255))
def test_a_wrong_byte_ends_in_packets_or_in_a_clear_error(at: int, value: int) -> None:
    content = bytearray(pcapng_bytes(FRAMES))
    content[at] = value
    try:
        frames, _ = read(bytes(content))
    except RigError as error:
        assert "at byte" in str(error)
    else:
        assert len(frames) <= len(FRAMES)


@given(st.binary(min_size=8, max_size=200))
def test_garbage_is_never_a_capture(content: bytes) -> None:
    if content[:4] == b"\x0a\x0d\x0d\x0a":
        return
    with pytest.raises(RigError, match="at byte 0"):
        read(content)


def test_zeroes_at_the_end_are_named_with_their_offset() -> None:
    content = pcapng_bytes(FRAMES)
    with pytest.raises(RigError, match=f"at byte {len(content)}"):
        read(content + bytes(64))


def test_missing_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(RigError, match=r"cannot read .*none\.pcapng"):
        list(Capture(tmp_path / "none.pcapng").frames())
