"""Recordings for a page: an outline to draw and a small copy to play."""

import base64
import io
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray
from scipy.signal import resample_poly

from harness.report.axis import Axis
from harness.report.ogg import repeatable

_COPY_RATE_HZ = 16000
_LOSSLESS_UP_TO_S = 60.0
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


def data_url(path: Path, budget_bytes: int) -> str | None:
    """A playable copy at 16 kHz, mono, as a `data:` address of at most `budget_bytes`.

    FLAC for up to a minute, Ogg Vorbis beyond; None when even that is too large, or when it holds
    no sound that can be read: what a message holds is the device's doing.
    """
    try:
        return _copy_url(path, budget_bytes)
    except soundfile.LibsndfileError:
        return None


def _copy_url(path: Path, budget_bytes: int) -> str | None:
    with soundfile.SoundFile(path) as recording:
        if recording.frames == 0:
            return None
        length_s = recording.frames / recording.samplerate
        # Vorbis at this rate needs some 4 kB a second: do not encode what cannot fit.
        if length_s * 4000 > budget_bytes:
            return None
        samples = recording.read(dtype="float32", always_2d=True).mean(axis=1)
        rate_hz = recording.samplerate
    ratio = Fraction(_COPY_RATE_HZ, rate_hz)
    copy = resample_poly(samples, ratio.numerator, ratio.denominator).astype(np.float32)
    kind = "flac" if length_s <= _LOSSLESS_UP_TO_S else "ogg"
    encoded = base64.b64encode(_encode(np.clip(copy, -1.0, 1.0), kind)).decode()
    address = f"data:audio/{kind};base64,{encoded}"
    return address if len(address) <= budget_bytes else None


def _encode(samples: NDArray[np.float32], kind: str) -> bytes:
    """Samples as FLAC or Ogg Vorbis."""
    stream = io.BytesIO()
    subtype = "PCM_16" if kind == "flac" else "VORBIS"
    with soundfile.SoundFile(
        stream, "w", _COPY_RATE_HZ, 1, subtype=subtype, format=kind.upper()
    ) as copy:
        # libsndfile's Vorbis writer keeps each block on its stack: small ones only.
        for start in range(0, samples.size, _BLOCK):
            copy.write(samples[start : start + _BLOCK])
    return repeatable(stream.getvalue())
