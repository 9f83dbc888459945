"""What came of the controls: read from the recording and the capture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.bench.rig import Rig
from harness.ears.band import band
from harness.ears.lines import Heard, as_heard, hear_clip, hear_ultrasound, lead_samples
from harness.ears.spotter import SpotLimits, spot, template
from harness.errors import RigError
from harness.sound.level import level_db
from harness.stage.schedule import Played

_LONGEST_DELAY_S = 1.2
# A chirp has nothing to be taken for; its score is 0.4 at least.
_CHIRP_LIMITS = SpotLimits(weight=0.155, gain=float("-inf"), unsure=float("inf"))


def find_delays(rig: Rig, chirps: Sequence[Played]) -> dict[str, int]:
    """Samples from each loudspeaker to the listener, from the chirps of the opening controls.

    Raises `RigError` naming the loudspeaker that was not heard.
    """
    delays = {}
    for chirp in chirps:
        delay = _delay(rig, chirp)
        if delay is None:
            raise RigError(
                f"the loudspeaker at {chirp.position} was not heard at the listener's microphone; "
                "check that it is on and turned up, and that the microphone is (sayso doctor)"
            )
        delays[chirp.position] = delay
    return delays


def _delay(rig: Rig, chirp: Played) -> int | None:
    rate = rig.microphone.rate_hz
    count = len(chirp.samples) + int(_LONGEST_DELAY_S * rate)
    count = min(count, rig.microphone.heard_until() - chirp.at_index)
    heard = rig.microphone.read("listener", chirp.at_index, count)
    wanted = template("chirp", chirp.samples, rate, rig.path(chirp.position, "listener"))
    found = spot(band(heard, rate), [wanted], _CHIRP_LIMITS)
    if not found:
        return None
    best = max(found, key=lambda f: f.score)
    return round(best.start_s * rate)


def hear_played(rig: Rig, played: Played, delay: int, *, inaudible: bool = False) -> Heard:
    """Look for a played sound at the listener's microphone, `delay` samples after it went out.

    `inaudible`: it is one that no person hears.
    """
    rate = rig.microphone.rate_hz
    lead = lead_samples(rate)
    start = played.at_index + delay - lead
    count = len(played.samples) + 2 * lead
    count = min(count, rig.microphone.heard_until() - start)
    if count <= 2 * lead:
        return Heard(0.0, 0.0, float("-inf"))
    heard = rig.microphone.read("listener", start, count)
    hear = hear_ultrasound if inaudible else hear_clip
    return hear(played.samples, heard, rate, rig.path(played.position, "listener"))


def expected_level_db(rig: Rig, played: Played) -> float | None:
    """The level a sound should have at the listener, dB re full scale; None where unknown."""
    path = rig.path(played.position, "listener")
    if path is None:
        return None
    return level_db(as_heard(played.samples, path))


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """Audio time minus packet time of each click that was seen on both, in milliseconds."""

    differences_ms: tuple[float, ...]

    @property
    def median_ms(self) -> float | None:
        """The middle one; None when there is none."""
        return float(np.median(self.differences_ms)) if self.differences_ms else None

    @property
    def worst_ms(self) -> float | None:
        """The one furthest from zero; None when there is none."""
        return max(self.differences_ms, key=abs) if self.differences_ms else None
