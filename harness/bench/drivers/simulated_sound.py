"""The peer of the real sound system: loudspeakers, room and microphones in memory.

It keeps the promises of its ports, losses said and all, on a clock that moves only when somebody
waits. What a test may break stands at the end: each as a real bench breaks, seen only as far as a
real one would show it.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from harness.bench.drivers.simulated_air import MICROPHONES, SimulatedAir, through
from harness.bench.ports.sound import Loudspeaker, Microphone, Samples, SharedEvent, SoundLoss
from harness.bench.timefit import TimeLine
from harness.clock import Clock
from harness.errors import RigError

DEVICE_LOUDSPEAKER = "device_loudspeaker"
_LEAD_S = 0.05
_CLICK = np.float32(0.25)
_TINY = 1e-6
_AFTER_CLICKS_S = 0.01
Overheard = Callable[[str, int, Samples], None]


class SimulatedSound(Loudspeaker, Microphone, SharedEvent):
    """Named loudspeakers, the device's own, and two microphones on one sample clock.

    `path(source, microphone)`: impulse responses, None where nothing gets through; `device` is the
    source of the device's loudspeaker. `send`: puts a datagram on the device's link. `air_s`: what
    the sound system itself delays everything by (s). `noise_db`: of the microphones, re full scale.
    `square_law`: k in x + k x^2, which the device's microphone makes of the sound x.
    """

    def __init__(
        self,
        clock: Clock,
        positions: tuple[str, ...],
        path: Callable[[str, str], Samples | None],
        send: Callable[[bytes], None],
        *,
        rate_hz: int = 16_000,
        air_s: float = 0.2,
        noise_db: float = -70.0,
        seed: tuple[int, ...] = (1,),
        square_law: float = 0.0,
    ) -> None:
        self.rate_hz = rate_hz
        self.positions = positions
        self.channels = (*positions, DEVICE_LOUDSPEAKER, *MICROPHONES)
        self.one_clock = True
        self.overheard: list[Overheard] = []
        self.gains: dict[str, float] = {}
        self._square_law = np.float32(square_law)
        self.clock_off_s = 0.0
        self._overdriven: dict[str, float] = {}
        self._clock, self._path, self._send = clock, path, send
        self._delay = round(air_s * rate_hz)
        self._air = SimulatedAir((*positions, DEVICE_LOUDSPEAKER), rate_hz, noise_db, seed)
        self._opened_s = clock.now_s()
        self._started: int | None = None
        self._ended: int | None = None
        self._losses: list[SoundLoss] = []
        self._death: str | None = None
        self._saying: tuple[Samples, int] = (np.zeros(0, dtype=np.float32), 0)

    def now(self) -> int:
        """The index that sounds now."""
        return int((self._clock.now_s() - self._opened_s) * self.rate_hz + _TINY)

    # Loudspeaker ---------------------------------------------------------------------------

    def earliest_index(self) -> int:
        """The first index at which sound handed over now would still come out complete."""
        return self.now() + int(_LEAD_S * self.rate_hz)

    def play(self, position: str, samples: Samples, at_index: int) -> bool:
        """Mix mono `samples` into `position` from `at_index` on; see the port."""
        if position not in self.positions:
            there = ", ".join(self.positions)
            raise RigError(f"no loudspeaker at {position!r}; there are: {there}")
        self._check()
        if at_index <= self.now():
            return False
        self._air.add(position, samples, at_index)
        self._spread(position, samples, at_index)
        for tell in self.overheard:
            tell(position, at_index, samples)
        return True

    def device_says(self, samples: Samples, at_index: int) -> None:
        """Sound from the device's own loudspeaker, into the room, in place of what was left."""
        self.device_hushes(at_index)
        self._saying = samples, at_index
        self._device_adds(samples, at_index)

    def device_hushes(self, at_index: int) -> None:
        """The device's loudspeaker falls silent at `at_index`, whatever is left to say."""
        samples, began = self._saying
        left = samples[max(0, at_index - began) :]
        self._saying = samples[: len(samples) - len(left)], began
        if len(left):
            # What was mixed in ahead of time is taken out again: the room is linear.
            self._device_adds(-left, max(at_index, began))

    def _device_adds(self, samples: Samples, at_index: int) -> None:
        self._air.add(DEVICE_LOUDSPEAKER, samples, at_index)
        self._spread("device", samples, at_index)

    def device_hears(self, start: int, count: int) -> Samples:
        """`count` samples at the device's microphone, which must have sounded; recorded or not."""
        if start + count > self.now():
            raise RigError(f"samples {start} to {start + count} have not sounded yet")
        return self._at_device(start, count)

    def sounds_at_s(self, index: int) -> float:
        """The Unix time (s) at which the sample at `index` sounds, whether it is past or not."""
        return self._opened_s + index / self.rate_hz

    def _spread(self, source: str, samples: Samples, at_index: int) -> None:
        for microphone in MICROPHONES:
            path = self._path(source, microphone)
            if path is not None:
                heard = through(path, samples, self.gains.get(source, 1.0))
                self._air.add(microphone, heard, at_index + self._delay)

    def mark(self, at_index: int, apart: int, payloads: Sequence[bytes]) -> list[float] | None:
        """A click and, at the same instant, a datagram for each payload; waits them out."""
        self._check()
        if at_index <= self.now():
            return None
        sent_s = []
        for number, payload in enumerate(payloads):
            index = at_index + apart * number
            self._air.add(self.positions[0], np.array([_CLICK], dtype=np.float32), index)
            self._clock.wait_s(self.sounds_at_s(index) - self._clock.now_s())
            self._send(payload)
            sent_s.append(self._clock.now_s())
        self._clock.wait_s(_AFTER_CLICKS_S)  # else nothing would be heard after the last one
        return sent_s

    # Microphone ----------------------------------------------------------------------------

    def record(self, path: Path) -> None:
        """Begin a new recording; it is kept in memory, so nothing is written to `path`."""
        self._check()
        self._started, self._ended = self.now(), None
        self._air.forget(self._started - self.rate_hz)  # a device that is on may lag by so much
        self._losses.clear()

    def stop_recording(self) -> None:
        """End the recording; what was recorded stays readable until the next one begins."""
        if self._ended is None:
            self._ended = self.now()

    def started_at(self) -> int:
        """The index of the recording's first sample."""
        if self._started is None:
            raise RigError("nothing was recorded")
        return self._started

    def heard_until(self) -> int:
        """One past the last index that can be read."""
        return max(self.started_at(), self.now() if self._ended is None else self._ended)

    def read(self, channel: str, start: int, count: int) -> Samples:
        """`count` mono samples of `channel`; see the port."""
        if start < self.started_at() or start + count > self.heard_until():
            raise RigError(f"samples {start} to {start + count} are not in the recording")
        if channel == "device":
            return self._at_device(start, count)
        sound, most = self._air.read(channel, start, count), self._overdriven.get(channel)
        return sound if most is None else np.clip(sound, -most, most)

    def _at_device(self, start: int, count: int) -> Samples:
        sound = self._air.read("device", start, count)
        if self._square_law:
            sound += self._square_law * sound**2
        return sound

    def unix_s(self, index: float) -> float:
        """The Unix time (s) at which the sample at `index` sounded."""
        return self.clock_line().at(index)

    def clock_line(self) -> TimeLine:
        """Index to Unix time; `ValueError` for a recording under a tenth of a second."""
        if self.heard_until() - self.started_at() < self.rate_hz // 10:
            raise ValueError("the recording is too short to make a clock of it")
        return TimeLine(0.0, self._opened_s + self.clock_off_s, 1 / self.rate_hz, 0.0, 1.0)

    def losses(self) -> tuple[SoundLoss, ...]:
        """Every loss in the current recording that was noticed."""
        self.started_at()
        return tuple(self._losses)

    def trouble(self) -> str | None:
        """Why no more sound is coming; None while all is well."""
        return self._death

    def _check(self) -> None:
        if self._death is not None:
            raise RigError(self._death)

    # What may break ------------------------------------------------------------------------

    def die(self, reason: str = "the sound server went away while the bench was in use") -> None:
        """The sound server is gone: nothing plays and nothing is recorded from now on."""
        self.stop_recording()
        self._death = reason

    def somebody_speaks(self, place: str, samples: Samples, at_index: int) -> None:
        """Sound that no loudspeaker of the bench plays, from where one stands."""
        self._spread(place, samples, at_index)

    def silence_microphone(self, microphone: str) -> None:
        """A microphone gives digital silence from now on."""
        self._air.die(microphone, self.now())

    def overdrive(self, microphone: str, most: float) -> None:
        """A microphone cuts off whatever is larger than `most` (full scale 1)."""
        self._overdriven[microphone] = most

    def lose(self, count: int, *, noticed: bool) -> None:
        """`count` samples of the recording are lost now; said in `losses` where `noticed`."""
        self._air.lose(self.now(), count)
        if noticed:
            self._losses.append(SoundLoss(self.now(), f"the sample count jumps by {count + 1}"))

    def slip(self, seconds: float) -> None:
        """The room lags from now on: what is played from here on is heard so much later."""
        self._delay += round(seconds * self.rate_hz)
