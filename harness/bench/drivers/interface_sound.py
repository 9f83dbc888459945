"""Loudspeakers and microphones of a real bench: one sound interface, through PortAudio.

How far what is heard lies behind what is played is measured for each recording: by the pilot on
the loopback cable where there is one, else by a short sweep from the first loudspeaker, less the
time that sound takes to the listener's microphone.
"""

import socket
from collections.abc import Mapping, Sequence
from math import dist
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers.interface_pilot import (
    PERIOD,
    pilot_losses,
    pilot_noise,
    pilot_place,
)
from harness.bench.drivers.interface_sweep import first_arrival, short_sweep
from harness.bench.drivers.interface_worker import LOOPBACK, InterfaceSetup
from harness.bench.drivers.pulse_server import DEVICE_MIC, LISTENER_MIC, PILOT, RATE_HZ
from harness.bench.drivers.sound_worker import IN_NEXT, OFFSET, OUT_NEXT
from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.drivers.worker_sound import WorkerSound, pilot_breaks
from harness.bench.ports.sound import SoundLoss
from harness.bench.rig_bench import BenchSoundText
from harness.bench.rigfile import RigFile
from harness.clock import Clock
from harness.errors import RigError

_OPEN_S = 10.0
_PILOT_READ = 1 << 14
_SOUND_M_S = 343.0
_REACH_S = 1.5
_RATE_WITHIN = 1e-3
# A stream that was just opened brings what has waited all at once.
_BURSTS_S = 0.5
_ROUGHLY, _ROUGHLY_OVER_S, _ROUGHLY_TRIES = 0.04, 2.0, 3
_JUMP_S, _SPAN = 0.005, 40


class InterfaceSound(WorkerSound):
    """The rig file's loudspeakers and microphones, on the channels of one interface."""

    def __init__(
        self,
        file: RigFile,
        folder: Path,
        clock: Clock,
        link: tuple[socket.socket, str, int] | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """`link`: a datagram socket on the device's link, with the host and port to send to, for
        the shared event. `environment`: more of it for the worker, where PortAudio reads any.
        """
        setup = interface_setup(file)
        positions = file.positions
        channel = {name: column for column, name in enumerate(positions)}
        channel |= {"pilot": PILOT, "listener": LISTENER_MIC}
        if setup.device is not None:
            channel["device"] = DEVICE_MIC
        self._loopback = setup.loop_in is not None
        self._interface = setup.interface
        self._away = dist(file.sound.loudspeakers[positions[0]], file.sound.listener)
        self._in_step_from = 0
        to = [] if link is None else [str(link[0].fileno()), link[1], str(link[2])]

        def worker(page: Path) -> WorkerProcess:
            return WorkerProcess(
                "sound worker",
                "harness.bench.drivers.interface_worker",
                [str(page), setup.as_json(), *to],
                environment or {},
                folder / "sound_worker.log",
                [] if link is None else [link[0].fileno()],
            )

        hangs = f"is the interface {setup.interface} still plugged in?"
        super().__init__(folder, clock, positions, channel, worker, hangs)

    def open(self) -> None:
        """Wait until sound flows both ways, at the right rate; `RigError` where it does not."""
        told = self._worker.await_ready(_OPEN_S)
        self._interface = str(told["interface"])
        self.realtime = bool(told.get("realtime"))
        self._await(lambda: bool(self._state[IN_NEXT] and self._state[OUT_NEXT]))
        self._check_rate()

    def _check_rate(self) -> None:
        """A rate that is wrong by more than a few per cent, such as 44,100 for 48,000, shows.

        Sound comes in bursts, so it is measured from one arrival to another, and again where it
        is off: a wrong rate is wrong each time.
        """
        self._clock.wait_s(_BURSTS_S)
        for _ in range(_ROUGHLY_TRIES):
            before, from_s = self._arrival()
            self._clock.wait_s(_ROUGHLY_OVER_S)
            after, until_s = self._arrival()
            rate_hz = (after - before) / (until_s - from_s)
            if abs(rate_hz / self.rate_hz - 1) <= _ROUGHLY:
                return
        raise RigError(
            f"the interface {self._interface} gives {rate_hz:.0f} samples a second instead of "
            f"{self.rate_hz}: set its clock to {self.rate_hz} Hz in its own mixer, and see that "
            "nothing else sets it"
        )

    def _arrival(self) -> tuple[int, float]:
        """How much had come when something next came, and when that was (s)."""
        before = int(self._state[IN_NEXT])
        self._await(lambda: int(self._state[IN_NEXT]) != before)
        return int(self._state[IN_NEXT]), self._clock.monotonic_s()

    # In step -------------------------------------------------------------------------------

    def _synchronise(self) -> None:
        offset = self._by_pilot() if self._loopback else self._by_sweep()
        self._worker.ask(offset=offset)
        self._in_step_from = int(self._state[IN_NEXT])
        self._await(lambda: self.heard_until() > self._in_step_from)

    def _by_pilot(self) -> int:
        """How many samples the input's count is ahead, by the pilot that the cable brought."""
        self._await_samples(_PILOT_READ)
        until = self.heard_until()
        start = until - _PILOT_READ
        place = pilot_place(self.frames(start, _PILOT_READ)[:, LOOPBACK], pilot_noise())
        if place is None:
            raise RigError(
                "the pilot does not come back by the loopback: is the cable between output and "
                "input of `loopback` plugged in, and are both turned up?"
            )
        played = int(self._state[OUT_NEXT])
        # The last that went out with this place in the period; sound is less than one late.
        sent = played - (played - round(place)) % PERIOD
        return start - sent

    def _by_sweep(self) -> int:
        """The same by a sweep in the room."""
        sweep = short_sweep()
        lead = int(0.1 * RATE_HZ)
        at = int(self._state[OUT_NEXT]) + int(self._state[OFFSET]) + lead
        sent = at - int(self._state[OFFSET])
        if not self.play(self.positions[0], sweep, at):
            raise RigError("the sound worker is held up: end other work on this machine")
        behind = int(self._state[IN_NEXT]) - int(self._state[OUT_NEXT])
        reach = int(_REACH_S * RATE_HZ)
        # The counts of both streams began at other times; what comes back lies around here.
        first = max(self.started_at(), sent + behind - reach // 4)
        self._await(lambda: self.heard_until() >= first + 2 * reach)
        place = first_arrival(self.read("listener", first, 2 * reach), sweep)
        if place is None:
            raise RigError(
                f"the loudspeaker at {self.positions[0]} was not heard at the listener's "
                "microphone: is the amplifier on and turned up, is the microphone (phantom power, "
                "gain), and are `outputs` and `inputs` in the rig file as they are cabled?"
            )
        return first + place - round(self._away / _SOUND_M_S * RATE_HZ) - sent

    def _await_samples(self, count: int) -> None:
        until = self.heard_until() + count
        self._await(lambda: self.heard_until() >= until)

    # Losses --------------------------------------------------------------------------------

    def losses(self) -> tuple[SoundLoss, ...]:
        """Every loss in the current recording that is known: what PortAudio flags, jumps of its
        time stamps, a rate that is not the right one, and what the loopback shows.
        """
        found = [*self._flagged(), *stamp_jumps(self.stamps(), self.rate_hz)]
        first = max(self._in_step_from, self.started_at())
        skip = first - self.started_at()
        found += pilot_breaks(self._pilot()[skip:], first)
        if self._loopback:
            offset = int(self._state[OFFSET])
            found += pilot_losses(self._whole(LOOPBACK)[skip:], first, offset)
        return (*found, *self._rate_losses())

    def _rate_losses(self) -> list[SoundLoss]:
        stamps = self.stamps()
        if len(stamps) < 500:  # some seconds: too little to tell a thousandth
            return []
        rate_hz = 1.0 / self.clock_line().slope_s
        if abs(rate_hz / self.rate_hz - 1) <= _RATE_WITHIN:
            return []
        what = f"the interface {self._interface} ran at {rate_hz:.0f} Hz, not {self.rate_hz}"
        return [SoundLoss(-1, what)]


def interface_setup(file: RigFile) -> InterfaceSetup:
    """What a rig file asks of its sound interface, channels counted from 0."""
    assert file.bench is not None
    return setup_of(file.bench.sound, file.positions)


def setup_of(sound: BenchSoundText, positions: Sequence[str]) -> InterfaceSetup:
    """The same of what stands in `bench: sound`; `positions`: its loudspeakers, in their order."""
    loop = sound.loopback
    return InterfaceSetup(
        driver=sound.driver,
        interface=sound.interface,
        outputs=tuple(sound.outputs[name] - 1 for name in positions),
        listener=sound.inputs.listener - 1,
        device=None if sound.inputs.device is None else sound.inputs.device - 1,
        loop_out=None if loop is None else loop.output - 1,
        loop_in=None if loop is None else loop.input - 1,
        latency_s=sound.latency_s,
    )


def stamp_jumps(stamps: NDArray[np.float64], rate_hz: int) -> list[SoundLoss]:
    """Where the time of what came in goes on by more than its samples, for good.

    `stamps`: rows of (index, Unix time in s), one a block. What is lost moves all that follow.
    """
    if len(stamps) < 4 * _SPAN:
        return []
    ahead_s = stamps[:, 1] - stamps[0, 1] - (stamps[:, 0] - stamps[0, 0]) / rate_hz
    # The upper envelope: stamps of blocks that waited lie too early, never too late.
    latest = np.lib.stride_tricks.sliding_window_view(ahead_s, _SPAN).max(axis=1)
    step_s = latest[_SPAN:] - latest[:-_SPAN]
    jumps = []
    at = 0
    while at < len(step_s):
        if step_s[at] > _JUMP_S:
            worst = at + int(np.argmax(step_s[at : at + 2 * _SPAN]))
            what = f"{step_s[worst] * 1e3:.0f} ms of sound never came in, by its time stamps"
            jumps.append(SoundLoss(int(stamps[worst + _SPAN, 0]), what))
            at = worst + 2 * _SPAN
        at += 1
    return jumps
