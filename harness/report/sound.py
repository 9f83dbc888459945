"""Recordings for a page: an outline to draw and a small copy to play."""

import base64
import io
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import scipy
import soundfile
from numpy.typing import NDArray

from harness.report.axis import Axis
from harness.report.ogg import repeatable

SPEECH_KBPS, LEAST_KBPS = 24.0, 8.0
"""Bit rates at which speech is good to listen to, and can just be listened to."""
SPEECH_HZ, QUICK_HZ = 16000, 12000
"""Rates of copies: for what is listened to closely, and one that is encoded in a third the time."""
_BLOCK = 1 << 14
_COLUMNS_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Outline:
    """Lowest and highest sample (full scale 1.0) in each pixel column from `left_px` on."""

    left_px: float
    low: NDArray[np.float32]
    high: NDArray[np.float32]


def outline(path: Path, starts_at_s: float, axis: Axis) -> Outline | None:
    """The outline of a recording on an axis; None when it holds nothing there.

    Reads a few columns at a time, so that an hour needs no more memory than a minute.
    """
    with soundfile.SoundFile(path) as recording:
        spans = _columns(recording, starts_at_s, axis)
        low = np.zeros(len(spans), dtype=np.float32)
        high = np.zeros(len(spans), dtype=np.float32)
        for few in range(0, len(spans), _COLUMNS_AT_ONCE):
            some = spans[few : few + _COLUMNS_AT_ONCE]
            start, stop = some[0][0], max(end for _, end in some)
            if start >= stop:
                continue
            if recording.tell() != start:  # to seek in FLAC is to decode twice
                recording.seek(start)
            block = recording.read(stop - start, dtype="float32", always_2d=True)
            for i, (first, end) in enumerate(some, few):
                if first < end:
                    part = block[first - start : end - start]
                    low[i], high[i] = part.min(), part.max()
    return Outline(float(int(axis.left_px)), low, high) if high.any() or low.any() else None


def _columns(
    recording: soundfile.SoundFile, starts_at_s: float, axis: Axis
) -> list[tuple[int, int]]:
    """First sample of each pixel column and the one after its last; none where it holds nothing."""
    edges = [
        round((axis.s(float(x_px)) - starts_at_s) * recording.samplerate)
        for x_px in range(int(axis.left_px), int(axis.right_px) + 1)
    ]
    return [
        (max(0, first), min(recording.frames, max(first + 1, end)))
        for first, end in pairwise(edges)
    ]


def data_url(
    path: Path,
    budget_bytes: int,
    *,
    kbps: float = SPEECH_KBPS,
    rate_hz: int = SPEECH_HZ,
    from_s: float = 0.0,
    until_s: float | None = None,
) -> str | None:
    """A playable copy as Ogg Opus, mono, as a `data:` address of at most `budget_bytes`.

    `kbps`: of the copy; a long one gets less, down to `LEAST_KBPS`. `rate_hz`: of the copy, one
    that Opus knows (8000, 12000, 16000, 24000 or 48000). `from_s`, `until_s`: of the
    recording, what is copied. None when even that is too large, or when it holds no sound that can
    be read: what a message holds is the device's doing.
    """
    try:
        return _copy_url(path, budget_bytes, (kbps, rate_hz), (from_s, until_s))
    except soundfile.LibsndfileError:
        return None


def _copy_url(
    path: Path,
    budget_bytes: int,
    quality: tuple[float, int],
    span_s: tuple[float, float | None],
) -> str | None:
    kbps, copy_hz = quality
    from_s, until_s = span_s
    with soundfile.SoundFile(path) as recording:
        rate_hz = recording.samplerate
        first = min(recording.frames, max(0, round(from_s * rate_hz)))
        end = (
            recording.frames if until_s is None else min(recording.frames, round(until_s * rate_hz))
        )
        if end <= first:
            return None
        # Do not encode what cannot fit. Base64 makes four bytes of three; a stream has a head.
        fits_kbps = (budget_bytes * 0.7 - 1000) * 8 / 1000 / ((end - first) / rate_hz)
        if fits_kbps < LEAST_KBPS:
            return None
        recording.seek(first)
        samples = recording.read(end - first, dtype="float32", always_2d=True).mean(axis=1)
    ratio = Fraction(copy_hz, rate_hz)
    copy = scipy.signal.resample_poly(samples, ratio.numerator, ratio.denominator).astype(
        np.float32
    )
    encoded = base64.b64encode(
        _opus(np.clip(copy, -1.0, 1.0), copy_hz, min(kbps, fits_kbps))
    ).decode()
    address = f"data:audio/ogg;base64,{encoded}"
    return address if len(address) <= budget_bytes else None


def _opus(samples: NDArray[np.float32], rate_hz: int, kbps: float) -> bytes:
    """Samples as Opus in Ogg (RFC 6716, RFC 7845)."""
    stream = io.BytesIO()
    # How libsndfile takes a bit rate: 256 kbit/s a channel at level 0, 6 at level 1.
    level = min(1.0, max(0.0, (256.0 - kbps) / 250.0))
    with soundfile.SoundFile(
        stream, "w", rate_hz, 1, subtype="OPUS", format="OGG", compression_level=level
    ) as copy:
        for start in range(0, samples.size, _BLOCK):
            copy.write(samples[start : start + _BLOCK])
    return repeatable(stream.getvalue())
