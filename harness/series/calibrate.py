"""Measures a rig: a sweep from each loudspeaker to each microphone, the device switched off."""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import scipy

from harness.bench.calibration import CalibrationText, PairText
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.errors import RigError
from harness.scene.corpus import Corpus
from harness.sound.active_level import active_level
from harness.sound.calibrator import FullScale, full_scale
from harness.sound.decay import octave_levels_db, reverberation_s
from harness.sound.sweep import Response, Sweep, exponential_sweep, response
from harness.sound.weighting import a_weighted
from harness.stage.clips import control_request

MICROPHONES = ("listener", "device")
_LONGEST_S = 2.5
_BEFORE_S = 0.005
_POLL_S = 0.05
_TONE_S = 5.0
_HEARD_DB = -20.0
_MARGIN_S = 0.3


@dataclass(frozen=True, slots=True)
class Plan:
    """How to measure. `sweep_level_db`: rms, dB re full scale. `speech`: a line at the level that
    the rig plays lines at. `serials`: of what is used. `full_scale`: of calibrated microphones.
    """

    speech: Samples
    sweep_s: float = 4.0
    sweep_level_db: float = -20.0
    serials: Mapping[str, str] = field(default_factory=dict)
    full_scale: Mapping[str, FullScale] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Measured:
    """A calibration. `paths`: by (loudspeaker, microphone), from 5 ms before the peak."""

    calibration: CalibrationText
    paths: dict[tuple[str, str], Samples]


def measure(rig: Rig, plan: Plan, progress: Callable[[str], None]) -> Measured:
    """Measure every loudspeaker at every microphone.

    Raises `RigError` where sound was lost on the way, or a loudspeaker is not heard at all.
    """
    rate_hz = rig.microphone.rate_hz
    peak = float(10 ** (plan.sweep_level_db / 20) * np.sqrt(2))
    sweep = exponential_sweep(plan.sweep_s, rate_hz, peak)
    found = dict[tuple[str, str], Response]()
    with tempfile.TemporaryDirectory(prefix="sayso-calibrate-") as scratch:
        rig.microphone.record(Path(scratch) / "sweeps.f32")
        for position in rig.loudspeaker.positions:
            progress(f"a sweep from {position}")
            found |= _swept(rig, sweep, position)
        losses = rig.microphone.losses()
        rig.microphone.stop_recording()
    if losses:
        raise RigError(f"calibration: sound was lost ({losses[0].what}); measure again")
    pairs = tuple(_pair(key, each, plan) for key, each in found.items())
    calibration = CalibrationText(
        rig=rig.file.name,
        measured_unix_s=rig.clock.now_s(),
        rate_hz=rate_hz,
        serials=dict(plan.serials),
        sweep_s=plan.sweep_s,
        sweep_level_db=plan.sweep_level_db,
        full_scale_db_spl={name: each.db_spl for name, each in plan.full_scale.items()},
        pairs=pairs,
    )
    return Measured(calibration, {key: _cropped(each) for key, each in found.items()})


def control_line(rig: Rig) -> Samples:
    """The request of the rig's own control, as loud as the rig plays lines."""
    wake, question = control_request(rig.file, Corpus.load(), rig.microphone.rate_hz)
    return np.concatenate((wake, question))


def calibrator(rig: Rig, microphone: str, tone_db_spl: float) -> FullScale:
    """How loud full scale is at a microphone on which a calibrator sounds now."""
    count = round(_TONE_S * rig.microphone.rate_hz)
    with tempfile.TemporaryDirectory(prefix="sayso-calibrate-") as scratch:
        rig.microphone.record(Path(scratch) / "tone.f32")
        start = rig.microphone.heard_until()
        _await(rig, start + count)
        tone = rig.microphone.read(microphone, start, count)
        rig.microphone.stop_recording()
    return full_scale(tone, rig.microphone.rate_hz, tone_db_spl)


def _swept(rig: Rig, sweep: Sweep, position: str) -> dict[tuple[str, str], Response]:
    """A sweep from one place, as every microphone heard it."""
    rate_hz = rig.microphone.rate_hz
    at = max(rig.loudspeaker.earliest_index(), rig.microphone.heard_until())
    at += round(_MARGIN_S * rate_hz)
    if not rig.loudspeaker.play(position, sweep.samples, at):
        raise RigError(f"calibration: a sweep from {position} came too late; is the machine busy?")
    count = len(sweep.samples) + round(_LONGEST_S * rate_hz)
    _await(rig, at + count)
    found = dict[tuple[str, str], Response]()
    for microphone in (m for m in MICROPHONES if m in rig.microphone.channels):
        heard = rig.microphone.read(microphone, at, count)
        try:
            measured = response(sweep, heard, _LONGEST_S)
        except ValueError as error:
            raise RigError(f"calibration: {position} to {microphone}: {error}") from error
        if measured.noise_db > _HEARD_DB:
            raise RigError(
                f"calibration: the loudspeaker at {position} is not heard at the {microphone} "
                f"microphone (noise {measured.noise_db:.0f} dB re the path's peak): check that "
                "both are on and turned up, and that the room is quiet"
            )
        found[position, microphone] = measured
    return found


def _await(rig: Rig, index: int) -> None:
    while rig.microphone.heard_until() < index:
        rig.raise_trouble()
        rig.clock.wait_s(_POLL_S)


def _cropped(found: Response) -> Samples:
    start = max(0, int(np.abs(found.path).argmax()) - round(_BEFORE_S * found.rate_hz))
    return found.path[start:]


def _pair(key: tuple[str, str], found: Response, plan: Plan) -> PairText:
    path, rate_hz = _cropped(found), found.rate_hz
    peak = int(np.abs(found.path).argmax())
    scale = plan.full_scale.get(key[1])
    return PairText(
        loudspeaker=key[0],
        microphone=key[1],
        latency_s=peak / rate_hz,
        polarity=1 if found.path[peak] > 0 else -1,
        octaves_db=tuple(round(level, 2) for level in octave_levels_db(path, rate_hz)),
        t60_s=tuple(None if t is None else round(t, 3) for t in reverberation_s(path, rate_hz)),
        distortion=found.distortion,
        noise_db=round(found.noise_db, 1),
        speech_dba=None if scale is None else _speech_dba(path, rate_hz, plan.speech, scale),
    )


def _speech_dba(path: Samples, rate_hz: int, speech: Samples, scale: FullScale) -> float | None:
    """The active level (P.56) of A-weighted speech through a path."""
    weighted = a_weighted(scipy.signal.oaconvolve(speech, path), rate_hz)
    found = active_level(weighted, rate_hz)
    return None if found is None else round(found.level_db + scale.db_spl, 1)
