"""The harness's end of the sound system, as a process of its own under real-time priority.

It plays what it is told on the rig's loudspeakers, writes the pilot (a running count of samples),
and records every channel of the bench into a file that others may read while it grows. It talks
JSON lines: commands on standard input, answers on standard output, figures in a shared page.
Usage: python -m harness.bench.drivers.sound_worker STATE_FILE [DATAGRAM_FD HOST PORT]

Commands: `{"play": file.npy, "position": 0, "at": index, "id": n}`, `{"record": path}`,
`{"record": null}`, `{"clicks": [index], "payloads": [hex], "id": n}`, `{"quit": true}`.
Indices count samples of the recording stream since it was opened.
"""

import json
import os
import queue
import socket
import sys
import threading
import time
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sounddevice as sd
from numpy.typing import NDArray

from harness.bench.drivers.pulse_server import (
    BLOCK,
    CHANNELS,
    MAX_LOUDSPEAKERS,
    PILOT,
    RATE_HZ,
    raise_priority,
)
from harness.bench.timefit import TimeLine, parallel_line

PILOT_STEP = 2.0**-23
PILOT_PERIOD = 1 << 22
CLICK = 0.25
_PRIORITY = 55
_LATENCY_S = 0.2
_STAMPS = 6000  # a minute of blocks
_LAST_STAMPS = 100  # a second
_SERIES_S = 2.0  # clicks that follow so soon are a second try
_UNSETTLED = 2 * RATE_HZ  # stamps of the first seconds are off by up to 20 ms
# The page others read: next output sample, next input sample, input minus output index, status
# flags of input and output, whether the offset is known; where microphones have a clock of their
# own, whether they are in step with the loudspeakers', by how much that one runs faster (1e-9), and
# what this is known to (1e-9).
OUT_NEXT, IN_NEXT, OFFSET, IN_FLAGS, OUT_FLAGS, SYNCED = range(6)
STEADY, DRIFT_PPB, KNOWN_PPB, FIELDS = range(6, 10)


@dataclass(frozen=True)
class _Sound:
    position: int
    start: int
    samples: NDArray[np.float32]


class Worker:
    """Two callbacks, a writer, and what they share."""

    def __init__(
        self, state: NDArray[np.int64], link: socket.socket | None, to: tuple[str, int]
    ) -> None:
        self.state = state
        self._link, self._to = link, to
        self._sounds: tuple[_Sound, ...] = ()
        self._blocks: queue.SimpleQueue[tuple[int, bytes, float] | Path | None] = (
            queue.SimpleQueue()
        )
        self._out_times: deque[tuple[float, float]] = deque(maxlen=_STAMPS)
        self._in_times: deque[tuple[float, float]] = deque(maxlen=_STAMPS)
        self._said = threading.Lock()
        self._by_last_second = False
        self._clicked_s = 0.0

    def say(self, **fact: Any) -> None:
        """One line to the harness."""
        with self._said:
            print(json.dumps(fact), flush=True)

    # PortAudio's callbacks -----------------------------------------------------------------

    def out(self, data: NDArray[np.float32], frames: int, when: Any, flags: Any) -> None:
        """Fill one block: what is due at each position, and the pilot."""
        n = int(self.state[OUT_NEXT])
        data.fill(0)
        for sound in self._sounds:
            a, b = max(sound.start, n), min(sound.start + len(sound.samples), n + frames)
            if a < b:
                due = sound.samples[a - sound.start : b - sound.start]
                data[a - n : b - n, sound.position] += due
        data[:, PILOT] = (np.arange(n, n + frames) % PILOT_PERIOD + 1) * PILOT_STEP
        if n >= _UNSETTLED:
            self._out_times.append((float(n), float(when.outputBufferDacTime)))
        self.state[OUT_FLAGS] += bool(flags)
        self.state[OUT_NEXT] = n + frames

    def hear(self, data: NDArray[np.float32], frames: int, when: Any, flags: Any) -> None:
        """Hand one block to the writer."""
        n = int(self.state[IN_NEXT])
        if not self.state[SYNCED]:
            self._sync(data, n)
        if n >= _UNSETTLED:
            self._in_times.append((float(n), float(when.inputBufferAdcTime)))
        self.state[IN_FLAGS] += bool(flags)
        self._blocks.put((n, data.tobytes(), float(when.inputBufferAdcTime)))
        self.state[IN_NEXT] = n + frames

    def _sync(self, data: NDArray[np.float32], n: int) -> None:
        count = round(float(data[-1, PILOT]) / PILOT_STEP)
        if count > 0:
            played = int(self.state[OUT_NEXT])
            played -= (played - count) % PILOT_PERIOD  # the pilot begins anew every 87 s
            offset = n + len(data) - played
            if offset != self.state[OFFSET]:
                self._out_times.clear()  # of what has been lost since, these know nothing
                self._in_times.clear()
            self.state[OFFSET] = offset
            self.state[SYNCED] = 1

    # Commands ------------------------------------------------------------------------------

    def do(self, command: dict[str, Any]) -> None:
        """Do what a command says, and answer it."""
        if "play" in command:
            self.play(command)
        elif "clicks" in command:
            self.click(command)
        elif "record" in command:
            self.record(command["record"])
            self.say(id=command["id"])

    def play(self, command: dict[str, Any]) -> None:
        """Schedule a sound; refuses what can no longer come out complete."""
        samples = np.load(command["play"])
        start = int(command["at"]) - int(self.state[OFFSET])
        now = int(self.state[OUT_NEXT])
        if start < now + BLOCK:
            self.say(id=command["id"], late=True)
            return
        live = tuple(s for s in self._sounds if s.start + len(s.samples) > now - RATE_HZ)
        self._sounds = (*live, _Sound(int(command["position"]), start, samples))
        if start < int(self.state[OUT_NEXT]):
            self.say(error="the sound worker was held up: a sound went out without its beginning")
        self.say(id=command["id"], late=False)

    def click(self, command: dict[str, Any]) -> None:
        """Clicks from loudspeaker 0, and with each a datagram as it goes out."""
        sample = np.array([CLICK], dtype=np.float32)
        starts = [int(index) - int(self.state[OFFSET]) for index in command["clicks"]]
        self._sounds = (*self._sounds, *(_Sound(0, start, sample) for start in starts))
        if min(len(self._out_times), len(self._in_times)) < 50:
            self.say(id=command["id"], late=True)
            return
        if time.monotonic() - self._clicked_s > _SERIES_S:
            self._by_last_second = False  # nobody tries again what did not agree
        outward = self._outward()
        sent_s = []
        for start, payload in zip(starts, command["payloads"], strict=True):
            at_s, datagram = outward.at(start), bytes.fromhex(payload)
            if self._link is None or at_s - time.time() < 0.005:
                self.say(id=command["id"], late=True)
                return
            time.sleep(at_s - time.time() - 0.003)
            now_s = time.time()
            while now_s < at_s:  # the last 3 ms: no timer is exact enough
                now_s = time.time()
            # The time is taken before: sending wakes the capture, which may hold this process up.
            self._link.sendto(datagram, self._to)
            sent_s.append(now_s)
        self._clicked_s = time.monotonic()
        self.say(id=command["id"], late=False, sent_s=sent_s)

    def _outward(self) -> TimeLine:
        """When what is played goes out: by the stamps of a minute, the next time of a second.

        A minute evens out what disturbs the server's latency for seconds; but of a bench opened a
        moment ago it holds hardly anything else, and the last second comes right sooner.
        """
        stamps = np.array(self._out_times)
        if self._by_last_second:
            stamps = stamps[-_LAST_STAMPS:]
        self._by_last_second = not self._by_last_second
        return parallel_line(stamps, np.array(self._in_times))

    def record(self, path: str | None) -> None:
        """Begin a new file with the next block, or stop recording.

        What was lost before is of no account in a new recording, so its offset is found anew.
        """
        if path:
            self.state[SYNCED] = 0
            self._by_last_second = False
        self._blocks.put(Path(path) if path else None)

    # The writer ----------------------------------------------------------------------------

    def write_all(self) -> None:
        """Write blocks as they come; the queue between is as deep as memory, so disks may stall."""
        sound: int | None = None
        times: int | None = None
        while True:
            item = self._blocks.get()
            if isinstance(item, tuple):
                if sound is None or times is None or self._put(sound, times, item):
                    continue
                item = None  # the disk is full: stop recording
            for descriptor in (sound, times):
                if descriptor is not None:
                    os.close(descriptor)
            sound = times = None
            if item is not None:
                sound = os.open(item, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
                stamps = item.with_suffix(".times")
                times = os.open(stamps, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def _put(self, sound: int, times: int, item: tuple[int, bytes, float]) -> bool:
        index, data, adc_s = item
        try:
            # The stamp goes first: a reader that sees the samples can always place them.
            os.write(times, np.array([index, adc_s], dtype=np.float64).tobytes())
            written = os.write(sound, data)
            if written < len(data):
                os.write(sound, data[written:])
        except OSError as error:
            self.say(error=f"recording stopped: {error}")
            return False
        return True


def obey(worker: Worker, ended: threading.Event) -> None:
    """Do what standard input says until it ends or says so; then `ended` is set."""
    try:
        _obey_all(worker)
    except Exception as error:  # whatever it is, the harness must hear of it
        worker.say(error=f"the sound worker failed: {error!r}")
    ended.set()


def _obey_all(worker: Worker) -> None:
    for line in sys.stdin:
        command = json.loads(line)
        if "quit" in command:
            return
        worker.do(command)


def main() -> int:
    """Open both streams and serve until told to quit, or until the sound server is gone."""
    raise_priority(os.getpid(), _PRIORITY)  # first, so that PortAudio's threads inherit it
    state = np.memmap(sys.argv[1], dtype=np.int64, mode="r+", shape=(FIELDS,))
    link, to = None, ("", 0)
    if len(sys.argv) > 2:
        link, to = socket.socket(fileno=int(sys.argv[2])), (sys.argv[3], int(sys.argv[4]))
    worker = Worker(state, link, to)
    ended = threading.Event()

    def lost() -> None:
        if not ended.is_set():
            worker.say(error="the sound server went away while the bench was in use")
        ended.set()

    common = {
        "samplerate": RATE_HZ,
        "blocksize": BLOCK,
        "channels": CHANNELS,
        "latency": _LATENCY_S,
        "dtype": "float32",
        "finished_callback": lost,
    }

    threading.Thread(target=worker.write_all, daemon=True).start()
    with (
        sd.InputStream(device="bench8", callback=worker.hear, **common),
        sd.OutputStream(device="rig_out", callback=worker.out, **common),
    ):
        realtime = raise_priority(os.getpid(), _PRIORITY, all_threads=True)
        worker.say(ready=True, realtime=realtime, loudspeakers=MAX_LOUDSPEAKERS)
        threading.Thread(target=obey, args=(worker, ended), daemon=True).start()
        ended.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
