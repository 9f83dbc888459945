"""The room as a process of its own: loudspeakers in, microphones out, block by block.

Reads the loudspeaker channels of the bench, convolves each with its path to each microphone
(uniformly partitioned overlap-save, Wefers 2015, ch. 5), adds the room's noise, bends what the
device's microphone hears (x + k x^2, k being SQUARE_LAW), and writes the microphone channels.
Usage: python -m harness.bench.drivers.room_worker PATHS.npy NOISE_DB SEED SQUARE_LAW LATENCY_S
LATENCY_S is that of each of its two streams: less brings sound sooner, and loses it sooner.
"""

import json
import os
import sys
import threading
from collections import deque

import numpy as np
import sounddevice as sd
from numpy.typing import NDArray

from harness.bench.drivers.pulse_server import BLOCK, CHANNELS, RATE_HZ, raise_priority

_PRIORITY = 57
_DEVICE = 1  # of the microphones, as `room_paths` orders them
# Sound that waits between the room's two streams: enough for one stream to be early when the other
# is late, and the room's whole contribution to the delay of the air.
_SLACK_SHARE = 0.6


class Convolver:
    """Streams sound through every path. `paths`: shape (sources, microphones, taps)."""

    def __init__(self, paths: NDArray[np.float32], block: int = BLOCK) -> None:
        sources, microphones, taps = paths.shape
        parts = -(-taps // block)
        padded = np.zeros((sources, microphones, parts * block), dtype=np.float32)
        padded[..., :taps] = paths
        split = padded.reshape(sources, microphones, parts, block)
        # (bins, microphones, parts * sources): one matrix product a bin does the whole sum.
        spectra = np.fft.rfft(split, 2 * block, axis=-1).astype(np.complex64)
        self._spectra = np.ascontiguousarray(
            spectra.transpose(3, 1, 2, 0).reshape(block + 1, microphones, parts * sources)
        )
        self._block, self._sources, self._parts = block, sources, parts
        self._history = np.zeros((block + 1, parts, sources), dtype=np.complex64)
        self._last = np.zeros((block, sources), dtype=np.float32)

    def step(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """One block, shape (block, sources), to the microphones: shape (block, microphones)."""
        window = np.concatenate((self._last, block))
        self._last = block
        self._history[:, 1:] = self._history[:, :-1].copy()
        self._history[:, 0] = np.fft.rfft(window, axis=0)
        flat = self._history.reshape(self._block + 1, self._parts * self._sources, 1)
        product = np.matmul(self._spectra, flat)[..., 0]
        return np.fft.irfft(product, axis=0)[self._block :].astype(np.float32)


class Room:
    """The two streams and what runs between them."""

    def __init__(
        self,
        paths: NDArray[np.float32],
        noise_db: float,
        seed: int,
        square_law: float,
        latency_s: float,
    ) -> None:
        self._slack_blocks = round(_SLACK_SHARE * latency_s * RATE_HZ / BLOCK)
        self._square_law = np.float32(square_law)
        self._sources = paths.shape[0]
        self._microphones = paths.shape[1]
        self._convolver = Convolver(paths)
        self._noise = np.random.default_rng(seed)
        self._noise_gain = np.float32(10 ** (noise_db / 20))
        self._ready: deque[NDArray[np.float32]] = deque()
        self._started = False
        self._debt = 0
        self.late = 0
        self.flags = 0

    def _hiss(self) -> NDArray[np.float32]:
        shape = (BLOCK, self._microphones)
        return self._noise.standard_normal(shape, dtype=np.float32) * self._noise_gain

    def hear(self, data: NDArray[np.float32], _n: int, _t: object, flags: object) -> None:
        """PortAudio's input callback."""
        self.flags += bool(flags)
        if not self._started:
            self._ready.extend(self._hiss() for _ in range(self._slack_blocks))
            self._started = True
        wet = self._convolver.step(data[:, : self._sources].copy()) + self._hiss()
        wet[:, _DEVICE] += self._square_law * wet[:, _DEVICE] ** 2
        if self._debt:  # silence went out in this block's place: it is stale, drop it
            self._debt -= 1
            return
        self._ready.append(wet)

    def sound(self, data: NDArray[np.float32], _n: int, _t: object, flags: object) -> None:
        """PortAudio's output callback."""
        self.flags += bool(flags)
        data.fill(0)
        if self._ready:
            data[:, : self._microphones] = self._ready.popleft()
        elif self._started:
            self._debt += 1
            self.late += 1


def main() -> int:
    """Run until standard input closes; reports losses as JSON lines."""
    raise_priority(os.getpid(), _PRIORITY)  # first, so that PortAudio's threads inherit it
    paths = np.load(sys.argv[1])
    latency_s = float(sys.argv[5])
    room = Room(paths, float(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), latency_s)
    stopped = threading.Event()

    common = {
        "samplerate": RATE_HZ,
        "blocksize": BLOCK,
        "latency": latency_s,
        "dtype": "float32",
        "finished_callback": stopped.set,
    }
    with (
        sd.InputStream(device="bench8", channels=CHANNELS, callback=room.hear, **common),
        sd.OutputStream(device="air_out", channels=2, callback=room.sound, **common),
    ):
        realtime = raise_priority(os.getpid(), _PRIORITY, all_threads=True)
        print(json.dumps({"ready": True, "realtime": realtime}), flush=True)
        threading.Thread(target=_until_closed, args=(stopped,), daemon=True).start()
        seen = (0, 0)
        while not stopped.wait(0.25):
            if (room.late, room.flags) != seen:
                seen = (room.late, room.flags)
                print(json.dumps({"late_blocks": room.late, "flags": room.flags}), flush=True)
    return 0


def _until_closed(stopped: threading.Event) -> None:
    sys.stdin.read()
    stopped.set()


if __name__ == "__main__":
    sys.exit(main())
