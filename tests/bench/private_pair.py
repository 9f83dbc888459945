"""Two sound interfaces of real parts with two clocks: loudspeakers on one, microphones on another.

Both are null sinks of a private PulseAudio server. What the first plays comes to the second by a
process that makes it last a little longer or shorter: as many samples more or less as a clock takes
that runs faster or slower, whatever the two sinks' own clocks do.
Usage as that process: python -m tests.bench.private_pair PPM
"""

import os
import queue
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from harness.bench.drivers.pulse_server import BLOCK, CHANNELS, RATE_HZ, raise_priority
from tests.bench.private_interface import private_interface

MICROPHONES = "mic_card"
_MAP = "front-left,front-right,rear-left,rear-right,front-center,lfe,side-left,side-right"
_DEVICES = """
pcm.mic_card {{ type asym
  capture.pcm {{ type pulse server "unix:{socket}" device "mics.monitor" }}
  hint {{ show on description "The interface of the microphones" }} }}
pcm.air_to_mics {{ type asym
  playback.pcm {{ type pulse server "unix:{socket}" device "mics" }}
  capture.pcm {{ type pulse server "unix:{socket}" device "air.monitor" }}
  hint {{ show on description "What carries sound from one to the other" }} }}
"""
# So much waits between both: more than both streams buffer, else some is missing now and then.
_AHEAD = 38_400
_PRIORITY = 56


@contextmanager
def private_pair(folder: Path, ppm: float) -> Iterator[Mapping[str, str]]:
    """The environment in which PortAudio finds both; microphones' clock faster by `ppm`."""
    with private_interface(folder) as (server, environment):
        sink = ("sink_name=mics", "norewinds=1", "format=float32le", f"rate={RATE_HZ}")
        made = server.pactl(
            "load-module", "module-null-sink", *sink, f"channels={CHANNELS}", f"channel_map={_MAP}"
        )
        assert made is not None
        file = Path(environment["ALSA_CONFIG_PATH"])
        file.write_text(file.read_text() + _DEVICES.format(socket=server.files.socket))
        carrier = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.private_pair", str(ppm)],
            env=dict(environment),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert carrier.stdout is not None and carrier.stdout.readline() == "ready\n"
            yield environment
        finally:
            carrier.kill()
            carrier.wait()
            carrier.stdout.close()


class _Carrier:
    """Takes what the one plays and hands it to the other, at another rate."""

    def __init__(self, ppm: float) -> None:
        self._rate = soxr.ResampleStream(
            RATE_HZ, RATE_HZ * (1 + ppm * 1e-6), CHANNELS, dtype="float32"
        )
        self._waiting: queue.SimpleQueue[NDArray[np.float32]] = queue.SimpleQueue()
        self._left = np.zeros((_AHEAD, CHANNELS), np.float32)

    def hear(self, data: NDArray[np.float32], _frames: int, _when: Any, _flags: Any) -> None:
        self._waiting.put(self._rate.resample_chunk(data))

    def out(self, data: NDArray[np.float32], frames: int, _when: Any, _flags: Any) -> None:
        parts = [self._left]
        while not self._waiting.empty():
            parts.append(self._waiting.get())
        whole = np.concatenate(parts)
        data[:] = 0.0
        data[: len(whole[:frames])] = whole[:frames]
        self._left = whole[frames:]


def main() -> None:
    """Carry sound until killed."""
    import sounddevice as sd

    raise_priority(os.getpid(), _PRIORITY)
    carrier = _Carrier(float(sys.argv[1]))
    common = {
        "device": "air_to_mics",
        "samplerate": RATE_HZ,
        "blocksize": BLOCK,
        "channels": CHANNELS,
        "latency": 0.2,
        "dtype": "float32",
    }
    with (
        sd.InputStream(callback=carrier.hear, **common),
        sd.OutputStream(callback=carrier.out, **common),
    ):
        raise_priority(os.getpid(), _PRIORITY, all_threads=True)
        print("ready", flush=True)
        while True:
            sd.sleep(1000)


if __name__ == "__main__":
    main()
