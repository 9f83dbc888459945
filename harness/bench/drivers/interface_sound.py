"""Loudspeakers and microphones of a real bench: one sound interface, or two, through PortAudio.

How far what is heard lies behind what is played is measured for each recording: by the pilot on
the loopback cable where there is one, else by a short sweep from the first loudspeaker, less the
time that sound takes to the listener's microphone. Where the microphones are on an interface of
their own, how far the two clocks run apart is measured once, when the bench is opened.
"""

import socket
from collections.abc import Mapping, Sequence
from math import dist
from pathlib import Path

from harness.bench.drivers.interface_pilot import (
    PERIOD,
    pilot_losses,
    pilot_noise,
    pilot_place,
)
from harness.bench.drivers.interface_sweep import SWEEP_S, first_arrival, short_sweep
from harness.bench.drivers.interface_worker import LOOPBACK, InterfaceSetup
from harness.bench.drivers.pulse_server import DEVICE_MIC, LISTENER_MIC, PILOT, RATE_HZ
from harness.bench.drivers.sound_worker import (
    DRIFT_PPB,
    IN_NEXT,
    KNOWN_PPB,
    OFFSET,
    OUT_NEXT,
    STEADY,
)
from harness.bench.drivers.stamp_jumps import stamp_jumps
from harness.bench.drivers.sweep_clocks import APART_S, NEAR, SWEEPS, Arrival, clocks_of, later_by
from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.drivers.worker_sound import WorkerSound, pilot_breaks
from harness.bench.ports.sound import MOST_APART_PPM, Samples, SoundLoss, TwoClocks
from harness.bench.rig_bench import BenchSoundText
from harness.bench.rigfile import RigFile
from harness.clock import Clock, Deadline
from harness.errors import RigError

_OPEN_S, _STEADY_S = 10.0, 10.0
_PILOT_READ = 1 << 14
_SOUND_M_S = 343.0
_REACH_S = 1.5
_RINGS_S, _TRIES = 0.2, 3
_LEADS_S = (0.1, 0.2, 0.4)
_RATE_WITHIN = 1e-3
# A stream that was just opened brings what has waited all at once.
_BURSTS_S = 0.5
_ROUGHLY, _ROUGHLY_OVER_S, _ROUGHLY_TRIES = 0.04, 2.0, 3


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
        self._two_clocks = setup.microphones is not None
        self._clocks: TwoClocks | None = None
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

        named = " and ".join(filter(None, (setup.interface, setup.microphones)))
        hangs = f"is the interface {named} still plugged in?"
        super().__init__(folder, clock, positions, channel, worker, hangs)
        # With a cable every stretch is proven to be in step; without, some ppm may be left.
        self.one_clock = self._loopback or not self._two_clocks

    def open(self) -> None:
        """Wait until sound flows both ways, at the right rate; `RigError` where it does not."""
        told = self._worker.await_ready(_OPEN_S)
        self._interface = str(told["interface"])
        self.realtime = bool(told.get("realtime"))
        self._await(lambda: bool(self._state[IN_NEXT] and self._state[OUT_NEXT]))
        for count in (IN_NEXT, OUT_NEXT) if self._two_clocks else (IN_NEXT,):
            self._check_rate(count)
        if self._two_clocks and self._loopback:
            self._await_steady()

    def _await_steady(self) -> None:
        """Until the microphones' clock is followed; `RigError` where the cable brings no pilot."""
        deadline = Deadline.after(self._clock, _STEADY_S)
        while not self._state[STEADY]:
            if deadline.passed() or self.trouble():
                raise RigError(
                    self.trouble()
                    or "the two sound interfaces cannot be brought in step: no pilot comes back by "
                    "the loopback. Is its cable between an output of `interface` and an input of "
                    "`microphones`, and are both turned up? (Without `loopback` it goes by sweeps.)"
                )
            self._clock.wait_s(0.05)

    def two_clocks(self) -> TwoClocks | None:
        """What is known of the clocks of loudspeakers and microphones; None where it is one."""
        if self._two_clocks and self._loopback:
            return TwoClocks(int(self._state[DRIFT_PPB]) / 1e3, int(self._state[KNOWN_PPB]) / 1e3)
        return self._clocks

    def _check_rate(self, count: int) -> None:
        """A rate that is wrong by more than a few per cent, such as 44,100 for 48,000, shows.

        Sound comes in bursts, so it is measured from one arrival to another, and again where it
        is off: a wrong rate is wrong each time.
        """
        self._clock.wait_s(_BURSTS_S)
        for _ in range(_ROUGHLY_TRIES):
            before, from_s = self._arrival(count)
            self._clock.wait_s(_ROUGHLY_OVER_S)
            after, until_s = self._arrival(count)
            rate_hz = (after - before) / (until_s - from_s)
            if abs(rate_hz / self.rate_hz - 1) <= _ROUGHLY:
                return
        raise RigError(
            f"the interface {self._interface} gives {rate_hz:.0f} samples a second instead of "
            f"{self.rate_hz}: set its clock to {self.rate_hz} Hz in its own mixer, and see that "
            "nothing else sets it"
        )

    # In step -------------------------------------------------------------------------------

    def _synchronise(self) -> None:
        if self._two_clocks and not self._loopback and self._clocks is None:
            self._clocks = self._compared()
            self._worker.ask(ratio=1.0 - self._clocks.drift_ppm * 1e-6)
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
        sent, came = self._swept()
        return came - round(self._away / _SOUND_M_S * RATE_HZ) - sent

    def _swept(self) -> tuple[int, int]:
        """Which sample a sweep was sent as, and which it came as."""
        sent = self._send()
        reach = int(_REACH_S * RATE_HZ)
        behind = int(self._state[IN_NEXT]) - int(self._state[OUT_NEXT])
        # The counts of both streams began at other times; what comes back lies around here.
        first = max(self.started_at(), sent + behind - reach // 4)
        self._await(lambda: self.heard_until() >= first + 2 * reach)
        place = first_arrival(self.read("listener", first, 2 * reach), short_sweep())
        if place is None:
            raise RigError(
                f"the loudspeaker at {self.positions[0]} was not heard at the listener's "
                "microphone: is the amplifier on and turned up, is the microphone (phantom power, "
                "gain), and are `outputs` and `inputs` in the rig file as they are cabled?"
            )
        return sent, first + place

    def _send(self) -> int:
        """Play a sweep from the first loudspeaker; which sample of those that go out it begins."""
        offset = int(self._state[OFFSET])
        for lead_s in _LEADS_S:  # an interface may take sound in bursts longer than the first
            at = int(self._state[OUT_NEXT]) + offset + int(lead_s * RATE_HZ)
            if self.play(self.positions[0], short_sweep(), at):
                return at - offset
        raise RigError("the sound worker is held up: end other work on this machine")

    # Two clocks ----------------------------------------------------------------------------

    def _compared(self) -> TwoClocks:
        """How far the two clocks run apart, by sweeps; `RigError` where that cannot be told."""
        for _ in range(_TRIES):
            clocks = self._clocks_by_sweeps()
            if clocks is None:
                continue
            if abs(clocks.drift_ppm) <= MOST_APART_PPM:
                return clocks
            raise RigError(
                f"the clocks of {self._interface} run {clocks.drift_ppm:+.0f} ppm apart, more than "
                f"{MOST_APART_PPM:.0f}: does one run at another rate, or lose sound?"
            )
        raise RigError(
            f"the clocks of {self._interface} could not be compared: the sweeps of {SWEEPS} did "
            "not come as evenly as they were sent. Was something moved, or was it loud? Else one "
            "of the interfaces loses sound: give each a USB port of its own"
        )

    def _clocks_by_sweeps(self) -> TwoClocks | None:
        """One try at it: some sweeps, each laid over the first."""
        sent, came = self._swept()
        start, count = came - NEAR, int((SWEEP_S + _RINGS_S) * RATE_HZ) + NEAR
        first = self.read("listener", start, count)
        arrivals = [Arrival(sent, float(came))]
        for _ in range(SWEEPS - 1):
            self._clock.wait_s(APART_S)
            later = self._send()
            expected = came + later - sent
            slipped = self._slipped(first, expected - NEAR)
            if slipped is None:
                return None
            arrivals.append(Arrival(later, expected + slipped))
        return clocks_of(arrivals)

    def _slipped(self, first: Samples, expected: int) -> float | None:
        """How much later than `expected` the same as `first` was heard, in samples."""
        count = len(first) + 2 * NEAR
        self._await(lambda: self.heard_until() >= expected - NEAR + count)
        return later_by(first, self.read("listener", expected - NEAR, count))

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
        microphones=sound.microphones,
    )
