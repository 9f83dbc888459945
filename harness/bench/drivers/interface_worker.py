"""The sound worker of a real bench: one sound interface, for loudspeakers and microphones.

What a virtual bench's air does is done here: the recording gets a column for each position, which
holds what was handed to the interface, as late as the interface and the air between are late. How
late that is, the harness measures and tells (`{"offset": samples, "id": n}`). Microphones on an
interface of their own are turned to the loudspeakers' rate: by the pilot on the cable, or without
one by what the harness measures (`{"ratio": in for each out, "id": n}`).
Usage: python -m harness.bench.drivers.interface_worker STATE_FILE SETUP [DATAGRAM_FD HOST PORT]
with SETUP as JSON: the fields of `InterfaceSetup`.
"""

import json
import os
import queue
import socket
import sys
import threading
import time
from dataclasses import asdict, dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers.interface_pilot import PERIOD, pilot_noise
from harness.bench.drivers.interface_streams import open_streams
from harness.bench.drivers.pulse_server import (
    CHANNELS,
    DEVICE_MIC,
    DEVICE_SPEAKER,
    LISTENER_MIC,
    RATE_HZ,
    raise_priority,
)
from harness.bench.drivers.sound_worker import (
    DRIFT_PPB,
    FIELDS,
    IN_NEXT,
    KNOWN_PPB,
    OFFSET,
    OUT_NEXT,
    STEADY,
    SYNCED,
    Worker,
    obey,
)
from harness.bench.drivers.two_clocks import CableWatch, RateTurner, Sound, Steering
from harness.bench.ports.sound import MOST_APART_PPM
from harness.errors import SaysoError

LOOPBACK = DEVICE_SPEAKER
"""The column of what came back by the cable; a bench knows no sound of the device's own."""

_PRIORITY = 55
_KEPT = 8 * RATE_HZ


@dataclass(frozen=True, slots=True)
class InterfaceSetup:
    """A rig file's sound interface; channels count from 0 here, None where there is none.

    `microphones`: the interface that they are on, where that is another.
    """

    driver: str
    interface: str
    outputs: tuple[int, ...]
    listener: int
    device: int | None
    loop_out: int | None
    loop_in: int | None
    latency_s: float
    microphones: str | None = None

    @property
    def inputs_needed(self) -> int:
        """So many inputs the interface must have."""
        there = (self.listener, self.device, self.loop_in)
        return 1 + max(channel for channel in there if channel is not None)

    @property
    def outputs_needed(self) -> int:
        """So many outputs the interface must have."""
        return 1 + max((*self.outputs, *([] if self.loop_out is None else [self.loop_out])))

    def as_json(self) -> str:
        """As an argument of the worker."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, text: str) -> "InterfaceSetup":
        """From what `as_json` made."""
        told = json.loads(text)
        return cls(**{**told, "outputs": tuple(told["outputs"])})


class InterfaceWorker(Worker):
    """A worker whose air is real: it remembers what went out, and lays it beside what came in."""

    def __init__(
        self,
        state: NDArray[np.int64],
        link: socket.socket | None,
        to: tuple[str, int],
        setup: InterfaceSetup,
    ) -> None:
        super().__init__(state, link, to)
        self._setup = setup
        self._gone = np.zeros((_KEPT, CHANNELS), dtype=np.float32)
        self._noise = pilot_noise()
        self._unix_shift_s: float | None = None
        self._turner = None if setup.microphones is None else RateTurner(setup.inputs_needed)
        self._cables: queue.SimpleQueue[tuple[int, Sound]] = queue.SimpleQueue()
        self._cable = CableWatch(lambda index, heard: self._cables.put((index, heard)))

    def out(self, data: NDArray[np.float32], frames: int, when: Any, flags: Any) -> None:
        """Fill one block of all the interface's outputs."""
        n = int(self.state[OUT_NEXT])
        mixed = np.zeros((frames, CHANNELS), dtype=np.float32)
        super().out(mixed, frames, self._unix(when), flags)
        index = np.arange(n, n + frames)
        self._gone[index % _KEPT] = mixed
        data.fill(0)
        for position, output in enumerate(self._setup.outputs):
            data[:, output] = mixed[:, position]
        if self._setup.loop_out is not None:
            data[:, self._setup.loop_out] = self._noise[index % PERIOD]

    def hear(self, data: NDArray[np.float32], frames: int, when: Any, flags: Any) -> None:
        """Hand one block of all the bench's columns to the writer."""
        n, when = int(self.state[IN_NEXT]), self._unix(when)
        if self._turner is not None:
            data, first = self._turner.turn(data)
            frames = len(data)
            when.inputBufferAdcTime += first / RATE_HZ
            if self._setup.loop_in is not None:
                self._cable.add(n, data[:, self._setup.loop_in])
        index = np.arange(n, n + frames) - int(self.state[OFFSET])
        known = (index >= 0) & (index < int(self.state[OUT_NEXT]))
        bench = np.where(known[:, None], self._gone[index % _KEPT], np.float32(0.0))
        setup = self._setup
        bench[:, LISTENER_MIC] = data[:, setup.listener]
        bench[:, DEVICE_MIC] = 0.0 if setup.device is None else data[:, setup.device]
        bench[:, LOOPBACK] = 0.0 if setup.loop_in is None else data[:, setup.loop_in]
        super().hear(bench, frames, when, flags)

    def _sync(self, _data: NDArray[np.float32], _n: int) -> None:
        """Nothing to read off: the harness measures, and says it."""

    def keep_in_step(self) -> None:
        """Follow the pilot for ever, where the microphones have a clock of their own.

        Says an error where the two run further apart than clocks of interfaces do.
        """
        steering = Steering()
        while self._turner is not None:
            self._turner.ratio = steering.look(*self._cables.get())
            clocks = steering.clocks
            self.state[DRIFT_PPB] = round(clocks.drift_ppm * 1e3)
            self.state[KNOWN_PPB] = round(clocks.known_to_ppm * 1e3)
            if steering.settled and not self.state[STEADY]:
                self._forget_times()
                self.state[STEADY] = 1
            if abs(clocks.drift_ppm) > MOST_APART_PPM:
                self.say(
                    error=f"the clocks of the two sound interfaces run {clocks.drift_ppm:+.0f} ppm "
                    f"apart, more than {MOST_APART_PPM:.0f}: is one at another rate, or does it "
                    "lose sound?"
                )
                return

    def _forget_times(self) -> None:
        """What was stamped at another rate says nothing of this one."""
        self._in_times.clear()
        self._out_times.clear()

    def do(self, command: dict[str, Any]) -> None:
        """Do what a command says, and answer it."""
        if "offset" in command:
            self.state[OFFSET] = int(command["offset"])
            self.state[SYNCED] = 1
            self.say(id=command["id"])
        elif "ratio" in command and self._turner is not None:
            self._turner.ratio = float(command["ratio"])
            self._forget_times()
            self.say(id=command["id"])
        else:
            super().do(command)

    def _unix(self, when: Any) -> SimpleNamespace:
        """PortAudio's times as Unix time: some builds of it count from another zero."""
        if self._unix_shift_s is None:
            apart_s = time.time() - float(when.currentTime)
            self._unix_shift_s = apart_s if abs(apart_s) > 1.0 else 0.0
        shift_s = self._unix_shift_s
        return SimpleNamespace(
            inputBufferAdcTime=float(when.inputBufferAdcTime) + shift_s,
            outputBufferDacTime=float(when.outputBufferDacTime) + shift_s,
        )


def main() -> int:
    """Open the interface and serve until told to quit, or until it is gone."""
    raise_priority(os.getpid(), _PRIORITY)  # first, so that PortAudio's threads inherit it
    state = np.memmap(sys.argv[1], dtype=np.int64, mode="r+", shape=(FIELDS,))
    setup = InterfaceSetup.of_json(sys.argv[2])
    link, to = None, ("", 0)
    if len(sys.argv) > 3:
        link, to = socket.socket(fileno=int(sys.argv[3])), (sys.argv[4], int(sys.argv[5]))
    worker = InterfaceWorker(state, link, to, setup)
    threading.Thread(target=worker.write_all, daemon=True).start()
    ended = threading.Event()
    try:
        with open_streams(setup, worker) as streams:
            realtime = raise_priority(os.getpid(), _PRIORITY, all_threads=True)
            worker.say(ready=True, realtime=realtime, interface=streams.name)
            if setup.microphones is not None and setup.loop_in is not None:
                threading.Thread(target=worker.keep_in_step, daemon=True).start()
            threading.Thread(target=obey, args=(worker, ended), daemon=True).start()
            while not ended.wait(0.1):
                if not streams.running():
                    worker.say(
                        error=f"the sound interface {streams.name} went away while the bench was "
                        "in use: was it unplugged, or did its hub lose power?"
                    )
                    break
    except SaysoError as error:
        worker.say(error=str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
