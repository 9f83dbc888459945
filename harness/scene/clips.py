"""A clip of sound: reading it, and bringing raw speech into the form that every clip has.

All speech of the corpus has one *active level*, the power over the time in which somebody
speaks (ITU-T P.56, method B), so that the `level_db` of a scene means the same for every line.
"""

from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from harness.errors import CorpusError
from harness.sound.active_level import active_level

Samples = NDArray[np.float32]

CLIP_RATE_HZ = 48_000
ACTIVE_LEVEL_DBFS = -26.0
END_SILENCE_S = 0.03
PEAK_LIMIT = 0.98

_FADE_S = 0.005
_SILENCE_BELOW_ACTIVE_DB = 40.0
_FRAME_S = 0.005


def read_clip(path: Path, rate_hz: int) -> Samples:
    """The mono samples of a sound file (full scale 1.0), resampled to `rate_hz`.

    Raises `CorpusError` for what cannot be read, is empty, has more than one channel, or holds
    something that is not a number.
    """
    try:
        samples, found_hz = soundfile.read(path, dtype="float32", always_2d=True)
    except (OSError, RuntimeError) as error:
        raise CorpusError(
            f"{path}: cannot be read as sound ({error}); give a WAV or FLAC file that opens in a "
            "player, or render the line with `sayso corpus build`"
        ) from error
    if samples.shape[1] != 1:
        raise CorpusError(
            f"{path}: has {samples.shape[1]} channels, a clip has one; make it mono with "
            f"`sox {path.name} mono.wav remix 1` (first channel) or `remix -` (all mixed)"
        )
    if samples.shape[0] == 0:
        raise CorpusError(f"{path}: holds no samples; record or render it again")
    if not np.isfinite(samples).all():
        raise CorpusError(f"{path}: holds samples that are not numbers; export it again as PCM")
    return resampled(samples[:, 0], found_hz, rate_hz)


def resampled(samples: Samples, from_hz: int, to_hz: int) -> Samples:
    """The samples at another rate; the same ones where the rates are equal."""
    if from_hz == to_hz:
        return samples
    return np.asarray(soxr.resample(samples, from_hz, to_hz, quality="VHQ"), np.float32)


def active_level_dbfs(samples: Samples, rate_hz: int) -> float:
    """Active speech level in dB re full scale (a full-scale square wave is 0); -inf for silence.

    ITU-T P.56, method B; the plain power of what is too short or too faint to have an active level.
    `rate_hz` in whole kHz.
    """
    level = active_level(samples.astype(np.float64), rate_hz)
    if level is not None:
        return level.level_db
    power = float(np.mean(samples.astype(np.float64) ** 2)) if samples.size else 0.0
    return 10.0 * float(np.log10(power)) if power > 0.0 else float("-inf")


def finished_speech(raw: Samples, rate_hz: int) -> Samples:
    """Raw speech as a clip: `CLIP_RATE_HZ`, ends trimmed and faded, at the active level."""
    speech = trimmed(resampled(raw, rate_hz, CLIP_RATE_HZ), CLIP_RATE_HZ)
    gain_db = ACTIVE_LEVEL_DBFS - active_level_dbfs(speech, CLIP_RATE_HZ)
    speech = np.asarray(speech * 10.0 ** (gain_db / 20.0), np.float32)
    peak = float(np.max(np.abs(speech)))
    if peak > PEAK_LIMIT:
        raise CorpusError(
            f"speech at {ACTIVE_LEVEL_DBFS} dBFS active level would clip (peak {peak:.2f}); "
            "choose another voice for the line"
        )
    return faded(speech, CLIP_RATE_HZ)


def finished_sound(raw: Samples, rate_hz: int) -> Samples:
    """A background sound as a clip: `CLIP_RATE_HZ`, with the power of speech; ends as they are,
    since it loops.
    """
    sound = resampled(raw, rate_hz, CLIP_RATE_HZ)
    power = float(np.mean(sound.astype(np.float64) ** 2))
    if power <= 0.0:
        raise CorpusError("only digital silence was rendered; check the sound's recipe")
    return np.asarray(sound * 10.0 ** (ACTIVE_LEVEL_DBFS / 20.0) / np.sqrt(power), np.float32)


def trimmed(samples: Samples, rate_hz: int) -> Samples:
    """Without the silence at both ends but for `END_SILENCE_S`.

    Silence is what lies 40 dB under the active level. Raises `CorpusError` for silence only.
    """
    level_db = active_level_dbfs(samples, rate_hz)
    if not np.isfinite(level_db):
        raise CorpusError("only digital silence was rendered; choose another text or voice")
    first, last = sounding_span(samples, rate_hz, level_db - _SILENCE_BELOW_ACTIVE_DB)
    pad = round(END_SILENCE_S * rate_hz)
    start, stop = max(0, first - pad), min(samples.size, last + pad)
    lead, tail = max(0, pad - first), max(0, last + pad - samples.size)
    return np.pad(samples[start:stop], (lead, tail))


def sounding_span(samples: Samples, rate_hz: int, floor_dbfs: float) -> tuple[int, int]:
    """First index, and one past the last, of the frames louder than `floor_dbfs`."""
    frame = max(1, round(_FRAME_S * rate_hz))
    whole = np.pad(samples.astype(np.float64), (0, -samples.size % frame)).reshape(-1, frame)
    power_db = 10.0 * np.log10(np.mean(whole**2, axis=1) + 1e-20)
    loud = np.flatnonzero(power_db > floor_dbfs)
    if not loud.size:
        return 0, samples.size
    return int(loud[0]) * frame, min(samples.size, (int(loud[-1]) + 1) * frame)


def faded(samples: Samples, rate_hz: int) -> Samples:
    """With both ends ramped over 5 ms, so that no clip begins or ends with a click."""
    count = min(round(_FADE_S * rate_hz), samples.size // 2)
    out = samples.copy()
    if count:
        ramp = np.linspace(0.0, 1.0, count, dtype=np.float32)
        out[:count] *= ramp
        out[-count:] *= ramp[::-1]
    return out


def write_clip(path: Path, samples: Samples) -> None:
    """Write a mono 16-bit FLAC at `CLIP_RATE_HZ`; without dither, so that it repeats."""
    pcm = np.round(samples.astype(np.float64) * 32767.0).astype(np.int16)
    soundfile.write(path, pcm, CLIP_RATE_HZ, format="FLAC", subtype="PCM_16", compression_level=1.0)
