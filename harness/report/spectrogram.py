"""What a microphone heard, by time and pitch, as a small picture that lies in the page itself."""

import base64
import struct
import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from harness.report.axis import Axis

LOW_HZ, HIGH_HZ = 100.0, 7500.0
"""The band that is drawn; its rows lie evenly by the logarithm of the pitch."""

ROWS = 48
_MOST_S = 900.0
_WINDOW_S = 0.032
_LOOKS = (-0.33, 0.0, 0.33)
_RANGE_DB = 55.0
_SHADES = 24


@dataclass(frozen=True, slots=True)
class Spectrogram:
    """A picture of `ROWS` rows, a column a pixel from `left_px` on, as a `data:` address.

    Sound is dark ink on nothing, so that it lies on any paper.
    """

    left_px: float
    columns: int
    address: str


def spectrogram(path: Path, starts_at_s: float, axis: Axis) -> Spectrogram | None:
    """The spectrogram of a recording on an axis; None where it is longer than a quarter of an hour,
    too coarse to hold the band, or holds nothing.
    """
    with soundfile.SoundFile(path) as recording:
        rate_hz = recording.samplerate
        if recording.frames > _MOST_S * rate_hz or rate_hz < 2 * HIGH_HZ or not recording.frames:
            return None
        sound = recording.read(dtype="float32", always_2d=True).mean(axis=1)
    if not sound.any():
        return None
    shades = _shades(_bands(sound, rate_hz, starts_at_s, axis))
    left = float(int(axis.left_px))
    encoded = base64.b64encode(_png(shades)).decode()
    return Spectrogram(left, shades.shape[1], f"data:image/png;base64,{encoded}")


def _bands(
    sound: NDArray[np.float32], rate_hz: int, starts_at_s: float, axis: Axis
) -> NDArray[np.float64]:
    """Power (dB re full scale) by row, highest pitch first, and column."""
    size = round(_WINDOW_S * rate_hz)
    columns = np.arange(int(axis.left_px), int(axis.right_px))
    edges_hz = np.geomspace(LOW_HZ, HIGH_HZ, ROWS + 1)
    bins = np.clip(np.round(edges_hz * size / rate_hz).astype(int), 1, size // 2)
    padded = np.pad(sound, size)
    power = np.zeros((columns.size, size // 2 + 1))
    for look in _LOOKS:
        at_s = np.array([axis.s(float(x) + 0.5 + look) for x in columns]) - starts_at_s
        first = np.round(at_s * rate_hz).astype(int) + size // 2
        inside = (first >= 0) & (first + size <= padded.size)
        spans = np.clip(first, 0, padded.size - size)[:, None] + np.arange(size)
        spectrum = np.abs(np.fft.rfft(padded[spans] * np.hanning(size), axis=1)) ** 2
        power += np.where(inside[:, None], spectrum, 0.0)
    rows = [power[:, low : max(high, low + 1)].max(axis=1) for low, high in pairwise(bins)]
    return np.asarray(10 * np.log10(np.array(rows[::-1]) + 1e-9))


def _shades(power_db: NDArray[np.float64]) -> NDArray[np.uint8]:
    """How much ink each place gets: none where it is as quiet as it mostly is, 255 the loudest."""
    loudest = float(power_db.max())
    floor = max(float(np.percentile(power_db, 40)) + 4, loudest - _RANGE_DB)
    share = np.clip((power_db - floor) / max(loudest - floor, 1.0), 0.0, 1.0)
    return np.round(np.round(share * _SHADES) / _SHADES * 255).astype(np.uint8)


def _png(ink: NDArray[np.uint8]) -> bytes:
    """Black with so much opacity, as PNG (ISO/IEC 15948), grey with alpha."""
    height, width = ink.shape
    pixels = np.zeros((height, 1 + 2 * width), dtype=np.uint8)  # the first byte: no filter
    pixels[:, 2::2] = ink
    header = struct.pack(">IIBBBBB", width, height, 8, 4, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(pixels.tobytes(), 9)), (b"IEND", b""))
    written = [b"\x89PNG\r\n\x1a\n"]
    for name, content in chunks:
        check = zlib.crc32(name + content)
        written.append(struct.pack(">I", len(content)) + name + content + struct.pack(">I", check))
    return b"".join(written)
