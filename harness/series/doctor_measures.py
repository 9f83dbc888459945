"""What the doctor measures of a rig besides the controls of a play: each on a line of its own."""

import os
import tempfile
from pathlib import Path

import numpy as np

from harness.bench.faults.machine import starved_processor
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.clock import Clock
from harness.errors import RigError
from harness.model.timeline import Control
from harness.series.doctor_relay import relay_heard
from harness.stage.controls import CLOSING
from harness.stage.proofs import hear_played
from harness.stage.session import Take

RIG = "rig"
_MOVED_MS = 1.0
_FLOOR_DB = -40.0
_FRAME_S, _LEAST_S = 0.1, 1.0
_SILENCE = 1e-20
_QUIETEST = 10  # per cent of the frames: what is exceeded nine tenths of the time
_SPEED_MB_S = 10.0


def measured(take: Take) -> list[Control]:
    """Latency, noise floor, light and relay, as the round of controls showed them."""
    if take.stopped_by is not None:  # why, stands on a line of its own
        return []
    return [_latency(take), _noise_floor(take), *_light(take), relay_heard(take)]


def _latency(take: Take) -> Control:
    """How long sound takes to the listener, and by how much that moved between both rounds."""
    rate_hz = take.rig.microphone.rate_hz
    closing = [proof for proof in take.proofs if proof.phase == CLOSING]
    late = {
        chirp.position: 1e3 * hear_played(take.rig, chirp, take.delay(chirp.position)).late_s
        for proof in closing
        for chirp in proof.chirps
    }
    moved_ms = max(late.values(), key=abs, default=0.0)
    held = bool(late) and abs(moved_ms) <= _MOVED_MS
    ways = ", ".join(
        f"{1e3 * delay / rate_hz:.1f} ms from {name}" for name, delay in take.delays.items()
    )
    detail = f"sound takes {ways} to the listener; at the end that had moved by {moved_ms:+.2f} ms"
    if not held:
        detail += ": sound was lost, or a clock moved"
    return Control(RIG, "latency", held, round(abs(moved_ms), 3), _MOVED_MS, "ms", detail)


def _noise_floor(take: Take) -> Control:
    microphone = take.rig.microphone
    start, end = microphone.started_at(), microphone.heard_until()
    floors = {
        name: floor_db(microphone.read(name, start, end - start), microphone.rate_hz)
        for name in ("listener", "device")
        if name in microphone.channels
    }
    worst_db = max(floors.values())
    held = worst_db <= _FLOOR_DB
    told = ", ".join(f"{db:.0f} dB at the {name}" for name, db in floors.items())
    detail = f"exceeded nine tenths of the time, re full scale: {told}"
    if not held:
        detail += "; find what hums or hisses, or turn the microphone's gain down"
    return Control(RIG, "noise_floor", held, round(worst_db, 1), _FLOOR_DB, "dB", detail)


def floor_db(sound: Samples, rate_hz: int) -> float:
    """The level that is exceeded nine tenths of the time (L90, of 0.1 s each), dB re full scale.

    Raises `RigError` for less than a second of sound.
    """
    size = round(_FRAME_S * rate_hz)
    if len(sound) < _LEAST_S * rate_hz:
        raise RigError("too little was recorded to tell the noise floor; run it again")
    frames = sound[: len(sound) // size * size].reshape(-1, size).astype(np.float64)
    power = np.mean(np.square(frames - frames.mean(axis=1, keepdims=True)), axis=1)
    return float(10 * np.log10(np.percentile(power, _QUIETEST) + _SILENCE))


def _light(take: Take) -> list[Control]:
    """Whether the device's light was seen to change when it was asked; not without a panel."""
    asked = [proof for proof in take.proofs if proof.awake is not None]
    if take.rig.panel is None or not asked:
        return []
    times = [event.unix_s for event in take.rig.panel.events()]
    unseen = [p for p in asked if not any(p.from_unix_s <= at <= p.until_unix_s for at in times)]
    detail = (
        "the device answered and no change of its light was seen: is the sensor on the light, and "
        "has it learnt it (docs/controller.md)?"
        if unseen
        else "the device's light changed when it was asked"
    )
    return [Control(RIG, "light_seen", not unseen, float(len(unseen)), 0.0, "rounds", detail)]


def disk_speed(folder: Path, clock: Clock, megabytes: int = 64) -> Control:
    """How fast evidence can be written to `folder`, which is there (MB/s, on the disk).

    `megabytes`: how much is written to know it.
    """
    block = os.urandom(1_000_000)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".sayso-speed-") as file:
            began_s = clock.monotonic_s()
            for _ in range(megabytes):
                file.write(block)
            file.flush()
            os.fsync(file.fileno())
            took_s = max(clock.monotonic_s() - began_s, 1e-6)
    except OSError as error:
        detail = f"nothing can be written to {folder}: {error.strerror}; free it, or name another"
        return Control(RIG, "disk_speed", False, None, _SPEED_MB_S, "MB/s", detail)
    speed = megabytes / took_s
    held = speed >= _SPEED_MB_S
    detail = f"writing evidence to {folder}" + (
        "" if held else ": too slow for sound and packets at once; name a folder on another disk"
    )
    return Control(RIG, "disk_speed", held, round(speed, 0), _SPEED_MB_S, "MB/s", detail)


def drops_under_load(rig: Rig, seconds: float, folder: Path) -> Control:
    """What is lost of a recording in `folder` while six programs a core do nothing but compute."""
    rig.microphone.record(folder / "under-load.f32")
    try:
        with starved_processor():
            rig.clock.wait_s(seconds)
        rig.raise_trouble()
        losses = rig.microphone.losses()
    finally:
        rig.microphone.stop_recording()
    held = not losses
    detail = f"nothing was lost in {seconds:g} s with a busy processor"
    if losses:
        detail = (
            f"in {seconds:g} s with a busy processor, first at sample {losses[0].index}: "
            f"{losses[0].what}; give this user real-time priority, or more `latency_s`"
        )
    return Control(RIG, "drops_under_load", held, float(len(losses)), 0.0, "losses", detail)
