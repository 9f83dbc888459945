"""Whether the rig is still as it was calibrated: how old that is, and how the chirps sound now."""

from collections.abc import Mapping
from math import sqrt
from pathlib import Path

import numpy as np
import scipy

from harness.bench.calibration import MOST_OFF_DB, CalibrationText, load, load_paths
from harness.bench.ports.sound import Samples
from harness.errors import RigError
from harness.model.timeline import Control
from harness.stage.controls import OPENING
from harness.stage.session import Take

NAME = "calibration"
# What a chirp holds whole: it goes from 300 Hz to 6 kHz, softly at both ends.
_OCTAVES_HZ = (1000, 2000, 4000)
_WINDOW_S = 0.18
_HEARD_DB = 10.0
Paths = Mapping[tuple[str, str], Samples]
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def calibration_holds(take: Take) -> list[Control]:
    """The control of a rig that names a calibration, once anything was tried."""
    use = take.rig.file.calibration
    if use is None or not take.proofs or not take.proofs[0].chirps:
        return []
    try:
        kept, paths = load(Path(use.folder)), load_paths(Path(use.folder))
        age_days = kept.age_days(take.rig.clock.now_s())
        if not 0 <= age_days <= use.at_most_days:
            return [_too_old(kept, age_days, use.at_most_days)]
        return [_as_it_was(take, paths)]
    except RigError as error:
        return [Control(OPENING, NAME, False, None, None, "", str(error))]


def _too_old(kept: CalibrationText, age_days: float, most_days: float) -> Control:
    detail = f"the rig was calibrated on {kept.date}: calibrate it again (sayso calibrate RIG)"
    return Control(OPENING, NAME, False, round(age_days, 1), most_days, "days", detail)


def _as_it_was(take: Take, paths: Paths) -> Control:
    offs = _off(take, paths)
    worst_db, where = max(offs, key=lambda off: abs(off[0]))
    held = abs(worst_db) <= MOST_OFF_DB
    detail = (
        f"the loudspeakers sound as they were calibrated, within {abs(worst_db):.1f} dB"
        if held
        else f"not as it was calibrated: {worst_db:+.1f} dB at {where}. Has something moved, or "
        "was a level changed? Put it back, or calibrate again"
    )
    return Control(OPENING, NAME, held, round(worst_db, 2), MOST_OFF_DB, "dB", detail)


def _off(take: Take, paths: Paths) -> list[tuple[float, str]]:
    """By how much each octave of each chirp is louder than it should be (dB), and which it is.

    The chirps ring into each other, so each is held against what all of them together should be.
    """
    rig, chirps = take.rig, take.proofs[0].chirps
    rate_hz = rig.microphone.rate_hz
    first = max(chirps[0].at_index - rate_hz, rig.microphone.started_at())
    wanted = _expected(take, paths, first)
    heard = rig.microphone.read("listener", first, len(wanted))
    size = round(_WINDOW_S * rate_hz)
    quiet = chirps[0].at_index + take.delay(chirps[0].position) - first - 2 * size
    noise = _powers(heard[max(0, quiet) : quiet + size], rate_hz)
    found = list[tuple[float, str]]()
    for chirp in chirps:
        at = chirp.at_index + take.delay(chirp.position) - first
        meant = _powers(wanted[at : at + size], rate_hz)
        # What was there before the chirps is there under them too.
        was = np.maximum(_powers(heard[at : at + size], rate_hz) - noise, 1e-20)
        told = np.flatnonzero(meant > noise * 10 ** (_HEARD_DB / 10))
        if not len(told):
            raise RigError(
                f"the room is too loud to tell whether {chirp.position} sounds as it was "
                "calibrated: keep it quiet until the scene begins"
            )
        off_db = 10 * np.log10(was / np.maximum(meant, 1e-20))
        found += [(float(off_db[n]), f"{chirp.position}, {_OCTAVES_HZ[n]} Hz") for n in told]
    return found


def _expected(take: Take, paths: Paths, first: int) -> Samples:
    """All chirps at the listener through the calibrated paths, from index `first` on."""
    rate_hz, chirps = take.rig.microphone.rate_hz, take.proofs[0].chirps
    ends = [c.at_index + len(c.samples) + take.delay(c.position) for c in chirps]
    whole = np.zeros(max(ends) - first + round(_WINDOW_S * rate_hz), np.float32)
    for chirp in chirps:
        path = paths.get((chirp.position, "listener"))
        if path is None:
            raise RigError(
                f"the calibration knows no loudspeaker at {chirp.position}: calibrate the rig again"
            )
        at = chirp.at_index + take.delay(chirp.position) - first
        sound = scipy.signal.oaconvolve(chirp.samples, path)[: len(whole) - at]
        whole[at : at + len(sound)] += sound
    return whole


def _powers(sound: Samples, rate_hz: int) -> Values:
    power = np.abs(np.fft.rfft(sound.astype(np.float64))) ** 2
    hz = np.fft.rfftfreq(len(sound), 1 / rate_hz)
    bands = [power[(hz >= o / sqrt(2)) & (hz < o * sqrt(2))].sum() for o in _OCTAVES_HZ]
    return np.array(bands)
