"""A tone as it is learnt from one recorded example; what is no tone is refused by name."""

from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.ears.tones.frames import BAND_HZ, QUICK, STEADY
from harness.ears.tones.shape import Shape, shape_of
from harness.errors import RigError

SHORTEST_S, LONGEST_S = 0.05, 2.0
_BLOCK_S = 0.004
_SILENCE = 1e-4
# What is so much softer than the loudest is no part of it any more, nor what is hardly over noise.
_UNDER_DB, _OVER_NOISE_DB = 26.0, 8.0
# A recording may be cut to the tone at one end; at the other so many blocks are without it.
_ENDS = 3
# Of a wave that is not cut off, few samples are as large as the largest, and hardly any in a row.
_CUT_OFF, _IN_A_ROW = 0.03, 3
# Lines hold most of a tone, and they are few: noise and speech spread.
_IN_LINES, _SPREAD_HZ = {STEADY: 0.75, QUICK: 0.7}, {STEADY: 170.0, QUICK: 450.0}


@dataclass(frozen=True)
class Tone:
    """A tone to be looked for. `key` says which; `seconds`: from its first sound to its last."""

    key: str
    seconds: float
    shape: Shape


def tone(key: str, example: Samples, rate_hz: int) -> Tone:
    """A tone from one recording of it and little else, at a multiple of 16 kHz.

    Raises `RigError` where it holds silence, noise or speech, is cut off, too short or too long.
    """
    first, end = sounding(key, example, rate_hz)
    sound = example[first:end]
    seconds = len(sound) / rate_hz
    if not SHORTEST_S <= seconds + _BLOCK_S <= LONGEST_S + 2 * _BLOCK_S:
        raise RigError(
            f"`{key}`: something sounds for {seconds:.2f} s in its recording; tones of "
            f"{SHORTEST_S:g} to {LONGEST_S:g} s can be learnt. Cut the recording to the tone"
        )
    _refuse_cut_off(key, sound)
    return Tone(key, seconds, _shape(key, sound, rate_hz))


def _shape(key: str, sound: Samples, rate_hz: int) -> Shape:
    try:
        shape = shape_of(sound, rate_hz)
    except ValueError:
        shape = None
    if shape is None or not _is_tone(shape):
        raise RigError(
            f"`{key}`: what its recording holds is noise or speech, and no tone. Record it where "
            "nothing else sounds; what is spoken needs no `kind`"
        )
    return shape


def _is_tone(shape: Shape) -> bool:
    scale = shape.scale
    return shape.in_lines >= _IN_LINES[scale] and shape.spread_hz <= _SPREAD_HZ[scale]


def sounding(key: str, example: Samples, rate_hz: int) -> tuple[int, int]:
    """From which sample to which it sounds; `RigError` where it is silent or no sound at all."""
    if not np.isfinite(example).all():
        raise RigError(f"`{key}`: its recording holds values that are no numbers; record it again")
    block = round(_BLOCK_S * rate_hz)
    if len(example) < 8 * block or float(np.abs(example).max()) < _SILENCE:
        raise RigError(
            f"`{key}`: its recording is silent; is the device loud enough, and the microphone on?"
        )
    band = scipy.signal.butter(4, BAND_HZ, "bandpass", fs=rate_hz, output="sos")
    clean = scipy.signal.sosfiltfilt(band, example)
    power = np.square(clean[: len(clean) // block * block]).reshape(-1, block).mean(axis=1)
    level: NDArray[np.float64] = 10 * np.log10(power + 1e-20)
    top = float(level.max())
    noise = min(float(level[:_ENDS].mean()), float(level[-_ENDS:].mean()))
    loud = np.flatnonzero(level >= max(top - _UNDER_DB, min(noise + _OVER_NOISE_DB, top)))
    return int(loud[0]) * block, (int(loud[-1]) + 1) * block


def _refuse_cut_off(key: str, sound: Samples) -> None:
    size = np.abs(sound)
    peak = float(size.max())
    flat = scipy.ndimage.binary_opening(size >= peak * (1 - 1e-5), np.ones(_IN_A_ROW))
    if float(np.mean(flat)) > _CUT_OFF:
        raise RigError(
            f"`{key}`: its recording is clipped (flat tops at {peak:.2f} of full scale); turn the "
            "device's volume or the microphone's gain down"
        )
