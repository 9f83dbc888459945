"""A sound calibrator on a microphone: how loud full scale is (IEC 60942, 1 kHz at 94 or 114 dB)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.float32]
Values = NDArray[np.float64]

_PITCH_HZ, _PITCH_OFF_HZ = 1000.0, 20.0
_LEAST_S = 2.0
_STEADY_DB = 0.2
_PURE_DB = -26.0  # 5 % of everything else
_CLIPPED = 0.99
_PIECE_S = 0.25


class CalibratorError(ValueError):
    """What was recorded is not the tone of a calibrator; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class FullScale:
    """`db_spl`: level (dB SPL) of a sound whose rms is full scale 1.0. `pitch_hz`: of the tone.

    `spread_db`: between the loudest and the softest quarter second. `rest_db`: everything but the
    tone, against the tone.
    """

    db_spl: float
    pitch_hz: float
    spread_db: float
    rest_db: float


def full_scale(recording: Samples, rate_hz: int, tone_db_spl: float = 94.0) -> FullScale:
    """What a calibrator's tone on the microphone says of its full scale.

    `recording`: 2 s or more of nothing but the tone. Raises `CalibratorError`.
    """
    if len(recording) < _LEAST_S * rate_hz:
        raise CalibratorError(
            f"less than {_LEAST_S:g} s were recorded; leave the calibrator on longer"
        )
    sound = recording.astype(np.float64)
    if np.abs(sound).max() >= _CLIPPED:
        raise CalibratorError(
            "the tone is clipped: turn the microphone's gain down, then begin again"
        )
    power = float(np.mean(np.square(sound)))
    if power <= 0:
        raise CalibratorError("digital silence: is the microphone connected, and not muted?")
    pitch_hz, tone = _tone(sound, rate_hz)
    rest_db = 10 * np.log10(max(power - tone, 1e-15) / tone)
    if abs(pitch_hz - _PITCH_HZ) > _PITCH_OFF_HZ:
        raise CalibratorError(
            f"the loudest tone is at {pitch_hz:.0f} Hz and not at {_PITCH_HZ:.0f}: is the "
            "calibrator switched on, and pushed home on the microphone?"
        )
    if rest_db > _PURE_DB:
        raise CalibratorError(
            f"everything else is only {-rest_db:.0f} dB below the tone: push the calibrator home, "
            "and keep the room quiet"
        )
    levels = _levels_db(sound, rate_hz)
    spread_db = float(levels.max() - levels.min())
    if spread_db > _STEADY_DB:
        raise CalibratorError(
            f"the tone's level moves by {spread_db:.1f} dB: is its battery low, or does it slip? "
            "An automatic gain on the input does the same: switch it off"
        )
    return FullScale(tone_db_spl - 10 * np.log10(tone), pitch_hz, spread_db, float(rest_db))


def _tone(sound: Values, rate_hz: int) -> tuple[float, float]:
    """Pitch (Hz) and power of the strongest partial."""
    window = np.hanning(len(sound))
    power = np.abs(np.fft.rfft(sound * window)) ** 2
    at = int(power[1:].argmax()) + 1
    near = slice(max(0, at - 4), at + 5)
    bins = np.arange(len(power))[near]
    pitch_hz = float(np.sum(bins * power[near]) / np.sum(power[near])) * rate_hz / len(sound)
    share = float(np.sum(power[near]))
    return pitch_hz, 2 * share / (len(sound) * float(np.sum(window**2)))


def _levels_db(sound: Values, rate_hz: int) -> Values:
    size = round(_PIECE_S * rate_hz)
    pieces = sound[: len(sound) // size * size].reshape(-1, size)
    levels: Values = 10 * np.log10(np.mean(np.square(pieces), axis=1))
    return levels
