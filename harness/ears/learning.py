"""Learning a prompt: from several recordings of it to the one that is kept on file.

Flows in: takes, as a microphone heard them in a quiet room, and the level of that room. Flows out:
the take that is most like the others, trimmed, and how far it can be trusted. What cannot be
trusted (noise, clipping, takes that are not alike) is refused by name.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from harness.bench.ports.sound import Samples
from harness.ears.audibility.speech_band import speech_band
from harness.errors import RigError
from harness.sound.active_level import active_level

Flags = NDArray[np.bool_]

FRAME_S = 0.01
_OVER_NOISE_DB = 10.0
# Quieter than that, what follows a prompt is its echo in the room.
_UNDER_SPEECH_DB = 35.0
_AROUND_S = 0.02
_LEAST_S = 0.1
_DIGITAL_SILENCE_DB = -150.0
_FLAT = 3


@dataclass(frozen=True, slots=True)
class Demands:
    """What takes must be to be learnt from.

    `snr_db`: active speech level over the noise of the room, in the band of speech. `likeness`:
    correlation (0..1) of the take that is kept with the others, on average.
    """

    snr_db: float = 20.0
    likeness: float = 0.9


@dataclass(frozen=True, slots=True)
class Learnt:
    """A prompt to be kept on file: `samples` at `rate_hz`, its ends trimmed.

    `takes`: how many there were, and which of them, from 0, this is (`which`). `likeness`: its
    correlation with the others on average, `least_alike` with the one that is least like it.
    `snr_db`: active speech level over the noise. `peak`: of the recording, full scale 1.0.
    """

    samples: Samples
    rate_hz: int
    takes: int
    which: int
    likeness: float
    least_alike: float
    snr_db: float
    peak: float

    @property
    def seconds(self) -> float:
        """How long it is."""
        return len(self.samples) / self.rate_hz


def noise_level_db(quiet: Samples, rate_hz: int) -> float:
    """Level of a quiet room in the band of speech, dB re full scale.

    `RigError` for digital silence: no working microphone delivers that.
    """
    power = float(np.mean(np.square(speech_band(quiet, rate_hz)))) if len(quiet) else 0.0
    level_db = 10 * float(np.log10(power)) if power > 0.0 else -np.inf
    if level_db < _DIGITAL_SILENCE_DB:
        raise RigError(
            "the microphone gives digital silence in a quiet room, where a working one hears at "
            "least its own noise; is it plugged in, and is this its channel?"
        )
    return level_db


def over_noise(recording: Samples, rate_hz: int, noise_db: float) -> Flags:
    """For each whole frame of `FRAME_S`, whether it is clearly louder than the quiet room."""
    return _frames_db(recording, rate_hz) > noise_db + _OVER_NOISE_DB


def learnt(
    name: str,
    takes: Sequence[Samples],
    rate_hz: int,
    noise_db: float,
    demands: Demands | None = None,
) -> Learnt:
    """The take of prompt `name` that is most like the others.

    Each of `takes` holds one saying of it and little else; two at least. `noise_db`: the room's
    level, from `noise_level_db`. Raises `RigError` for what must not be learnt from.
    """
    demands = demands or Demands()
    if len(takes) < 2:
        raise RigError(f"`{name}`: {len(takes)} take; two at least must be compared, best five")
    cut = [_trimmed(name, take, rate_hz, noise_db) for take in takes]
    alike = _likeness([speech_band(take, rate_hz) for take in cut])
    others = (alike.sum(axis=1) - 1.0) / (len(cut) - 1)
    which = int(np.argmax(others))
    kept = cut[which]
    found = Learnt(
        samples=kept,
        rate_hz=rate_hz,
        takes=len(cut),
        which=which,
        likeness=float(others[which]),
        least_alike=float(alike[which].min()),
        snr_db=_active_db(name, kept, rate_hz) - noise_db,
        peak=float(np.max(np.abs(kept))),
    )
    _check(name, found, takes[which], demands)
    return found


def _check(name: str, found: Learnt, take: Samples, demands: Demands) -> None:
    if is_clipped(take):
        raise RigError(
            f"`{name}`: the microphone clips (flat tops at {found.peak:.2f} of full scale); turn "
            "the device's volume or the microphone's gain down"
        )
    if found.snr_db < demands.snr_db:
        raise RigError(
            f"`{name}`: it is only {found.snr_db:.1f} dB over the noise of the room, "
            f"{demands.snr_db:g} dB are needed; make it quiet there, or the device louder"
        )
    if found.likeness < demands.likeness:
        raise RigError(
            f"`{name}`: its {found.takes} takes are not alike (correlation {found.likeness:.2f} on "
            f"average, {demands.likeness:g} needed). Does the device say something else each time, "
            "or does somebody talk? Listen to the takes, and make the list of what to say fit"
        )


def is_clipped(samples: Samples) -> bool:
    """Whether the loudest sound has flat tops: some samples in a row, all exactly at the peak."""
    magnitude = np.abs(samples)
    peak = float(magnitude.max(initial=0.0))
    at_peak = (magnitude == peak).astype(np.int8)
    runs = np.convolve(at_peak, np.ones(_FLAT, np.int8), "valid")
    return peak >= 0.1 and bool((runs == _FLAT).any())


def _trimmed(name: str, take: Samples, rate_hz: int, noise_db: float) -> Samples:
    floor_db = max(noise_db + _OVER_NOISE_DB, _active_db(name, take, rate_hz) - _UNDER_SPEECH_DB)
    loud = np.flatnonzero(_frames_db(take, rate_hz) > floor_db)
    frame, around = round(FRAME_S * rate_hz), round(_AROUND_S * rate_hz)
    if len(loud) * FRAME_S < _LEAST_S:
        raise _nothing(name)
    return take[max(0, int(loud[0]) * frame - around) : (int(loud[-1]) + 1) * frame + around]


def _active_db(name: str, take: Samples, rate_hz: int) -> float:
    level = active_level(speech_band(take, rate_hz), rate_hz)
    if level is None:
        raise _nothing(name)
    return level.level_db


def _nothing(name: str) -> RigError:
    return RigError(f"`{name}`: a take of it holds no speech; is the device loud enough to record?")


def _frames_db(recording: Samples, rate_hz: int) -> NDArray[np.float64]:
    frame = round(FRAME_S * rate_hz)
    count = len(recording) // frame
    power = np.square(speech_band(recording, rate_hz))[: count * frame].reshape(count, frame)
    levels: NDArray[np.float64] = 10 * np.log10(power.mean(axis=1) + 1e-20)
    return levels


def _likeness(takes: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """The greatest correlation coefficient of each with each, however they lie in time."""
    norms = [float(np.linalg.norm(take)) for take in takes]
    alike = np.eye(len(takes))
    for one in range(len(takes)):
        for other in range(one):
            product = float(scipy.signal.correlate(takes[one], takes[other]).max())
            alike[one, other] = alike[other, one] = product / (norms[one] * norms[other])
    return alike
