"""Bytes into sound: by what they begin with, whatever is claimed; harmful ones into none."""

import io

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from harness.wire.payload import candidates
from tests.wire.payload.conversations import as_pcm, talk

TALK = talk(1.0, 1)


def encoded(form: str, subtype: str | None = None) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, TALK, 16_000, format=form, subtype=subtype)
    return file.getvalue()


@pytest.mark.parametrize("form", [("WAV", "PCM_16"), ("FLAC", "PCM_16"), ("OGG", "OPUS")])
def test_sound_files(form: tuple[str, str]) -> None:
    (sound,) = candidates(encoded(*form), "text/html")
    assert sound.length_s == pytest.approx(1.0, abs=0.01)
    assert float(np.corrcoef(sound.samples[:16_000], TALK[: len(sound.samples)])[0, 1]) > 0.9


@pytest.mark.parametrize("form", [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("AIFF", "PCM_24")])
def test_what_is_appended_to_a_file_or_stands_before_its_sound_is_not_taken(
    form: tuple[str, str],
) -> None:
    file = encoded(*form)
    (sound,) = candidates(file + bytes(50_000), "")
    assert len(file) <= sound.taken <= len(file) + 1024
    if form == ("WAV", "PCM_16"):
        chunk = b"LIST" + (30_000).to_bytes(4, "little") + bytes(30_000)
        longer = len(file) - 8 + len(chunk)
        inside = b"RIFF" + longer.to_bytes(4, "little") + file[8:36] + chunk + file[36:]
        (sound,) = candidates(inside, "")
        assert sound.length_s == 1.0 and len(inside) - sound.taken >= 28_900


@pytest.mark.parametrize(
    ("form", "bits"),
    [("WAV PCM_24", 8), ("WAV PCM_32", 16), ("AIFF PCM_24", 8), ("FLAC PCM_24", 8)],
)
def test_what_samples_hold_below_16_bits_is_not_taken(form: str, bits: int) -> None:
    """Of a microphone that fills no more than 16 all is."""
    plain = as_pcm(TALK).astype("<i4") << 16
    blob = np.random.default_rng(3).integers(0, 1 << bits, len(plain)).astype("<i4")
    for hidden, least in ((0 * blob, 0), (blob << (16 - bits), len(plain) * bits // 8)):
        file = io.BytesIO()
        kind, subtype = form.split()
        soundfile.write(file, plain | hidden, 16_000, format=kind, subtype=subtype)
        data = file.getvalue()
        (sound,) = candidates(data, "")
        assert len(data) - sound.taken >= least - 1200 and (least or sound.taken > len(data) - 300)


def test_another_stream_in_an_ogg_is_not_taken() -> None:
    first, second = encoded("OGG", "OPUS"), encoded("OGG", "VORBIS")
    (alone,), (both,) = candidates(first, ""), candidates(first + second, "")
    assert len(first) - 100 < alone.taken <= len(first)
    assert len(first) + len(second) - both.taken > len(second) * 3 / 4, "but for what packs"


def test_plain_samples_are_read_as_claimed_first() -> None:
    little, big = as_pcm(TALK).tobytes(), as_pcm(TALK).astype(">i2").tobytes()
    assert np.array_equal(next(candidates(little, "audio/L16; rate=16000")).samples, TALK)
    readings = list(candidates(big, "audio/L16;rate=8000"))
    assert readings[0].rate_hz == 8_000
    assert any(np.array_equal(each.samples, TALK) for each in readings if each.rate_hz == 16_000)


def test_no_channel_is_left_out() -> None:
    both = np.stack((TALK, talk(1.0, 2)), axis=1)
    for channels, length_s in ((both, 2.0), (both[:, [0, 0]], 1.0)):
        file = io.BytesIO()
        soundfile.write(file, channels, 16_000, format="WAV")
        (sound,) = candidates(file.getvalue(), "")
        plain = next(candidates(as_pcm(channels).tobytes(), "audio/L16; rate=16000; channels=2"))
        assert sound.length_s == plain.length_s == length_s
        assert np.array_equal(sound.samples[:16_000], TALK)


def test_a_wav_file_that_promises_more_than_there_is() -> None:
    data = bytearray(encoded("WAV"))
    data[40:44] = b"\xff\xff\xff\x7f"
    (sound,) = candidates(bytes(data[:20_044]), "audio/wav")
    assert len(sound.samples) == 10_000


@pytest.mark.parametrize("data", [b"", b"{}", b'{"a": 1}' * 9999, bytes(99_999), b"RIFF", b"OggS"])
def test_what_holds_no_sound_gives_none(data: bytes) -> None:
    assert list(candidates(data, "audio/L16; rate=16000")) == []


@given(st.binary(max_size=400), st.sampled_from([b"", b"RIFF", b"fLaC", b"OggS", b"ID3"]))
def test_nothing_fails(data: bytes, begins: bytes) -> None:
    list(candidates(begins + data, "audio/L16; rate=99999999999; channels=-1"))


@given(st.integers(0, 200), st.binary(min_size=1, max_size=8))
def test_a_damaged_file_is_no_reason_to_fail(at: int, damage: bytes) -> None:
    data = bytearray(encoded("WAV")[:9_000])
    data[at : at + len(damage)] = damage
    list(candidates(bytes(data), "audio/wav"))
