"""Learning a tone: one take is enough; of several, the one that finds the others best is kept."""

from collections.abc import Sequence

import numpy as np

from harness.bench.ports.sound import Samples
from harness.ears.audibility.speech_band import speech_band
from harness.ears.learning import Learnt
from harness.ears.tones.example import Tone, sounding, tone
from harness.ears.tones.spotter import ToneSpotter
from harness.errors import RigError
from harness.sound.level import level_db

_AROUND_S = 0.02
_SNR_DB = 20.0


def learnt_tone(name: str, takes: Sequence[Samples], rate_hz: int, noise_db: float) -> Learnt:
    """The take of tone `name` to be kept; each of `takes` holds it once, and little else.

    `noise_db`: level of the quiet room, from `noise_level_db`. `Learnt.likeness` is how well the
    take that is kept finds the others (0 to 1; 1 where it is the only one). Raises `RigError` for
    what must not be learnt from.
    """
    if not takes:
        raise RigError(f"`{name}`: no take of it was recorded")
    tones = [tone(name, take, rate_hz) for take in takes]
    alike = np.array([[_likeness(one, take, rate_hz) for take in takes] for one in tones])
    np.fill_diagonal(alike, 1.0)
    others = (alike.sum(axis=1) - 1.0) / max(1, len(takes) - 1) if len(takes) > 1 else np.ones(1)
    which = int(np.argmax(others))
    if others[which] <= 0.0:
        raise RigError(
            f"`{name}`: its {len(takes)} takes are not alike. Does the device sound another tone "
            "each time? Then give each a name of its own"
        )
    take = takes[which]
    first, end = sounding(name, take, rate_hz)
    around = round(_AROUND_S * rate_hz)
    snr_db = level_db(speech_band(take[first:end], rate_hz)) - noise_db
    if snr_db < _SNR_DB:
        raise RigError(
            f"`{name}`: it is only {snr_db:.1f} dB over the noise of the room, {_SNR_DB:g} dB are "
            "needed; make it quiet there, or the device louder"
        )
    kept = take[max(0, first - around) : end + around]
    return Learnt(
        samples=kept,
        rate_hz=rate_hz,
        takes=len(takes),
        which=which,
        likeness=float(others[which]),
        least_alike=float(alike[which].min()),
        snr_db=snr_db,
        peak=float(np.max(np.abs(kept))),
    )


def _likeness(one: Tone, take: Samples, rate_hz: int) -> float:
    return max((found.score for found in ToneSpotter([one]).spot(take, rate_hz)), default=0.0)
