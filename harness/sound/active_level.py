"""Active speech level: ITU-T P.56 (12/2011), method B.

How loud speech is while it is spoken: its energy, over the time in which an envelope of it, held
for 0.2 s, is over a threshold 15.9 dB below that level. P.56 tries a ladder of thresholds and
interpolates between two of them; here every value of the envelope is a rung, so that nothing is
left to interpolate and the result follows a gain exactly. The envelope is taken from means over a
millisecond, a thirtieth of the time it is smoothed over.

It is also told when speech was active, and nothing is returned for what has no active level.
"""

from dataclasses import dataclass

import numpy as np
import scipy

from harness.sound.blocks import BLOCKS_HZ, Flags, Values, by_blocks

_SMOOTHING_S = 0.03
_HOLD = round(0.2 * BLOCKS_HZ)
_MARGIN_DB = 15.9
# What follows is taken to be silence, so that it makes no difference how much of it was handed in.
_AFTER_S = 0.4
_DELAY = round(2 * _SMOOTHING_S * BLOCKS_HZ)  # of both smoothers


@dataclass(frozen=True, slots=True)
class ActiveLevel:
    """`level_db`: active speech level, dB re full scale (an rms of 1.0 is 0 dB).

    `active_s`: for how long speech was active, hang-over and all (s). `spoken`: for each whole
    millisecond of what was measured, whether something was said: no hang-over, pauses of up to
    0.2 s bridged, give or take 0.05 s at both ends.
    """

    level_db: float
    active_s: float
    spoken: Flags


def active_level(speech: Values, rate_hz: int) -> ActiveLevel | None:
    """Measure speech that is free of other sound; `rate_hz` in whole kHz.

    None where there is nothing to measure: silence, less than a millisecond, no threshold that P.56
    would take (a single click), or speech that only begins at the very end.
    """
    magnitude = by_blocks(np.abs(speech), rate_hz)
    energy = float(np.sum(by_blocks(np.square(speech), rate_hz)))
    if energy <= 0.0:
        return None
    held = _held(_envelope(magnitude))
    rungs = np.sort(held)
    active_blocks = len(rungs) - np.arange(len(rungs))
    power = energy / active_blocks
    fits = power <= np.square(rungs) * 10 ** (_MARGIN_DB / 10)
    rung = int(np.argmax(fits))
    spoken = _bridged(held)[: len(magnitude)] >= rungs[rung]
    if not fits[rung] or not spoken.any():
        return None
    return ActiveLevel(
        level_db=10 * float(np.log10(power[rung])),
        active_s=int(active_blocks[rung]) / BLOCKS_HZ,
        spoken=spoken,
    )


def _envelope(magnitude: Values) -> Values:
    """Smoothed exponentially, twice."""
    keep = np.exp(-1 / (_SMOOTHING_S * BLOCKS_HZ))
    padded = np.concatenate((magnitude, np.zeros(round(_AFTER_S * BLOCKS_HZ))))
    smooth: Values = scipy.signal.lfilter([(1 - keep) ** 2], [1.0, -2 * keep, keep**2], padded)
    return smooth


def _held(envelope: Values) -> Values:
    """The greatest value of the hang-over before each: over a threshold exactly as long as P.56."""
    held: Values = scipy.ndimage.maximum_filter1d(
        envelope, _HOLD + 1, mode="constant", cval=0.0, origin=_HOLD // 2
    )
    return held


def _bridged(held: Values) -> Values:
    """The envelope with pauses filled, and its delay taken back; no hang-over at its end."""
    filled: Values = scipy.ndimage.minimum_filter1d(
        held, _HOLD + 1, mode="constant", cval=0.0, origin=-(_HOLD // 2)
    )
    return filled[_DELAY:]
