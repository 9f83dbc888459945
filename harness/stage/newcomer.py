"""A program's first time on the bench: does it hear, speak and send, and how soon is it ready?

Nothing is ruled here. What is seen is told as it is seen, and comes back as figures for a rig file.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harness.bench.drivers.guests import last_lines
from harness.bench.ports.sound import Samples
from harness.bench.rig import Rig
from harness.errors import DeviceError
from harness.stage.deeds import await_listening
from harness.stage.newcomer_talk import Sent, sent_to
from harness.stage.schedule import Schedule

LOUDSPEAKER = "device_loudspeaker"
"""The channel on which a bench with a computed room has the device's own loudspeaker."""

_CONTACTS = ("Thomas Reed", "Grace Miller")
_TRIES = 2
_POLL_S = 0.1
_BEFORE_S = 2.0
_OVER_S = 0.8  # quiet for so long, it has said what it had to say
_LONGEST_S = 12.0
_BLOCK_S = 0.05
_SPEAKS_DB = -60.0


@dataclass(frozen=True, slots=True)
class Newcomer:
    """What was seen of a device; None or 0 where that was not seen.

    `ready_s`: from power-on until its microphone was open. `unasked_s`: sound from its loudspeaker
    (s) in the 2 s of quiet before anybody spoke. `answered_s`: from the end of the question to the
    beginning of its answer; `said_s`, `level_db`: how long that was, and its RMS level (dB re full
    scale); `endless`: it did not fall silent within 12 s. `tries`: how often it was asked. `sent`:
    whom it sent to; `sent_when_asked`: whether any of that was after it was asked. `panel`: whether
    it connected to the panel; `keys`: whether it logged TLS keys. `ended`: why it did not last.
    `printed`: the last lines that it printed.
    """

    ready_s: float | None = None
    unasked_s: float = 0.0
    answered_s: float | None = None
    said_s: float = 0.0
    level_db: float | None = None
    endless: bool = False
    tries: int = 0
    sent: tuple[Sent, ...] = ()
    sent_when_asked: bool = False
    panel: bool = False
    keys: bool = False
    ended: str | None = None
    printed: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    """Sound that was found in a stretch: where it begins and ends (indices), and its level."""

    start: int
    end: int
    level_db: float


def meet(
    rig: Rig, request: tuple[Samples, Samples], folder: Path, tell: Callable[[str], None]
) -> Newcomer:
    """Switch the device on, leave it alone for 2 s, ask it, and switch it off.

    `request`: wake word and question. `folder`: where the capture and the recording lie meanwhile.
    `tell` gets a line for each thing as it is seen, with the seconds since power-on. Raises
    `RigError` for a bench that is not right; a device that is not is told in `ended`.
    """
    return _Meeting(rig, request, folder / "network.pcapng", tell).hold(folder / "air.f32")


class _Meeting:
    def __init__(
        self,
        rig: Rig,
        request: tuple[Samples, Samples],
        capture: Path,
        tell: Callable[[str], None],
    ) -> None:
        self._rig, self._capture, self._tell = rig, capture, tell
        self._wake, self._question = request
        self._rate = rig.microphone.rate_hz
        self._on_s = self._looked_s = rig.clock.monotonic_s()
        self._told_sent = False
        self._seen = Newcomer()
        self._asked_unix_s = float("inf")

    def hold(self, recording: Path) -> Newcomer:
        rig = self._rig
        rig.inbox.prepare(_CONTACTS)
        rig.tap.start(self._capture)
        rig.microphone.record(recording)
        rig.reset()
        rig.tap.send_canary(rig.new_mark(8).encode())
        self._look_for_packets()  # now: to load what reads captures takes a while
        try:
            self._watch()
        except DeviceError as error:
            self._note(ended=str(error))
        finally:
            rig.power.off()
            rig.tap.stop()
            rig.microphone.stop_recording()
        sent = self._look_for_packets()
        asked = any(each.last_unix_s > self._asked_unix_s for each in sent)
        self._note(sent=sent, sent_when_asked=asked, printed=last_lines(rig.device_log))
        return self._seen

    def _watch(self) -> None:
        """From power-on to the end of its answer."""
        rig = self._rig
        self._on_s = self._looked_s = rig.clock.monotonic_s()
        rig.power.on()
        self._say("it is switched on")
        await_listening(rig, self._tick)
        self._note(ready_s=self._looked_s - self._on_s)
        self._say(f"it hears: its microphone is open ({self._seen.ready_s:.1f} s)")
        rig.settle()
        self._leave_alone()
        while self._seen.answered_s is None and self._seen.tries < _TRIES:
            self._ask()
        panel = rig.panel is not None and rig.panel.present()
        self._note(panel=panel, keys=bool(rig.keys()))

    def _leave_alone(self) -> None:
        start = self._rig.microphone.heard_until()
        self._wait_until(start + int(_BEFORE_S * self._rate))
        loud = self._loud(start)
        unasked_s = float(np.count_nonzero(loud) * _BLOCK_S)
        self._note(unasked_s=unasked_s)
        if unasked_s:
            self._say(f"it speaks although nobody asked it: {unasked_s:.1f} s of 2 s")

    def _ask(self) -> None:
        control, schedule = self._rig.file.device.control, Schedule(self._rig.loudspeaker)
        self._note(tries=self._seen.tries + 1)
        self._say(f"it is asked: “{control.wake}” “{control.says}”")
        self._asked_unix_s = min(self._asked_unix_s, self._rig.clock.now_s())
        wake = schedule.play("wake", control.at, self._wake, 0)
        pause = wake.at_index + len(self._wake) + int(control.pause_s * self._rate)
        question = schedule.play("request", control.at, self._question, pause)
        asked = question.at_index + len(self._question)
        until = asked + int(control.answer_within_s * self._rate)
        while (answer := self._answer(wake.at_index)) is None:
            if self._rig.microphone.heard_until() >= until:
                return
            self._tick()
        self._say("it speaks: sound from its loudspeaker")
        self._hear_out(wake.at_index, asked, answer)

    def _hear_out(self, since: int, asked: int, answer: _Answer) -> None:
        """Wait until it falls silent, or has gone on for too long."""
        latest, quiet = answer.start + int(_LONGEST_S * self._rate), int(_OVER_S * self._rate)
        while (now := self._rig.microphone.heard_until()) < latest:
            answer = self._answer(since) or answer
            if now >= answer.end + quiet:
                break
            self._tick()
        endless = now < answer.end + quiet
        answered_s = (answer.start - asked) / self._rate
        said_s = (answer.end - answer.start) / self._rate
        told = "and does not stop" if endless else f"{said_s:.1f} s, {answer.level_db:.0f} dB"
        self._say(f"it answered {answered_s:.1f} s after the question: {told}")
        self._note(answered_s=answered_s, said_s=said_s, level_db=answer.level_db, endless=endless)

    def _answer(self, since: int) -> _Answer | None:
        loud = np.flatnonzero(self._loud(since))
        if not len(loud):
            return None
        block = int(_BLOCK_S * self._rate)
        start, end = since + int(loud[0]) * block, since + int(loud[-1] + 1) * block
        sound = self._rig.microphone.read(LOUDSPEAKER, start, end - start)
        return _Answer(start, end, float(10 * np.log10(np.mean(np.square(sound)) + 1e-12)))

    def _loud(self, since: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """For each block since an index, whether the device's loudspeaker gave sound."""
        block = int(_BLOCK_S * self._rate)
        count = max(0, self._rig.microphone.heard_until() - since) // block
        if not count:
            return np.zeros(0, dtype=np.bool_)
        sound = self._rig.microphone.read(LOUDSPEAKER, since, count * block)
        power = np.mean(np.square(sound.reshape(count, block)), axis=1)
        return np.asarray(power > 10 ** (_SPEAKS_DB / 10))

    def _wait_until(self, index: int) -> None:
        while self._rig.microphone.heard_until() < index:
            self._tick()

    def _tick(self) -> None:
        """A moment; what breaks meanwhile is raised."""
        self._rig.raise_trouble()
        self._rig.clock.wait_s(_POLL_S)
        self._looked_s = self._rig.clock.monotonic_s()
        if not self._told_sent:
            self._look_for_packets()

    def _look_for_packets(self) -> tuple[Sent, ...]:
        sent = sent_to(self._capture, self._rig)
        if sent and not self._told_sent:
            self._told_sent = True
            self._say(f"it sends: packets to {sent[0].destination}")
        return sent

    def _say(self, what: str) -> None:
        since_s = self._rig.clock.monotonic_s() - self._on_s
        self._tell(f"  {since_s:5.1f} s  {what}")

    def _note(self, **what: object) -> None:
        self._seen = replace(self._seen, **what)  # type: ignore[arg-type]
