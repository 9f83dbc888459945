"""Sound files by their frames: all of the sound aligns, and nothing else excuses any traffic."""

import io
import subprocess
from functools import cache
from shutil import which

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.wire.payload import Room, candidates
from harness.wire.payload.files import framed
from tests.wire.payload.conversations import talk

RATE = 16_000
HEARD = talk(16.0, 4)
ROOM = Room(HEARD, RATE)
FORMS = ("FLAC", "PCM_16"), ("OGG", "OPUS"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")
HIDDEN = np.random.default_rng(1).bytes(20_000)
LIMIT_S = 0.02


def encoded(form: tuple[str, str], from_s: float = 3.0, until_s: float = 5.0) -> bytes:
    file = io.BytesIO()
    heard = HEARD[round(from_s * RATE) : round(until_s * RATE)]
    soundfile.write(file, heard, RATE, format=form[0], subtype=form[1])
    return file.getvalue()


@cache
def by_ffmpeg(*options: str) -> bytes:
    if which("ffmpeg") is None:
        pytest.skip("ffmpeg is not installed (apt: ffmpeg)")
    file = io.BytesIO()
    soundfile.write(file, HEARD[3 * RATE : 5 * RATE], RATE, format="WAV")
    command = ["ffmpeg", "-v", "error", "-i", "-", *options, "-"]
    return subprocess.run(command, input=file.getvalue(), capture_output=True, check=True).stdout


def off_s(data: bytes, from_s: float, until_s: float) -> float:
    """How far the span that was found is off, at the end that is further."""
    (sound,) = candidates(data, "")
    found = ROOM.align(sound.samples, sound.rate_hz)
    assert found.trouble == ""
    return max(abs(found.from_s - from_s), abs(found.until_s - until_s))


@settings(max_examples=12, deadline=None)
@given(st.sampled_from(FORMS), st.integers(0, 11 * RATE), st.integers(RATE // 2, 4 * RATE))
def test_what_is_decoded_aligns_within_20_ms(form: tuple[str, str], start: int, count: int) -> None:
    from_s, until_s = start / RATE, (start + count) / RATE
    assert off_s(encoded(form, from_s, until_s), from_s, until_s) <= LIMIT_S


@pytest.mark.parametrize("form", FORMS)
def test_all_of_a_file_is_sound_but_for_its_tags(form: tuple[str, str]) -> None:
    data = encoded(form)
    (sound,) = candidates(data, "")
    assert len(data) - 250 <= sound.taken <= len(data)


@pytest.mark.parametrize("form", FORMS)
def test_what_is_appended_is_not_sound(form: tuple[str, str]) -> None:
    (alone,), (both,) = candidates(encoded(form), ""), candidates(encoded(form) + HIDDEN, "")
    assert both.taken <= alone.taken
    zeros = candidates(encoded(form) + bytes(20_000), "")
    assert next(zeros).taken >= alone.taken + 15_000, "filling says nothing"


def flac_with(block: bytes, kind: int = 2) -> bytes:
    data = encoded(("FLAC", "PCM_16"))
    head = bytes([kind]) + len(block).to_bytes(3)
    return data[:42] + head + block + data[42:]


def id3_with(content: bytes) -> bytes:
    size = bytes(len(content) >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\0\0" + size + content + encoded(("MP3", "MPEG_LAYER_III"))


@pytest.mark.parametrize("data", [flac_with(HIDDEN), flac_with(HIDDEN, 6), id3_with(HIDDEN)])
def test_what_stands_before_the_sound_is_not_sound(data: bytes) -> None:
    (sound,) = candidates(data, "")
    assert sound.length_s == pytest.approx(2.0, abs=0.05)
    assert len(data) - sound.taken >= len(HIDDEN)


def test_what_stands_between_frames_of_flac_is_not_sound() -> None:
    data = encoded(("FLAC", "PCM_16"))
    (sound,), opened = candidates(data, ""), framed(data)
    assert opened is not None
    second = data.index(b"\xff\xf8", data.index(b"\xff\xf8") + 1000)
    (both,) = candidates(data[:second] + HIDDEN + data[second:], "")
    assert both.taken <= sound.taken


def test_a_head_that_says_less_than_there_is_hides_nothing() -> None:
    data = bytearray(encoded(("FLAC", "PCM_16")))
    data[21:26] = (int.from_bytes(data[21:26]) >> 36 << 36 | 4000).to_bytes(5)
    assert off_s(bytes(data), 3.0, 5.0) <= LIMIT_S
    opus = bytearray(encoded(("OGG", "OPUS"), 3.0, 6.0))
    at = opus.index(b"OpusHead") + 10
    opus[at : at + 2] = (60_000).to_bytes(2, "little")  # 1.25 s are not to be played
    opus[22:26] = _page_sum(bytes(opus[: opus.index(b"OggS", 4)]))
    (sound,), (whole,) = candidates(bytes(opus), ""), candidates(encoded(FORMS[1], 3.0, 6.0), "")
    assert sound.length_s < 2.0
    assert sound.taken < 0.7 * whole.taken


def _page_sum(page: bytes) -> bytes:
    """The sum over a page of Ogg (RFC 3533)."""
    crc = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ (0x04C11DB7 if crc >> 31 else 0)) & 0xFFFFFFFF
    return crc.to_bytes(4, "little")


BARE = ("-f", "mp3", "-id3v2_version", "0", "-write_xing", "0")


@pytest.mark.parametrize(
    "options",
    [
        ("-ar", "44100", "-b:a", "64k", *BARE),
        ("-b:a", "32k", *BARE),
        ("-f", "flac"),
        ("-c:a", "flac", "-f", "ogg"),
        ("-c:a", "libopus", "-b:a", "16k", "-f", "ogg"),
    ],
)
def test_streams_of_another_encoder_that_do_not_say_how_long_they_are(
    options: tuple[str, ...],
) -> None:
    data = by_ffmpeg(*options)
    assert off_s(data, 3.0, 5.0) <= LIMIT_S
    (sound,) = candidates(data, "")
    assert sound.taken >= len(data) - 250, "a stream with nothing beside its sound"


def test_a_stream_that_is_cut_short_is_read_as_far_as_it_goes() -> None:
    for options in (("-f", "flac"), ("-b:a", "32k", *BARE)):
        data = by_ffmpeg(*options)
        (sound,) = candidates(data[: len(data) * 2 // 3], "")
        found = ROOM.align(sound.samples, sound.rate_hz)
        assert found.trouble == "" and found.from_s == pytest.approx(3.0, abs=LIMIT_S)
        assert 3.8 < found.until_s < 4.5


@given(st.binary(max_size=300), st.sampled_from([b"fLaC", b"OggS", b"\xff\xfb", b"ID3"]))
def test_nothing_fails_and_no_more_is_taken_than_is_there(data: bytes, begins: bytes) -> None:
    for sound in candidates(begins + data, ""):
        assert sound.taken <= len(begins + data) + 1


@settings(max_examples=40)
@given(st.sampled_from(FORMS), st.integers(0, 6_000), st.binary(min_size=1, max_size=6))
def test_a_damaged_file_never_excuses_more(form: tuple[str, str], at: int, damage: bytes) -> None:
    data = bytearray(encoded(form, 3.0, 3.6))
    data[at : at + len(damage)] = damage
    for sound in candidates(bytes(data), ""):
        assert sound.taken <= len(data) + 1
