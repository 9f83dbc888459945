"""Loudspeakers and microphones of a virtual bench, through PortAudio (`sounddevice`).

Every channel of the bench is recorded, the pilot's with them: it proves that not a sample is
missing.
"""

import socket
from pathlib import Path

from harness.bench.drivers import pulse_server as air
from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.drivers.worker_sound import WorkerSound
from harness.clock import Clock


class SoundDeviceSound(WorkerSound):
    """Four loudspeakers and two microphones on one sample clock.

    `link`: a datagram socket on the device's link, with the host and port to send to, for the
    shared event.
    """

    def __init__(
        self,
        folder: Path,
        files: air.PulseFiles,
        positions: tuple[str, ...],
        clock: Clock,
        link: tuple[socket.socket, str, int] | None = None,
    ) -> None:
        channel = {name: column for column, name in enumerate(positions)} | {
            "device_loudspeaker": air.DEVICE_SPEAKER,
            "pilot": air.PILOT,
            "listener": air.LISTENER_MIC,
            "device": air.DEVICE_MIC,
        }
        to = [] if link is None else [str(link[0].fileno()), link[1], str(link[2])]

        def worker(page: Path) -> WorkerProcess:
            return WorkerProcess(
                "sound worker",
                "harness.bench.drivers.sound_worker",
                [str(page), *to],
                {"ALSA_CONFIG_PATH": str(files.bench_alsa)},
                folder / "sound_worker.log",
                [] if link is None else [link[0].fileno()],
            )

        super().__init__(folder, clock, positions, channel, worker, "its sound server hangs")
