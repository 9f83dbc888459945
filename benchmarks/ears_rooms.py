"""Recordings whose truth is known: what played, how it sounded, what the device said, the noise.

Made of the committed corpus in the room of the virtual rig, with another reverberation time, clock
drift and loudspeaker distortion. For the tests and figures of `harness.ears`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy.signal
import soxr

from audio_corpus.prompts.air import distorted, drifted
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import load_rig
from harness.bench.room_paths import DEVICE, Paths, room_paths
from harness.ears.cancel import RATE_HZ, Doubt, cancel
from harness.ears.cancel import Paths as Calibrated
from harness.ears.cancel.stretches import STRETCH
from harness.scene.clips import read_clip

_PROJECT = Path(__file__).resolve().parents[1]
_CLIPS = _PROJECT / "audio_corpus" / "clips"
_PAUSE_S = 0.3
_FRAME = 2_048
_TINY = 1e-20


@dataclass(frozen=True, slots=True)
class Room:
    """What a recording is made in. `drift_ppm`: how much faster the loudspeakers' clock runs than
    the microphone's. `distortion`: harmonics of a sine at the stimulus' peak, as a share.
    `delay_s`: of the sound system. `noise_db`: at the microphone, dB re full scale.
    """

    t60_s: float = 0.5
    drift_ppm: float = 0.0
    distortion: float = 0.0
    delay_s: float = 0.2
    noise_db: float = -70.0
    microphone: str = "listener"
    rate_hz: int = 16_000


@dataclass(frozen=True, slots=True)
class Truth:
    """A recording, and what it is the sum of; `references` are what was played, dry."""

    recording: Samples
    references: Mapping[str, Samples]
    stimulus: Samples
    device: Samples
    noise: Samples


@lru_cache(maxsize=8)
def talk(voice: str, seconds: float, rate_hz: int = 16_000) -> Samples:
    """A voice of the corpus, saying all its lines one after the other, over again if need be."""
    pause = np.zeros(round(_PAUSE_S * rate_hz), dtype=np.float32)
    clips = sorted(_CLIPS.glob(f"kokoro-{voice}-*.flac"))
    said = np.concatenate([part for clip in clips for part in (read_clip(clip, rate_hz), pause)])
    found: Samples = np.resize(said, round(seconds * rate_hz)).astype(np.float32)
    found.flags.writeable = False
    return found


@lru_cache(maxsize=8)
def paths_of(t60_s: float, rate_hz: int) -> Paths:
    """The paths of the virtual rig's kitchen, at another reverberation time."""
    file = load_rig(_PROJECT / "rigs" / "virtual.yaml")
    assert file.room is not None
    return room_paths(replace(file, room=file.room.model_copy(update={"t60_s": t60_s})), rate_hz)


def record(
    references: Mapping[str, Samples], room: Room, device: Samples | None = None, seed: int = 0
) -> Truth:
    """What a microphone records while loudspeakers play and the device speaks.

    `device`: its dry speech, as long as the references; levels are those at 1 m.
    """
    paths, rate = paths_of(room.t60_s, room.rate_hz), room.rate_hz
    count = len(next(iter(references.values())))
    stimulus = np.zeros(count, dtype=np.float64)
    for position, samples in references.items():
        bent = distorted(samples, room.distortion)
        stimulus += scipy.signal.oaconvolve(bent, paths[position, room.microphone])[:count]
    stimulus = np.concatenate((np.zeros(round(room.delay_s * rate)), stimulus))
    stimulus = drifted(stimulus, room.drift_ppm, rate)
    stimulus = np.pad(stimulus, (0, max(0, count - len(stimulus))))[:count]
    said = np.zeros(count) if device is None else device
    heard = scipy.signal.oaconvolve(said, paths[DEVICE, room.microphone])[:count]
    rng = np.random.default_rng(seed)
    noise = rng.standard_normal(count) * 10 ** (room.noise_db / 20)
    parts = [part.astype(np.float32) for part in (stimulus, heard, noise)]
    return Truth(sum(parts[1:], parts[0]), references, *parts)


def now_and_then(
    samples: Samples, rate_hz: int, on_s: float = 2.0, every_s: float = 5.0
) -> Samples:
    """Sound for `on_s` at the end of every `every_s`, else silence."""
    at_s = np.arange(len(samples)) / rate_hz % every_s
    found: Samples = np.where(at_s >= every_s - on_s, samples, 0.0).astype(np.float32)
    return found


def cancellations_db(truth: Truth, residual: Samples, stretch: int) -> list[float]:
    """Stimulus against what is left of it, in each stretch of samples that has any."""
    left = residual - truth.device - truth.noise
    out = []
    for at in range(0, len(left) - stretch + 1, stretch):
        part = slice(at, at + stretch)
        if _power(truth.stimulus[part]) > 1e-8:
            ratio = _power(truth.stimulus[part]) / (_power(left[part]) + _TINY)
            out.append(10 * float(np.log10(ratio)))
    return out


def speech_loss_db(truth: Truth, residual: Samples) -> float:
    """How much of the device's speech was cancelled too: what is left of it, by least squares."""
    kept, whole = 0.0, 0.0
    for at in range(0, len(residual) - _FRAME + 1, _FRAME):
        said = truth.device[at : at + _FRAME].astype(np.float64)
        kept += float(np.dot(said, residual[at : at + _FRAME] - truth.noise[at : at + _FRAME]))
        whole += float(np.dot(said, said))
    return -20 * float(np.log10(max(kept, _TINY) / whole)) if whole > 0 else 0.0


@dataclass(frozen=True, slots=True)
class Subtracted:
    """What subtraction made of a recording. `cancelled_db`: true cancellation of each stretch that
    had stimulus. `times_real_time`: by the processor time of this process. `doubts`: each that was
    named, once for each stretch.
    """

    cancelled_db: tuple[float, ...]
    speech_loss_db: float
    times_real_time: float
    doubts: tuple[Doubt, ...]


def subtracted(truth: Truth, room: Room, paths: Calibrated | None = None) -> Subtracted:
    """Take the stimulus out of a recording and compare with the truth, at 16 kHz."""
    started_s = time.process_time()
    found = cancel(
        truth.recording, truth.references, room.rate_hz, paths, one_clock=room.drift_ppm == 0
    )
    took_s = time.process_time() - started_s
    low = _at_16_khz(truth, room.rate_hz)
    return Subtracted(
        tuple(cancellations_db(low, found.residual, STRETCH)),
        speech_loss_db(low, found.residual),
        len(truth.recording) / room.rate_hz / took_s,
        tuple(doubt for stretch in found.stretches for doubt in stretch.doubts),
    )


def _at_16_khz(truth: Truth, rate_hz: int) -> Truth:
    def low(samples: Samples) -> Samples:
        found: Samples = soxr.resample(samples, rate_hz, RATE_HZ, quality="VHQ")
        return found

    parts = (low(truth.stimulus), low(truth.device), low(truth.noise))
    return Truth(low(truth.recording), truth.references, *parts)


def _power(samples: Samples) -> float:
    return float(np.mean(np.square(samples, dtype=np.float64))) if len(samples) else 0.0
