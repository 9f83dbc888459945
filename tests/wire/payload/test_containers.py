"""AAC, and containers of Opus and AAC: all of the sound aligns, nothing else excuses traffic."""

import io
import subprocess
from functools import cache
from shutil import which

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.wire.payload import candidates
from harness.wire.payload.files import framed
from harness.wire.payload.files.adts import Coded, with_head
from harness.wire.payload.files.opus import ogg_of, packet_s, page_of
from harness.wire.payload.sounds import unreadable
from tests.wire.payload.test_files import HEARD, HIDDEN, LIMIT_S, RATE, off_s

OPUS, AAC = ("-c:a", "libopus", "-b:a", "24k"), ("-c:a", "aac", "-b:a", "32k")
FRAGMENTS = ("-f", "mp4", "-movflags", "empty_moov", "-frag_duration", "500000")
FORMS = {
    "adts": (*AAC, "-f", "adts"),
    "adts, 48 kHz": ("-ar", "48000", *AAC, "-f", "adts"),
    "webm": (*OPUS, "-f", "webm"),
    "webm, live": (*OPUS, "-f", "webm", "-live", "1", "-cluster_time_limit", "200"),
    "matroska": (*AAC, "-f", "matroska"),
    "mp4, in fragments": (*AAC, *FRAGMENTS),
    "mp4 of opus": (*OPUS, *FRAGMENTS),
}
NEEDS = pytest.mark.skipif(which("ffmpeg") is None, reason="needs ffmpeg (apt: ffmpeg)")


@cache
def made(form: str, from_s: float = 3.0, until_s: float = 5.0) -> bytes:
    file = io.BytesIO()
    heard = HEARD[round(from_s * RATE) : round(until_s * RATE)]
    soundfile.write(file, heard, RATE, format="WAV")
    command = ["ffmpeg", "-v", "error", "-i", "-", *FORMS[form], "-"]
    return subprocess.run(command, input=file.getvalue(), capture_output=True, check=True).stdout


@NEEDS
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("span", [(3.0, 5.0), (7.3, 9.1), (1.05, 1.75)])
def test_what_is_in_it_aligns_within_20_ms(form: str, span: tuple[float, float]) -> None:
    assert off_s(made(form, *span), *span) <= LIMIT_S


@NEEDS
@pytest.mark.parametrize("form", FORMS)
def test_what_is_beside_the_sound_excuses_nothing(form: str) -> None:
    data = made(form)
    (alone,) = candidates(data, "")
    assert len(data) - 650 <= alone.taken <= len(data)
    (both,) = candidates(data + HIDDEN, "")
    assert both.taken <= alone.taken + 16


@NEEDS
def test_another_box_or_element_excuses_nothing() -> None:
    fragments, webm = made("mp4, in fragments"), made("webm")
    free = (8 + len(HIDDEN)).to_bytes(4) + b"free" + HIDDEN
    at = fragments.index(b"moof") - 4
    void = b"\xec\x10" + len(HIDDEN).to_bytes(3) + HIDDEN
    cluster = webm.index(b"\x1f\x43\xb6\x75")
    for plain, at, more in ((fragments, 0, free), (webm, cluster, void)):
        at = at or fragments.index(b"moof") - 4
        (alone,) = candidates(plain, "")
        (both,) = candidates(plain[:at] + more + plain[at:], "")
        assert both.taken <= alone.taken + 16
        assert both.length_s == pytest.approx(alone.length_s, abs=0.001)


@NEEDS
def test_a_stream_that_is_cut_short_is_read_as_far_as_it_goes() -> None:
    for form in ("adts", "webm", "mp4, in fragments"):
        data = made(form)
        (sound,) = candidates(data[: len(data) * 2 // 3], "")
        assert 0.8 < sound.length_s < 1.6


@given(
    st.binary(max_size=400),
    st.sampled_from([b"\x1a\x45\xdf\xa3", b"\0\0\0\x08ftyp", b"\xff\xf1\x60\x40\x01\x1f\xfc"]),
)
def test_nothing_fails(data: bytes, begins: bytes) -> None:
    found = framed(begins + data)
    assert found is None or len(found.spare) <= len(begins + data)


@NEEDS
@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["webm", "mp4 of opus"]),
    st.integers(0, 6_000),
    st.binary(min_size=1, max_size=6),
)
def test_a_damaged_file_never_excuses_more(form: str, at: int, damage: bytes) -> None:
    data = bytearray(made(form))
    data[at : at + len(damage)] = damage
    for sound in candidates(bytes(data), ""):
        assert sound.taken <= len(data) + 1


def test_tables_that_claim_millions_of_packets_cost_nothing() -> None:
    claims = b"\0\0\0\x08ftyp" + b"".join(
        (20).to_bytes(4) + b"stsz" + bytes(4) + (1).to_bytes(4) + (1 << 31).to_bytes(4)
        for _ in range(1000)
    )
    assert framed(claims) is None
    nested = b"\0\0\0\x08ftyp" + b"\x7f\xff\xff\xffmoov" * 100_000
    assert framed(nested) is None
    tracks = b"\x1a\x45\xdf\xa3\x80" + b"\xae\x80" * 100_000
    assert framed(tracks) is None


def test_opus_is_wrapped_as_libsndfile_reads_it() -> None:
    dice = np.random.default_rng(5)
    file = io.BytesIO()
    soundfile.write(file, HEARD[: 2 * RATE], RATE, format="OGG", subtype="OPUS")
    packets = packets_of(file.getvalue())
    assert off_s(b"".join(ogg_of(packets)), 0.0, 2.0) <= LIMIT_S
    assert ogg_of([b"", dice.bytes(3), b"\xff\x3f"])[1] == b"", "no packet, no page"
    assert packet_s(b"") == 0.0


def test_what_is_no_packet_of_opus_is_no_sound_in_an_ogg_either() -> None:
    file = io.BytesIO()
    soundfile.write(file, HEARD[: 2 * RATE], RATE, format="OGG", subtype="OPUS")
    packets = packets_of(file.getvalue())
    no_packet = b"\x78" + np.random.default_rng(3).bytes(1400)
    filled = [each for packet in packets for each in (packet, no_packet)]
    pages = [page_of(packet, number, 0) for number, packet in enumerate(filled, 2)]
    opened = framed(ogg_of([])[0] + b"".join(pages))
    assert opened is not None and len(opened.spare) >= len(no_packet) * len(packets)


def packets_of(data: bytes) -> list[bytes]:
    """The packets of an Ogg, but for its two heads."""
    found, part, at = list[bytes](), b"", 0
    while at < len(data):
        sizes = data[at + 27 : at + 27 + data[at + 26]]
        at += 27 + len(sizes)
        for size in sizes:
            part, at = part + data[at : at + size], at + size
            if size < 255:
                found.append(part)
                part = b""
    return found[2:]


@pytest.mark.skipif(which("ffmpeg") is not None, reason="ffmpeg is installed")
def test_without_the_program_it_is_said_what_is_missing() -> None:
    frame = with_head(b"\x21\x10\x05", Coded(2, 8, 1))
    assert "ffmpeg" in unreadable(frame * 3, "")
    assert "ffmpeg" in unreadable(bytes(200), "audio/G722")
    assert not unreadable(bytes(200), "audio/L16")
