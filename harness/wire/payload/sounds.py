"""Bytes into sound: every reading of them that could be meant, likeliest first.

A media type is a claim: the reference device itself says `audio/L16`, which is big-endian, and
sends little-endian, as many do. So bytes are read by what they begin with, else as plain samples in
the forms that are in use; which of the readings is the right one, the microphone decides.
"""

import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import soundfile

from harness.wire.payload import program
from harness.wire.payload.body import parameter
from harness.wire.payload.files import (
    Framed,
    begins_as_file,
    end_of_sound,
    framed,
    start_of_sound,
)

Samples = npt.NDArray[np.float32]

SHORTEST_S = 0.25
"""Shorter sound is not told from other sound, nor taken for any."""
LONGEST_S = 1800.0
"""Of a file with more sound, no more is read."""
_RATES_HZ = (16_000, 48_000, 8_000, 24_000, 44_100, 22_050, 32_000)
_MAGIC = (b"RIFF", b"RIFX", b"FORM", b"caff", b"ID3")
_WIDTHS = {"PCM_S8": 1, "PCM_U8": 1, "ULAW": 1, "ALAW": 1, "PCM_24": 3, "PCM_32": 4, "FLOAT": 4,
           "DOUBLE": 8}  # fmt: skip
"""Bytes of a sample, where they are not two."""
_HEAD_BYTES = 1024
_PCM_FORMS = ("<i2", ">i2")
_CODED_8 = {"audio/pcmu": "ULAW", "audio/basic": "ULAW", "audio/pcma": "ALAW"}
_TELEPHONE_HZ = 8_000
_TEXT = bytes(range(0x20, 0x7F)) + b"\r\n\t"
_LEAST_KINDS_OF_BYTES = 24


@dataclass(frozen=True, slots=True)
class Sound:
    """A reading: mono, full scale 1.0. `what`: the form it was read as, in words.

    Of several channels one follows the other. `taken`: how many of the bytes it may have been made
    of, at most; what a file holds beside its sound is not among them.
    """

    samples: Samples
    rate_hz: int
    what: str
    taken: int

    @property
    def length_s(self) -> float:
        """How long it is, in seconds."""
        return len(self.samples) / self.rate_hz


def has_head(data: bytes) -> bool:
    """Whether it is a sound file, which can be read from its beginning only."""
    return data.startswith(_MAGIC) or begins_as_file(data)


def unreadable(data: bytes, kind: str) -> str:
    """What is missing here that would be needed to read it; empty where nothing is known to be."""
    if program.is_there():
        return ""
    frames = framed(data)
    is_g722 = kind.partition(";")[0].strip().lower() == "audio/g722"
    return program.NEEDED if is_g722 or (frames is not None and frames.form) else ""


def is_text(data: bytes) -> bool:
    """Whether there is nothing but printable ASCII in it, so that no plain samples are."""
    return not data.translate(None, _TEXT)


def candidates(data: bytes, kind: str) -> Iterator[Sound]:
    """Readings of `data`, which is claimed to be of a media type; none where it holds no sound.

    Whatever cannot be decoded gives none: that it is unread is for the caller to say.
    """
    if has_head(data):
        found = _decoded(data)
        if found is not None:
            yield found
        return
    if is_text(data[: 1 << 20]):
        return
    yield from _telephone(data, kind)
    yield from _plain(data, kind)


def _telephone(data: bytes, kind: str) -> Iterator[Sound]:
    """What is claimed to be of the forms of telephony, a byte a sample (G.711) or two (G.722).

    The forms are taken for each other: only the microphone tells which one it is.
    """
    claimed = kind.partition(";")[0].strip().lower()
    if claimed not in (*_CODED_8, "audio/g722"):
        return
    rate = parameter(kind, "rate")
    rate_hz = int(rate) if rate.isdigit() and 4_000 <= int(rate) <= 384_000 else _TELEPHONE_HZ
    for form in dict.fromkeys((_CODED_8.get(claimed, "ULAW"), "ULAW", "ALAW")):
        some = data[: int(LONGEST_S * rate_hz)]
        samples, _ = soundfile.read(
            io.BytesIO(some),
            dtype="float32",
            samplerate=rate_hz,
            channels=1,
            format="RAW",
            subtype=form,
        )
        sound = _sane(Sound(samples, rate_hz, f"{form.lower()} {rate_hz} Hz", len(some)))
        if sound is not None:
            yield sound
    decoded = program.decoded(data, "g722")
    if decoded is not None:
        taken = min(len(data), len(decoded.sound) // 2 + 1)
        sound = _sane(Sound(_in_a_row(decoded.sound), decoded.rate_hz, "g722", taken))
        if sound is not None:
            yield sound


def _decoded(data: bytes) -> Sound | None:
    """A file that libsndfile knows: WAV, FLAC, Ogg with Opus or Vorbis, AIFF, CAF, MP3; or one of
    AAC, by a program.
    """
    frames = framed(data)
    if frames is not None and frames.form:
        found = program.decoded(frames.playable, frames.form)
        if found is None:
            return None
        return _of_frames(found.sound, found.rate_hz, frames.form, frames, len(data))
    try:
        with soundfile.SoundFile(io.BytesIO(data if frames is None else frames.playable)) as file:
            rate = int(file.samplerate)
            if not 4_000 <= rate <= 384_000 or file.channels > 16:
                return None
            sound = _read(file, int(LONGEST_S * rate))
            what = f"{file.format} {file.subtype}".lower()
            plain, spare = _plain_bytes(file, len(sound)), _below_16_bits(file, len(sound))
    except (soundfile.LibsndfileError, RuntimeError, ValueError, TypeError, OverflowError):
        return None
    if frames is not None:
        return _of_frames(sound, rate, what, frames, len(data), spare)
    taken = max(0, min(plain, len(data)) - spare)
    return _sane(Sound(_in_a_row(sound), rate, what, taken)) if len(sound) else None


def _of_frames(
    sound: Samples, rate_hz: int, what: str, frames: Framed, size: int, spare: int = 0
) -> Sound | None:
    """The sound of a file of `size` bytes by its frames; `sound`: its channels in columns.

    `spare`: bytes of its frames that are not the sound's.
    """
    taken = max(0, frames.taken(size, len(sound) / rate_hz) - spare)
    sound = _without_filling(sound, rate_hz, frames)
    return _sane(Sound(_in_a_row(sound), rate_hz, what, taken)) if len(sound) else None


def _read(file: soundfile.SoundFile, most: int) -> Samples:
    """The channels (columns) of a file, `most` samples of each at most."""
    # By blocks: a head may promise more than any memory holds.
    blocks, left = [np.zeros((0, int(file.channels)), np.float32)], most
    for block in file.blocks(min(most, 10 * int(file.samplerate)), dtype="float32", always_2d=True):
        blocks.append(block[:left].copy())
        left -= len(blocks[-1])
        if left <= 0:
            break
    return np.concatenate(blocks)


def _plain_bytes(file: soundfile.SoundFile, frames: int) -> int:
    """How many bytes a file's sound is at most, without frames of its own: as plain samples."""
    return _HEAD_BYTES + frames * int(file.channels) * _WIDTHS.get(str(file.subtype), 2)


def _below_16_bits(file: soundfile.SoundFile, frames: int) -> int:
    """To how many bytes that packs what samples of 24 and 32 bits hold beyond 16.

    No microphone for speech needs it, and it can be anything: half of a file of 32 bits.
    """
    if str(file.subtype) not in ("PCM_24", "PCM_32"):
        return 0
    file.seek(0)
    blocks = file.blocks(10 * int(file.samplerate), dtype="int32", frames=frames, always_2d=True)
    low = ((block & 0xFFFF).astype("<u2").tobytes() for block in blocks)
    return sum(len(zlib.compress(each, 1)) for each in low)


def _without_filling(sound: Samples, rate_hz: int, frames: Framed) -> Samples:
    """What was put in, without what the codec put before and behind it."""
    if not frames.frame:
        return sound
    mono = sound.mean(axis=1, dtype=np.float32)
    if not frames.rate_hz:
        return sound[frames.lead : end_of_sound(mono, rate_hz, frames.frame)]
    # Half of what it decodes to may be made up (SBR); its frames are as much longer then.
    frame = frames.frame * max(1, round(rate_hz / frames.rate_hz))
    return sound[start_of_sound(mono, frame) : end_of_sound(mono, rate_hz, frame)]


def _in_a_row(channels: Samples) -> Samples:
    """Channels (columns) one after the other, so that each is looked for; one where all are alike.

    What the second microphone of an array heard, or what is hidden there, is as much sent.
    """
    if (channels == channels[:, :1]).all():
        return channels[:, 0]
    return channels.T.reshape(-1)


def _plain(data: bytes, kind: str) -> Iterator[Sound]:
    """Samples without a head: 16 bits, of either order, at the claimed rate or another one."""
    if len(set(data[:65_536])) < _LEAST_KINDS_OF_BYTES:
        return  # too uniform for sound that could be told from any other
    claimed = parameter(kind, "rate")
    first = (int(claimed),) if claimed.isdigit() and 4_000 <= int(claimed) <= 384_000 else ()
    channels = parameter(kind, "channels")
    count = int(channels) if channels.isdigit() and 1 <= int(channels) <= 16 else 1
    for rate in dict.fromkeys((*first, *_RATES_HZ)):
        for form in _PCM_FORMS:
            most = min(len(data) // (2 * count), int(LONGEST_S * rate)) * count
            pcm = np.frombuffer(data, form, count=most).reshape(-1, count)
            samples = _in_a_row(pcm.astype(np.float32) / np.float32(32768))
            sound = _sane(Sound(samples, rate, f"s16 {form[0]} {rate} Hz", 2 * most + 1))
            if sound is not None:
                yield sound


def _sane(sound: Sound) -> Sound | None:
    """The sound, unless it is too short or holds what is no number."""
    if sound.length_s < SHORTEST_S or not np.isfinite(sound.samples).all():
        return None
    return sound
