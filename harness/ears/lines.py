"""Was a line heard? The clip that was played, looked for at the microphone."""

from dataclasses import dataclass

import numpy as np
from scipy.signal import oaconvolve

from harness.ears.spotter import RATE_HZ, Samples, band, template

_SEARCH_S = 0.03


@dataclass(frozen=True, slots=True)
class Heard:
    """`score`: correlation coefficient (0..1). `late_s`: how much later than expected (s).

    `level_db`: level of the line itself at the microphone, dB re full scale; -inf when not heard.
    """

    score: float
    late_s: float
    level_db: float


def hear_clip(clip: Samples, recording: Samples, rate_hz: int, path: Samples | None) -> Heard:
    """Look for `clip` in `recording`, which begins `_SEARCH_S` before the clip is expected.

    `path`: impulse response from loudspeaker to microphone where it is known. The level comes from
    projecting the recording on the clip as it should sound (least squares).
    """
    wanted = template("line", clip, rate_hz, path).samples
    heard = band(recording, rate_hz)
    places = min(2 * int(_SEARCH_S * RATE_HZ), len(heard) - len(wanted)) + 1
    if places < 1 or not len(wanted):
        return Heard(0.0, 0.0, float("-inf"))
    norm = float(np.linalg.norm(wanted))
    scores = np.zeros(places)
    for at in range(places):
        piece = heard[at : at + len(wanted)]
        level = norm * float(np.linalg.norm(piece)) + 1e-9
        scores[at] = abs(float(np.dot(piece, wanted))) / level
    best = int(np.argmax(scores))
    gain = abs(float(np.dot(heard[best : best + len(wanted)], wanted))) / (norm**2 + 1e-12)
    power = _power(clip, rate_hz, path)
    level_db = 20 * np.log10(gain + 1e-12) + 10 * np.log10(power + 1e-20)
    return Heard(float(scores[best]), best / RATE_HZ - _SEARCH_S, float(level_db))


def lead_samples(rate_hz: int) -> int:
    """How many samples before the expected start the recording given to `hear_clip` begins."""
    return int(_SEARCH_S * rate_hz)


def _power(clip: Samples, rate_hz: int, path: Samples | None) -> float:
    sound = clip if path is None else oaconvolve(clip, path)[: len(clip)]
    return float(np.mean(np.square(sound, dtype=np.float64)))
