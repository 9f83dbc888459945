"""AAC in ADTS (ISO/IEC 13818-7, 6.2), frame by frame.

A frame is taken as a whole: what an encoder may put beside the sound in it (elements of data, of
filling) is not told from the sound.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.wire.payload.files.frames import Framed

Samples = npt.NDArray[np.float32]

_RATES_HZ = (96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000,
             11_025, 8_000, 7_350)  # fmt: skip
_HEAD, _HEAD_SUMMED, _SAMPLES = 7, 9, 1024
_LONGEST = (1 << 13) - 1
_CHANNELS, _MOST_FRAMES = range(1, 8), 200_000
_LEADS = (1.0, 1.5625, 2.0, 2.0625)
"""Encoders put so many frames of a thousand samples before the first: those of ffmpeg, of Android
(1600), FAAC, and Apple (2112)."""
_STEEP, _NOTHING = 12.0, 1e-12


@dataclass(frozen=True, slots=True)
class Coded:
    """How AAC is coded: kind of object (2 is AAC-LC), place in the list of rates, channels."""

    kind: int
    rate_index: int
    channels: int

    @property
    def rate_hz(self) -> int:
        """Samples a second."""
        return _RATES_HZ[self.rate_index]


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a frame stands, what it says of its form, how many blocks of samples are in it."""

    at: int
    end: int
    coded: Coded
    blocks: int


def begins_as_adts(data: bytes) -> bool:
    """Whether it is ADTS: two frames of the same form in a row."""
    first = _frame(data, 0)
    second = None if first is None else _frame(data, first.end)
    return first is not None and second is not None and first.coded == second.coded


def open_adts(data: bytes) -> Framed:
    """A file of ADTS by its frames."""
    frames, left, at = list[_Frame](), list[bytes](), 0
    for frame in _frames(data):
        left.append(data[at : frame.at])
        frames.append(frame)
        at = frame.end
    left.append(data[at:])
    playable = b"".join(data[frame.at : frame.end] for frame in frames)
    return framed_aac(playable, sum(f.blocks for f in frames), frames[0].coded, b"".join(left))


def framed_aac(playable: bytes, count: int, coded: Coded, spare: bytes) -> Framed:
    """`count` frames of ADTS."""
    held_s = count * _SAMPLES / coded.rate_hz
    return Framed(playable, spare, held_s, _SAMPLES, _SAMPLES, coded.rate_hz, "aac")


def start_of_sound(sound: Samples, frame: int) -> int:
    """Where the sound begins behind what its encoder put before it, which nothing in ADTS says.

    At the usual place at which it rises most steeply, else one frame after the beginning. `sound`:
    mono.
    """
    step, best, rise = frame // 8, frame, _STEEP
    for lead in _LEADS:
        place = round(lead * frame)
        before, after = sound[place - step : place], sound[place : place + step]
        if len(after) < step:
            break
        power = float(np.mean(after.astype(np.float64) ** 2))
        here = power / (float(np.mean(before.astype(np.float64) ** 2)) + _NOTHING)
        if here > rise:
            best, rise = place, here
    return min(best, len(sound))


def with_head(packet: bytes, coded: Coded) -> bytes:
    """A packet of AAC as a frame of ADTS; nothing where it is too long for one."""
    size = len(packet) + _HEAD
    if size > _LONGEST or not packet:
        return b""
    head = 0xFFF1 << 40 | (coded.kind - 1) << 38 | coded.rate_index << 34 | coded.channels << 30
    return (head | size << 13 | 0x7FF << 2).to_bytes(_HEAD) + packet


def _frames(data: bytes) -> Iterator[_Frame]:
    """The frames of the stream; after anything else only two in a row are believed."""
    at, over, coded = 0, 0, None
    count = 0
    while count < _MOST_FRAMES and (at := data.find(b"\xff", at)) >= 0:
        frame = _frame(data, at)
        if frame is None or frame.end > len(data) or coded not in (None, frame.coded):
            at += 1
            continue
        if at != over and _frame(data, frame.end) is None:
            at += 1
            continue
        coded, at, over, count = frame.coded, frame.end, frame.end, count + 1
        yield frame


def _frame(data: bytes, at: int) -> _Frame | None:
    """The frame at `at`; None where none begins there."""
    if at + _HEAD > len(data):
        return None
    head = int.from_bytes(data[at : at + _HEAD])
    summed = not head >> 40 & 1
    kind, rate, channels = (head >> 38 & 3) + 1, head >> 34 & 0x0F, head >> 30 & 7
    size, blocks = head >> 13 & _LONGEST, (head & 3) + 1
    if head >> 44 != 0xFFF or head >> 41 & 3 or rate >= len(_RATES_HZ):
        return None
    if channels not in _CHANNELS or size <= (_HEAD_SUMMED if summed else _HEAD):
        return None
    return _Frame(at, at + size, Coded(kind, rate, channels), blocks)
