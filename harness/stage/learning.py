"""Lets a device say its prompts, and records them: the lines of a lesson, take after take."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.clock import Deadline
from harness.ears.learning import FRAME_S, noise_level_db, over_noise
from harness.errors import DeviceError, RigError
from harness.scene.lesson import Lesson, TurnText
from harness.stage.deeds import await_listening
from harness.stage.schedule import Schedule
from harness.stage.session import CAPTURE, RECORDING

_POLL_S = 0.1
_NO_SOUND_S = 4.0
_QUIET_S = 2.0
_REST_S = 3.0
# What is said is heard so much later at most; then its echo dies away.
_HEARD_LATE_S = 0.3
_SILENCE_FIRST_S = 0.1
_LEAST_S = 0.1
_AROUND_S = 0.15
_OVER_S = 0.8
_LONGEST_S = 20.0


@dataclass(slots=True)
class Takes:
    """What was recorded: takes by prompt, and the level of the quiet room (dB re full scale)."""

    noise_db: float
    by_prompt: dict[str, list[Samples]] = field(default_factory=dict)


class Teacher:
    """Gives a lesson on an open rig. `clips`: its lines, ready to be played. `channel`: the
    microphone that records.
    """

    def __init__(
        self,
        rig: Rig,
        lesson: Lesson,
        clips: Mapping[str, Samples],
        channel: str,
        progress: Callable[[str], None],
    ) -> None:
        self._rig, self._lesson, self._clips = rig, lesson, clips
        self._channel, self._progress = channel, progress
        self._rate = rig.microphone.rate_hz
        self._schedule = Schedule(rig.loudspeaker)

    def takes(self, count: int, folder: Path) -> Takes:
        """Have every prompt said `count` times; `folder`: for what is recorded meanwhile.

        Raises `DeviceError` where the device says nothing, `RigError` where the bench fails.
        """
        rig = self._rig
        self._progress("switching the device on")
        rig.inbox.prepare(self._lesson.text.contacts)
        with ExitStack() as stack:
            rig.tap.start(folder / CAPTURE)
            stack.callback(rig.tap.stop)
            rig.microphone.record(folder / RECORDING)
            stack.callback(rig.microphone.stop_recording)
            rig.reset()
            stack.callback(rig.power.off)
            rig.power.on()
            await_listening(rig, lambda: rig.clock.wait_s(_POLL_S))
            rig.settle()
            return self._all(count)

    def _all(self, count: int) -> Takes:
        found = Takes(self._noise_db())
        for number in range(count):
            for talk in self._lesson.text.conversations:
                for turn in talk:
                    self._progress(f"take {number + 1} of {count}: {turn.says[-1]}")
                    said = self._turn(turn, found.noise_db)
                    if turn.prompt is not None:
                        found.by_prompt.setdefault(turn.prompt.id, []).append(said)
                self._wait(_REST_S)
        return found

    def _noise_db(self) -> float:
        self._wait(_QUIET_S)
        until, count = self._rig.microphone.heard_until(), round(_QUIET_S / 2 * self._rate)
        return noise_level_db(self._read(until - count, until), self._rate)

    def _turn(self, turn: TurnText, noise_db: float) -> Samples:
        """Say the lines of a turn, and record what the device says then."""
        start = self._say(turn) + round(_HEARD_LATE_S * self._rate)
        until = start + round(self._lesson.text.answer_within_s * self._rate)
        span: Span | None = None
        while span is None or not span.over:
            self._wait(_POLL_S)
            now = self._rig.microphone.heard_until()
            span = spoken(over_noise(self._read(min(start, now), now), self._rate, noise_db))
            self._check(turn, span, now - until)
        frame, around = round(FRAME_S * self._rate), round(_AROUND_S * self._rate)
        return self._read(start + span.first * frame - around, start + span.last * frame + around)

    def _say(self, turn: TurnText) -> int:
        """Say the lines of a turn; the index after the last sample."""
        text = self._lesson.text
        over = self._rig.loudspeaker.earliest_index()
        for line in turn.says:
            at = over + round(text.pause_s * self._rate)
            played = self._schedule.play(line, text.at, self._clips[line], at)
            over = played.at_index + len(played.samples)
        return over

    def _check(self, turn: TurnText, span: "Span | None", late: int) -> None:
        """Give up where nothing, or no end, came of a turn; `late`: samples after the time-out."""
        line = turn.says[-1]
        if span is None and late > 0:
            raise DeviceError(
                f"the device said nothing within {self._lesson.text.answer_within_s:g} s after "
                f"“{line}” that stands out from the room's noise. Say it to the device by hand, "
                f"and look into {self._lesson.path}"
            )
        if late > _LONGEST_S * self._rate:
            raise RigError(
                f"it did not get quiet for {_LONGEST_S:g} s after “{line}”; prompts are learnt in "
                "a quiet room"
            )

    def _wait(self, seconds: float) -> None:
        until = self._rig.microphone.heard_until() + round(seconds * self._rate)
        deadline = Deadline.after(self._rig.clock, seconds + _NO_SOUND_S)
        while self._rig.microphone.heard_until() < until:
            self._rig.raise_trouble()
            if deadline.passed():
                raise RigError(
                    f"no sound has come from the bench for {_NO_SOUND_S:g} s; see `sayso doctor`"
                )
            self._rig.clock.wait_s(min(seconds, _POLL_S))

    def _read(self, start: int, until: int) -> Samples:
        return self._rig.microphone.read(self._channel, start, until - start)


@dataclass(frozen=True, slots=True)
class Span:
    """Frames in which somebody spoke, from `first` until before `last`; `over`: nothing follows."""

    first: int
    last: int
    over: bool


def spoken(loud: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> Span | None:
    """What was said after the first silence; `loud`: of each frame whether it is.

    None before there is enough of it. Pauses of up to 0.8 s belong to it.
    """
    silence, least, over = (round(s / FRAME_S) for s in (_SILENCE_FIRST_S, _LEAST_S, _OVER_S))
    if len(loud) < silence:
        return None
    quiet = np.convolve(~loud, np.ones(silence, np.int64), "valid") == silence
    if not quiet.any():
        return None
    first_quiet = int(np.argmax(quiet))
    frames = first_quiet + np.flatnonzero(loud[first_quiet:])
    # What stands alone and is too short to be speech, such as a click, is passed over.
    groups = np.split(frames, np.flatnonzero(np.diff(frames) > over) + 1)
    for group in groups:
        if len(group) >= least:
            last = int(group[-1]) + 1
            return Span(int(group[0]), last, len(loud) - last >= over)
    return None
