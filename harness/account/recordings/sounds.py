"""Recordings of any make, brought to the telephone band at 8 kHz; whatever is not right is refused.

What is read here comes from a maker's archive and may be anything.
"""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import soundfile
import soxr

from harness.ears.band import RATE_HZ, REACH, Samples, band
from harness.errors import UserError

LONGEST_S = 600.0
_USUAL_HZ = 16_000
_RATES_HZ = (4_000, 192_000)
_CHANNELS = 8
_BLOCK_S = 30.0
_FFMPEG_S = 60.0
_MP4 = b"ftyp"


def read_sound(path: Path) -> Samples:
    """A whole recording, its channels mixed. `UserError` where it is none, or longer than any
    recording of a request (`LONGEST_S`).
    """
    if path.stat().st_size == 0:
        raise UserError("it has 0 bytes")
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == _MP4:
        return _brought_down(_by_ffmpeg(path), _USUAL_HZ)
    try:
        with soundfile.SoundFile(path) as sound:
            return _brought_down(_mixed(sound), sound.samplerate)
    except (soundfile.LibsndfileError, RuntimeError, ValueError, MemoryError) as error:
        said = str(error).replace(str(path), "the file")
        raise UserError(f"it is no sound that can be read ({said})") from error


def read_part(path: Path, start: int, count: int) -> Samples:
    """Samples `start` to `start + count` at 8 kHz of a recording of the bench, silence outside.

    `OSError` or `RuntimeError` where it cannot be read.
    """
    with soundfile.SoundFile(path) as sound:
        step = sound.samplerate // RATE_HZ
        first, last = (start - REACH) * step, (start + count + REACH) * step
        part = np.zeros(last - first, dtype=np.float32)
        lies, ends = max(0, first), min(sound.frames, last)
        if ends > lies:
            sound.seek(lies)
            read = sound.read(ends - lies, dtype="float32", always_2d=True).sum(axis=1)
            part[lies - first : lies - first + len(read)] = read
    return band(part, step * RATE_HZ)[REACH : REACH + count]


def _mixed(sound: soundfile.SoundFile) -> Samples:
    """All of it as one channel; the header is not believed about its length."""
    low, high = _RATES_HZ
    if not low <= sound.samplerate <= high or not 1 <= sound.channels <= _CHANNELS:
        raise UserError(f"{sound.channels} channels at {sound.samplerate} Hz are no recording")
    block, count, blocks = int(_BLOCK_S * sound.samplerate), 0, []
    while count % block == 0:
        read = sound.read(block, dtype="float32", always_2d=True)
        if not len(read):
            break
        blocks.append(np.asarray(read.mean(axis=1), dtype=np.float32))
        count += len(read)
        if count > LONGEST_S * sound.samplerate:
            raise _too_long()
    if not count:
        raise UserError("it holds no sound")
    return _finite(np.concatenate(blocks))


def _by_ffmpeg(path: Path) -> Samples:
    """What libsndfile does not read; by a program that is told to open nothing but this file."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise UserError("M4A needs the program ffmpeg: install it and check again")
    command = [program, "-nostdin", "-v", "error", "-protocol_whitelist", "file,pipe"]
    command += ["-f", "mov", "-i", f"file:{path}", "-map", "0:a:0", "-t", str(LONGEST_S + 1)]
    command += ["-ac", "1", "-ar", str(_USUAL_HZ), "-f", "f32le", "pipe:1"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_FFMPEG_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise UserError("ffmpeg did not end with it in a minute") from error
    sound = np.frombuffer(done.stdout[: len(done.stdout) // 4 * 4], dtype="<f4")
    if done.returncode or not len(sound):
        raise UserError("it is no sound that ffmpeg can read")
    if len(sound) > LONGEST_S * _USUAL_HZ:
        raise _too_long()
    return _finite(sound.astype(np.float32))


def _brought_down(sound: Samples, rate_hz: int) -> Samples:
    if rate_hz % RATE_HZ:
        sound = np.asarray(soxr.resample(sound, rate_hz, _USUAL_HZ), dtype=np.float32)
        rate_hz = _USUAL_HZ
    return band(sound, rate_hz)


def _finite(sound: Samples) -> Samples:
    if not np.isfinite(sound).all():
        raise UserError("it holds samples that are no numbers")
    return sound


def _too_long() -> UserError:
    return UserError(f"it is longer than {LONGEST_S / 60:.0f} minutes: no recording of a request")
