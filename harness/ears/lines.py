"""Was a line heard? The clip that was played, looked for at the microphone."""

from dataclasses import dataclass

import numpy as np
import scipy

from harness.ears.band import RATE_HZ, Samples, band
from harness.ears.fit import finest

_SEARCH_S = 0.03
_INAUDIBLE_HZ = 16_000


@dataclass(frozen=True, slots=True)
class Heard:
    """`score`: correlation coefficient (0..1). `late_s`: how much later than expected (s).

    `level_db`: level of the line itself at the microphone, dB re full scale; -inf when not heard.
    """

    score: float
    late_s: float
    level_db: float


_NOT_HEARD = Heard(0.0, 0.0, float("-inf"))


def as_heard(clip: Samples, path: Samples | None) -> Samples:
    """The clip as it should sound at the microphone, from when its beginning comes there.

    `path`: impulse response from loudspeaker to microphone, at the clip's rate; None where it is
    not known. What rings on after the clip's own length is left out.
    """
    if path is None:
        return clip
    direct = int(np.argmax(np.abs(path)))
    sound: Samples = scipy.signal.oaconvolve(clip, path[direct:])[: len(clip)]
    return sound.astype(np.float32)


def hear_clip(clip: Samples, recording: Samples, rate_hz: int, path: Samples | None) -> Heard:
    """Look for `clip` in `recording`, which begins `_SEARCH_S` before the clip is expected.

    `path`: impulse response from loudspeaker to microphone where it is known. The level comes from
    projecting the recording on the clip as it should sound (least squares).
    """
    sound = as_heard(clip, path)
    best = _best(band(sound, rate_hz), band(recording, rate_hz), 2 * int(_SEARCH_S * RATE_HZ) + 1)
    return _heard(best, best.at / RATE_HZ, sound)


def hear_ultrasound(clip: Samples, recording: Samples, rate_hz: int, path: Samples | None) -> Heard:
    """The same for a clip that no person hears: above 16 kHz, at the recording's own rate.

    Nothing is heard where the rate leaves no room for it.
    """
    if rate_hz <= 2 * _INAUDIBLE_HZ:
        return _NOT_HEARD
    high = scipy.signal.butter(6, _INAUDIBLE_HZ, "highpass", fs=rate_hz, output="sos")
    sound = as_heard(clip, path)
    wanted = scipy.signal.sosfilt(high, sound).astype(np.float32)
    heard = scipy.signal.sosfilt(high, recording).astype(np.float32)
    best = _best(wanted, heard, 2 * lead_samples(rate_hz) + 1)
    return _heard(best, best.at / rate_hz, sound)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a clip fits best: how many samples into the search, how well, how much louder it is."""

    at: float
    score: float
    gain: float


def _best(wanted: Samples, heard: Samples, places: int) -> _Place:
    """The best of the first places; one that scores nothing where there is no room for the clip."""
    count = min(places, len(heard) - len(wanted) + 1)
    if count < 1 or not len(wanted):
        return _Place(0.0, 0.0, 0.0)
    part = heard[: count - 1 + len(wanted)]
    products = scipy.signal.correlate(part, wanted, "valid")
    energy = np.concatenate(([0.0], np.cumsum(np.square(part, dtype=np.float64))))
    norms = np.sqrt(np.maximum(energy[len(wanted) :] - energy[: -len(wanted)], 0.0))
    norm = float(np.linalg.norm(wanted)) + 1e-12
    scores = np.abs(products) / (norm * norms + 1e-9)
    at = int(np.argmax(scores))
    if scores[at] <= 0.0:
        return _Place(0.0, 0.0, 0.0)
    # A clip rarely begins on a sample at 8 kHz.
    off, product = finest(products, at)
    score = min(1.0, abs(product) / (norm * float(norms[at]) + 1e-9))
    return _Place(at + off, score, abs(product) / norm**2)


def lead_samples(rate_hz: int) -> int:
    """How many samples before the expected start the recording given to `hear_clip` begins."""
    return int(_SEARCH_S * rate_hz)


def _heard(best: _Place, at_s: float, sound: Samples) -> Heard:
    """What a place says of a clip that should sound like `sound`; `at_s` into the recording."""
    if best.score <= 0.0:
        return _NOT_HEARD
    power = float(np.mean(np.square(sound, dtype=np.float64)))
    level_db = 20 * np.log10(best.gain + 1e-12) + 10 * np.log10(power + 1e-20)
    return Heard(best.score, at_s - _SEARCH_S, float(level_db))
