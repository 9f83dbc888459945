"""The room of a virtual bench: a process that does to sound what walls and distance do."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers.pulse_server import MAX_LOUDSPEAKERS, PulseServer
from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.rigfile import RigFile
from harness.bench.room_paths import DEVICE, MICROPHONES, Paths

_LATENCY_S = 0.2


def open_room(
    file: RigFile,
    folder: Path,
    server: PulseServer,
    paths: Paths,
    latency_s: float = _LATENCY_S,
) -> WorkerProcess:
    """Start it on the bench's sound server; its files and its log go into `folder`.

    `latency_s`: how much each of its two streams buffers. It is up when `await_ready` returns.
    Whoever opens it calls `stop`.
    """
    responses = folder / "sound" / "paths.npy"
    np.save(responses, _by_channel(file, paths))
    assert file.room is not None
    square_law = 0.0 if file.device.microphone is None else file.device.microphone.square_law
    settings = (responses, file.room.noise_db, file.room.seed, square_law, latency_s)
    return WorkerProcess(
        "room",
        "harness.bench.drivers.room_worker",
        [str(each) for each in settings],
        {"ALSA_CONFIG_PATH": str(server.files.bench_alsa)},
        folder / "room.log",
    )


def _by_channel(file: RigFile, paths: Paths) -> NDArray[np.float32]:
    """(source channel, microphone, taps): the bench's loudspeaker channels, then the device.

    Channels that the rig file leaves out stay silent.
    """
    taps = len(next(iter(paths.values())))
    table = np.zeros((MAX_LOUDSPEAKERS + 1, len(MICROPHONES), taps), dtype=np.float32)
    for channel, source in [*enumerate(file.positions), (MAX_LOUDSPEAKERS, DEVICE)]:
        for which, microphone in enumerate(MICROPHONES):
            table[channel, which] = paths[source, microphone]
    return table
