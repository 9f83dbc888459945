"""How a scene would sound at the listener's place, mixed without a bench and without a device."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import scipy
import soundfile

from harness.bench.ports.sound import Samples
from harness.bench.rigfile import RigFile
from harness.bench.room_paths import room_paths
from harness.errors import SceneError
from harness.model.script import Script
from harness.stage.clips import Cast
from harness.stage.rehearsal import Kind, Moment, length_s

_LISTENER = "listener"
_END_S = 1.0


def preview(
    script: Script, cast: Cast, moments: Sequence[Moment], file: RigFile, rate_hz: int
) -> Samples:
    """The scene as the listener's microphone would hear it, from its start to 1 s after its end.

    Through the room of the rig where the rig file describes one, else every loudspeaker alike.
    Where the device is expected to speak there is nothing. Full scale is 1.0.
    """
    count = round((length_s(moments) + _END_S) * rate_hz)
    by_place = {position: np.zeros(count, np.float32) for position in file.sound.loudspeakers}
    for moment in moments:
        if moment.kind is Kind.LINE:
            position = script.member(script.line(moment.id).who).position
            _lay(by_place[position], cast.lines[moment.id], round(moment.start_s * rate_hz))
    for which, sound in enumerate(script.background):
        looped = np.resize(cast.sounds[which], count)
        _lay(by_place[sound.position], looped, 0)
    return _heard(by_place, file, rate_hz)


def write_preview(samples: Samples, rate_hz: int, path: Path) -> None:
    """Write a preview as a 16-bit WAV file, as loud as it can be without clipping.

    Raises `SceneError` where it cannot be written.
    """
    peak = float(np.max(np.abs(samples), initial=0.0))
    try:
        soundfile.write(path, samples * (0.9 / peak) if peak else samples, rate_hz, "PCM_16")
    except (OSError, soundfile.LibsndfileError) as error:
        raise SceneError(f"{path} cannot be written ({error}); name another folder") from error


def _lay(track: Samples, sound: Samples, at: int) -> None:
    """Add a sound to a track from a sample on, as far as there is room."""
    room = min(len(sound), len(track) - at)
    if room > 0:
        track[at : at + room] += sound[:room]


def _heard(by_place: Mapping[str, Samples], file: RigFile, rate_hz: int) -> Samples:
    if file.room is None:
        return _summed(list(by_place.values()))
    paths = room_paths(file, rate_hz)
    heard = [
        scipy.signal.fftconvolve(track, paths[position, _LISTENER])[: len(track)]
        for position, track in by_place.items()
        if track.any()
    ]
    silence = np.zeros(len(next(iter(by_place.values()))), np.float32)
    return _summed([silence, *heard])


def _summed(tracks: Sequence[Samples]) -> Samples:
    mix: Samples = np.sum(tracks, axis=0).astype(np.float32)
    return mix
