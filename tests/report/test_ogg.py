"""The same sound gives the same Ogg stream, which still opens and sounds the same."""

import io

import numpy as np
import soundfile

from harness.report.ogg import repeatable


def _ogg() -> bytes:
    sound = np.sin(np.arange(48_000) / 20.0).astype(np.float32) * 0.3
    out = io.BytesIO()
    soundfile.write(out, sound, 16_000, format="OGG", subtype="VORBIS")
    return out.getvalue()


def test_two_streams_of_one_sound_are_alike_and_whole() -> None:
    first, second = _ogg(), _ogg()
    assert repeatable(first) == repeatable(second)
    assert len(repeatable(first)) == len(first)
    before, _ = soundfile.read(io.BytesIO(first))
    after, _ = soundfile.read(io.BytesIO(repeatable(first)))  # a wrong checksum drops the page
    assert len(after) == 48_000 and np.array_equal(before, after)


def test_what_is_no_ogg_stream_is_left_alone() -> None:
    assert repeatable(b"fLaC and more") == b"fLaC and more"
    assert repeatable(b"") == b""
