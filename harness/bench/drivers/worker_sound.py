"""Loudspeakers and microphones behind a worker process: what every bench in real time shares.

The streams live in a worker process of their own (`sound_worker`) under real-time priority, so
that nothing the harness computes can make them stumble. Recordings are files that grow, and this
end reads them.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from harness.bench.drivers import pulse_server as air
from harness.bench.drivers.sound_worker import (
    FIELDS,
    IN_FLAGS,
    IN_NEXT,
    OFFSET,
    OUT_FLAGS,
    OUT_NEXT,
    PILOT_PERIOD,
    PILOT_STEP,
    SYNCED,
)
from harness.bench.drivers.worker_process import WorkerProcess
from harness.bench.ports.sound import Loudspeaker, Microphone, Samples, SharedEvent, SoundLoss
from harness.bench.timefit import TimeLine, fit_upper_line
from harness.clock import Clock, Deadline
from harness.errors import RigError

_FRAME_BYTES = 4 * air.CHANNELS
# Time for a command to reach the worker before the sample it is about goes out.
_LEAD_S = 0.05
_SETTLE_S = 2.0
# Threads of a saturated machine stood still for up to 3.2 s.
_STALL_S = 4.0


class WorkerSound(Loudspeaker, Microphone, SharedEvent):
    """Up to four loudspeakers and two microphones on one sample clock.

    `channel`: the column of each channel in the recording. `worker`: starts the worker, given the
    page that both share. `hangs`: what is to be said when no sound comes any more.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        positions: tuple[str, ...],
        channel: Mapping[str, int],
        worker: Callable[[Path], WorkerProcess],
        hangs: str,
    ) -> None:
        self.rate_hz = air.RATE_HZ
        self.positions = positions
        self.channels = tuple(channel)
        self.one_clock = True
        self._channel, self._hangs = channel, hangs
        self._folder, self._clock = folder, clock
        page = folder / "sound.state"
        page.write_bytes(bytes(8 * FIELDS))
        self._state: NDArray[np.int64] = np.memmap(page, dtype=np.int64, mode="r+", shape=(FIELDS,))
        self._clips = 0
        self._recording: Path | None = None
        self._reading = -1
        self._flags_before = (0, 0)
        self._moved = (-1, 0.0)
        self._worker = worker(page)
        self.realtime = False

    def open(self) -> None:
        """Wait until sound flows in both directions; `RigError` when it does not within 5 s."""
        self.realtime = bool(self._worker.await_ready(5.0).get("realtime"))
        deadline = Deadline.after(self._clock, 5.0)
        while not self._state[SYNCED]:
            if deadline.passed() or self.trouble():
                raise RigError(
                    "the bench plays, but nothing of it comes back on the recording: "
                    f"{self.trouble() or 'no pilot within 5 s'}"
                )
            self._clock.wait_s(0.01)

    def close(self) -> None:
        """End the worker; safe to call twice."""
        self._worker.stop()
        self._stop_reading()

    # Loudspeaker ---------------------------------------------------------------------------

    def earliest_index(self) -> int:
        """The first index at which sound handed over now would still come out complete."""
        lead = int(_LEAD_S * self.rate_hz)
        return int(self._state[OUT_NEXT]) + int(self._state[OFFSET]) + lead

    def play(self, position: str, samples: Samples, at_index: int) -> bool:
        """Mix mono `samples` into `position` from `at_index` on; see the port."""
        if position not in self.positions:
            there = ", ".join(self.positions)
            raise RigError(f"no loudspeaker at {position!r}; there are: {there}")
        self._clips += 1
        path = self._folder / f"clip-{self._clips % 64}.npy"
        np.save(path, np.ascontiguousarray(samples, dtype=np.float32))
        answer = self._worker.ask(
            play=str(path), position=self.positions.index(position), at=at_index
        )
        return not answer["late"]

    def mark(self, at_index: int, apart: int, payloads: Sequence[bytes]) -> list[float] | None:
        """Clicks from the first loudspeaker, each with a datagram at the same instant."""
        answer = self._worker.ask(
            clicks=[at_index + apart * i for i in range(len(payloads))],
            payloads=[payload.hex() for payload in payloads],
        )
        return None if answer["late"] else [float(s) for s in answer["sent_s"]]

    # Microphone ----------------------------------------------------------------------------

    def record(self, path: Path) -> None:
        """Begin a new recording in `path` (raw float32, all channels, with `.times` beside it)."""
        self.stop_recording()
        self._flags_before = (int(self._state[IN_FLAGS]), int(self._state[OUT_FLAGS]))
        self._worker.ask(record=str(path))
        self._recording = path
        self._await(lambda: len(self.stamps()) > 0)
        self._stop_reading()
        self._reading = os.open(path, os.O_RDONLY)
        self._synchronise()

    def _synchronise(self) -> None:
        """Return once it is known how far the recording lies behind what is played."""
        self._await(lambda: bool(self._state[SYNCED]))

    def _await(self, there: Callable[[], bool]) -> None:
        deadline = Deadline.after(self._clock, 5.0)
        while not there():
            if deadline.passed() or self.trouble():
                raise RigError(f"nothing is being recorded: {self.trouble() or 'no block in 5 s'}")
            self._clock.wait_s(0.01)

    def pace(self, seconds: float) -> float | None:
        """How fast sound comes and goes against `rate_hz`: whichever is farther off; see the port.

        Sound comes in bursts, so it is measured from one arrival to another.
        """
        counts = (IN_NEXT, OUT_NEXT)
        before = [self._arrival(count) for count in counts]
        self._clock.wait_s(seconds)
        paces = []
        for (began, from_s), count in zip(before, counts, strict=True):
            until, until_s = self._arrival(count)
            paces.append((until - began) / (until_s - from_s) / self.rate_hz)
        return max(paces, key=lambda pace: abs(pace - 1))

    def _arrival(self, count: int) -> tuple[int, float]:
        """How much had come when something next came, and when that was (s).

        `count`: of what came in, `IN_NEXT`, or of what was asked for to go out, `OUT_NEXT`.
        """
        before = int(self._state[count])
        self._await(lambda: int(self._state[count]) != before)
        return int(self._state[count]), self._clock.monotonic_s()

    def stop_recording(self) -> None:
        """End the recording; what was recorded stays readable until the next one begins."""
        if self._recording is not None and self._worker.trouble() is None:
            self._worker.ask(record=None)

    def _stop_reading(self) -> None:
        if self._reading >= 0:
            os.close(self._reading)
            self._reading = -1

    def stamps(self) -> NDArray[np.float64]:
        """Rows of (index, Unix time in s), one a block, of the current recording."""
        path = self._recording.with_suffix(".times") if self._recording else None
        if path is None or not path.exists():
            return np.zeros((0, 2))
        raw = path.read_bytes()
        return np.frombuffer(raw[: len(raw) // 16 * 16], dtype=np.float64).reshape(-1, 2)

    def started_at(self) -> int:
        """The index of the recording's first sample."""
        return int(self.stamps()[0, 0])

    def heard_until(self) -> int:
        """One past the last index that can be read."""
        return self.started_at() + os.fstat(self._reading).st_size // _FRAME_BYTES

    def frames(self, start: int, count: int) -> NDArray[np.float32]:
        """All channels from index `start`: shape (count, channels)."""
        skip = (start - self.started_at()) * _FRAME_BYTES
        raw = os.pread(self._reading, count * _FRAME_BYTES, skip) if skip >= 0 else b""
        if len(raw) < count * _FRAME_BYTES:
            raise RigError(f"samples {start} to {start + count} are not in the recording")
        return np.frombuffer(raw, dtype=np.float32).reshape(count, air.CHANNELS)

    def read(self, channel: str, start: int, count: int) -> Samples:
        """`count` mono samples of `channel`; see the port."""
        return self.frames(start, count)[:, self._channel[channel]].copy()

    def clock_line(self) -> TimeLine:
        """Index to Unix time, fitted over the recording without its first seconds."""
        stamps = self.stamps()
        settled = stamps[stamps[:, 0] > stamps[0, 0] + _SETTLE_S * self.rate_hz]
        return fit_upper_line(settled if len(settled) >= 50 else stamps)

    def unix_s(self, index: float) -> float:
        """The Unix time (s) at which the sample at `index` sounded."""
        return self.clock_line().at(index)

    def losses(self) -> tuple[SoundLoss, ...]:
        """Every loss in the current recording: status flags, and breaks in the pilot's count."""
        return (*pilot_breaks(self._pilot(), self.started_at()), *self._flagged())

    def _flagged(self) -> list[SoundLoss]:
        now = (int(self._state[IN_FLAGS]), int(self._state[OUT_FLAGS]))
        return [
            SoundLoss(-1, f"{after - before} blocks flagged as {what}run")
            for what, before, after in zip(("over", "under"), self._flags_before, now, strict=True)
            if after > before
        ]

    def _pilot(self) -> NDArray[np.float32]:
        return self._whole(air.PILOT)

    def _whole(self, column: int) -> NDArray[np.float32]:
        """All of one column of the recording."""
        if self._recording is None:
            raise RigError("nothing was recorded, so nothing can be checked for losses")
        shape = (self.heard_until() - self.started_at(), air.CHANNELS)
        data = np.memmap(self._recording, dtype=np.float32, mode="r", shape=shape)
        return np.array(data[:, column])

    def trouble(self) -> str | None:
        """Why no more sound is coming although it should; None while all is well."""
        return self._worker.trouble() or self._stalled()

    def _stalled(self) -> str | None:
        """Whether not one block has come for long: a sound server that hangs reports nothing."""
        index, now_s = int(self._state[IN_NEXT]), self._clock.monotonic_s()
        if index != self._moved[0]:
            self._moved = (index, now_s)
        silent_s = now_s - self._moved[1]
        if silent_s < _STALL_S:
            return None
        return f"sound: none has come from the bench for {silent_s:.0f} s; {self._hangs}"


def pilot_breaks(pilot: NDArray[np.float32], first_index: int) -> tuple[SoundLoss, ...]:
    """Where the running count in `pilot` does not go on by one: lost, doubled or silent samples."""
    count = np.rint(pilot / np.float32(PILOT_STEP)).astype(np.int64)
    step = np.diff(count) % PILOT_PERIOD
    breaks = np.flatnonzero(step != 1)
    losses = [
        SoundLoss(first_index + int(at) + 1, f"the sample count jumps by {_signed(int(step[at]))}")
        for at in breaks[:20]
    ]
    if len(count) and not count.any():
        losses.append(SoundLoss(first_index, "no pilot: nothing of what was played came back"))
    return tuple(losses)


def _signed(step: int) -> int:
    return step - PILOT_PERIOD if step > PILOT_PERIOD // 2 else step
