"""MP3: MPEG-1 and MPEG-2 audio, layer III (ISO/IEC 11172-3, 13818-3), frame by frame.

A frame's side information says how many bits of the stream its sound takes, and how far before
the frame they begin: what no frame claims is filling, whatever stands in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.wire.payload.files.frames import Framed

Samples = npt.NDArray[np.float32]

_ID3, _ID3_HEAD = b"ID3", 10
_HEAD = 4
_LAYER_3 = 0b01
_MPEG_1, _MPEG_2, _MPEG_25 = 0b11, 0b10, 0b00
_KBITS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBITS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES_HZ = {_MPEG_1: (44_100, 48_000, 32_000), _MPEG_2: (22_050, 24_000, 16_000),
             _MPEG_25: (11_025, 12_000, 8_000)}  # fmt: skip
_MONO = 0b11
_SAMPLES = {True: 1152, False: 576}
_LEAD = 576
"""What an encoder puts before the first sample (LAME's; others' differ by little). The 529 of a
decoder it takes off itself, where a frame tells it how many there are."""
_LEAST_FILLED = 47
"""Encoders flush 576 samples at least, of which a decoder's own delay takes 529."""
_EDGE_S, _STEEP, _NOTHING = 0.005, 12.0, 1e-12
_TAGS = b"Xing", b"Info", b"VBRI"


@dataclass(frozen=True, slots=True)
class _Frame:
    """Where a frame stands, and the form that all frames of a stream share."""

    at: int
    end: int
    mpeg_1: bool
    mono: bool
    summed: bool
    form: tuple[int, int]
    rate_hz: int

    @property
    def side(self) -> int:
        """Where its side information begins."""
        return self.at + _HEAD + (2 if self.summed else 0)

    @property
    def main(self) -> int:
        """Where its share of the main data begins."""
        sizes = (17, 32) if self.mpeg_1 else (9, 17)
        return self.side + sizes[not self.mono]


def begins_as_mpeg(data: bytes) -> bool:
    """Whether it is MP3: two frames of the same form in a row, after an ID3 tag or none."""
    first = _frame(data, _after_tag(data))
    if first is None:
        return False
    second = _frame(data, first.end)
    return second is not None and second.form == first.form


def open_mpeg(data: bytes) -> Framed:
    """An MP3 file by its frames, but for the one that only says what the others are."""
    at = start = _after_tag(data)
    left, main, used = [data[:start]], bytearray(), list[tuple[int, int]]()
    frames, held_s, size = list[bytes](), 0.0, 0
    for frame in _frames(data, start):
        left.append(data[at : frame.at])
        at = frame.end
        whole = data[frame.main : frame.end]
        if whole.startswith(_TAGS):
            left.append(whole)
            continue
        back, bits = _claims(data, frame)
        begins = len(main) - back
        used.append((max(0, begins), begins + -(-bits // 8)))
        main += whole
        frames.append(data[frame.at : frame.end])
        size = _SAMPLES[frame.mpeg_1]
        held_s += size / frame.rate_hz
    left += [data[at:], _unused(bytes(main), used)]
    playable = _count_told(frames) + b"".join(frames)
    return Framed(playable, b"".join(left), held_s, _LEAD, size)


def _count_told(frames: list[bytes]) -> bytes:
    """A frame that says how many follow: a decoder guesses it where their sizes differ."""
    if not frames:
        return b""
    # Without a sum of its own, and wide enough at any rate (112 or 64 kbit/s).
    head = int.from_bytes(frames[0][:_HEAD]) & ~(0xF << 12) | 8 << 12 | 1 << 16
    frame = _frame(head.to_bytes(_HEAD), 0)
    assert frame is not None
    told = _TAGS[0] + (1).to_bytes(4) + len(frames).to_bytes(4)
    return (head.to_bytes(_HEAD) + bytes(frame.main - _HEAD) + told).ljust(frame.end, b"\0")


def end_of_sound(sound: Samples, rate_hz: int, frame: int) -> int:
    """Where the sound ends that an encoder filled up to whole frames of so many samples.

    Where it falls steeply among those that may be filling; else at the end. `sound`: mono.
    """
    step = max(1, round(_EDGE_S * rate_hz))
    first = max(step, len(sound) - _LEAST_FILLED - frame)
    power = np.concatenate(([0.0], np.cumsum(sound.astype(np.float64) ** 2)))
    places = np.arange(first, len(sound) - _LEAST_FILLED // 2)
    if not len(places):
        return len(sound)
    after = power[np.minimum(places + step, len(sound))] - power[places]
    after /= np.minimum(places + step, len(sound)) - places
    before = (power[places] - power[places - step]) / step
    falls = before / (after + _NOTHING)
    best = int(np.argmax(falls))
    return int(places[best]) if falls[best] >= _STEEP else len(sound)


def _unused(main: bytes, used: list[tuple[int, int]]) -> bytes:
    """What of the main data no frame claims, or two do."""
    left, at = list[bytes](), 0
    for begins, ends in used:
        left.append(main[at:begins])
        at = max(at, min(ends, len(main)))
    return b"".join((*left, main[at:]))


def _frames(data: bytes, start: int) -> Iterator[_Frame]:
    """The frames of the stream; what stands between them is passed over.

    After anything else only two in a row are believed: any bytes may look like one.
    """
    at, form, over = start, None, start
    while (at := data.find(b"\xff", at)) >= 0:
        frame = _frame(data, at)
        if frame is None or frame.end > len(data) or form not in (None, frame.form):
            at += 1
            continue
        if at != over and _frame(data, frame.end) is None:
            at += 1
            continue
        form, at, over = frame.form, frame.end, frame.end
        yield frame


def _frame(data: bytes, at: int) -> _Frame | None:
    """The frame at `at`; None where none begins there."""
    head = int.from_bytes(data[at : at + _HEAD]) if at + _HEAD <= len(data) else 0
    version, layer = head >> 19 & 0b11, head >> 17 & 0b11
    rate, kbits = head >> 10 & 0b11, head >> 12 & 0x0F
    if head >> 21 != 0x7FF or version == 0b01 or layer != _LAYER_3:
        return None
    if rate == 0b11 or kbits in (0, 0x0F):
        return None
    is_1 = version == _MPEG_1
    rate_hz = _RATES_HZ[version][rate]
    size = (144 if is_1 else 72) * 1000 * (_KBITS_1 if is_1 else _KBITS_2)[kbits] // rate_hz
    size += head >> 9 & 1
    mono, summed = head >> 6 & 0b11 == _MONO, not head >> 16 & 1
    return _Frame(at, at + size, is_1, mono, summed, (version, rate), rate_hz)


def _claims(data: bytes, frame: _Frame) -> tuple[int, int]:
    """How many bytes before a frame its sound begins, and how many bits it takes."""
    side = data[frame.side : frame.main]
    bits, width = int.from_bytes(side), 8 * len(side)

    def field(first: int, count: int) -> int:
        return bits >> max(0, width - first - count) & ((1 << count) - 1)

    channels = 1 if frame.mono else 2
    if frame.mpeg_1:
        begins, first, granules, step = field(0, 9), (18 if frame.mono else 20), 2, 59
    else:
        begins, first, granules, step = field(0, 8), (9 if frame.mono else 10), 1, 63
    total = sum(field(first + n * step, 12) for n in range(granules * channels))
    return begins, total


def _after_tag(data: bytes) -> int:
    """Where what follows an ID3 tag begins; 0 where there is none."""
    if not data.startswith(_ID3) or len(data) < _ID3_HEAD:
        return 0
    size = 0
    for byte in data[6:_ID3_HEAD]:
        size = size << 7 | byte & 0x7F
    return min(len(data), _ID3_HEAD + size)
