"""Was a line heard? The clip that was played, looked for at the microphone."""

from dataclasses import dataclass

import numpy as np
import scipy.signal

from harness.ears.spotter import RATE_HZ, Samples, band, template

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


def hear_clip(clip: Samples, recording: Samples, rate_hz: int, path: Samples | None) -> Heard:
    """Look for `clip` in `recording`, which begins `_SEARCH_S` before the clip is expected.

    `path`: impulse response from loudspeaker to microphone where it is known. The level comes from
    projecting the recording on the clip as it should sound (least squares).
    """
    wanted = template("line", clip, rate_hz, path).samples
    rough = _best(wanted, band(recording, rate_hz), range(2 * int(_SEARCH_S * RATE_HZ) + 1))
    # A line rarely begins on a sample at 8 kHz: try every sample of the recording around there.
    near = range(max(0, rough.at - 1), rough.at + 2)
    found = [(rough, 0)]
    for skip in range(1, rate_hz // RATE_HZ):
        found.append((_best(wanted, band(recording[skip:], rate_hz), near), skip))
    best, skipped = max(found, key=lambda f: f[0].score)
    return _heard(best, best.at / RATE_HZ + skipped / rate_hz, _as_heard(clip, path))


def hear_ultrasound(clip: Samples, recording: Samples, rate_hz: int, path: Samples | None) -> Heard:
    """The same for a clip that no person hears: above 16 kHz, at the recording's own rate.

    Nothing is heard where the rate leaves no room for it.
    """
    if rate_hz <= 2 * _INAUDIBLE_HZ:
        return _NOT_HEARD
    high = scipy.signal.butter(6, _INAUDIBLE_HZ, "highpass", fs=rate_hz, output="sos")
    sound = _as_heard(clip, path)
    wanted = scipy.signal.sosfilt(high, sound).astype(np.float32)
    heard = scipy.signal.sosfilt(high, recording).astype(np.float32)
    best = _best(wanted, heard, range(2 * lead_samples(rate_hz) + 1))
    return _heard(best, best.at / rate_hz, sound)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a clip fits best: its first sample in the search, how well, how much louder it is."""

    at: int
    score: float
    gain: float


def _best(wanted: Samples, heard: Samples, places: range) -> _Place:
    """The best of some places; one that scores nothing where there is no room for the clip."""
    count = min(len(places), len(heard) - len(wanted) - places.start + 1)
    if count < 1 or not len(wanted):
        return _Place(0, 0.0, 0.0)
    part = heard[places.start : places.start + count - 1 + len(wanted)]
    products = np.abs(scipy.signal.correlate(part, wanted, "valid"))
    energy = np.concatenate(([0.0], np.cumsum(np.square(part, dtype=np.float64))))
    norms = np.sqrt(np.maximum(energy[len(wanted) :] - energy[: -len(wanted)], 0.0))
    norm = float(np.linalg.norm(wanted)) + 1e-12
    scores = products / (norm * norms + 1e-9)
    at = int(np.argmax(scores))
    if scores[at] <= 0.0:
        return _Place(0, 0.0, 0.0)
    return _Place(places.start + at, float(scores[at]), float(products[at]) / norm**2)


def lead_samples(rate_hz: int) -> int:
    """How many samples before the expected start the recording given to `hear_clip` begins."""
    return int(_SEARCH_S * rate_hz)


def _as_heard(clip: Samples, path: Samples | None) -> Samples:
    """The clip as it should sound at the microphone."""
    if path is None:
        return clip
    sound: Samples = scipy.signal.oaconvolve(clip, path)[: len(clip)]
    return sound


def _heard(best: _Place, at_s: float, sound: Samples) -> Heard:
    """What a place says of a clip that should sound like `sound`; `at_s` into the recording."""
    if best.score <= 0.0:
        return _NOT_HEARD
    power = float(np.mean(np.square(sound, dtype=np.float64)))
    level_db = 20 * np.log10(best.gain + 1e-12) + 10 * np.log10(power + 1e-20)
    return Heard(best.score, at_s - _SEARCH_S, float(level_db))
