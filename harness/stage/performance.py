"""Performs the lines and deeds of a script, each when its cue comes, then watches.

Times are kept as *heard at the listener's place*: a line is sent out earlier by what its path
takes.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from harness.account.owner import Owner
from harness.bench.rig import Rig
from harness.ears.listener import PromptListener
from harness.errors import DeviceError
from harness.model.script import (
    Addressee,
    AfterLine,
    AfterPrompt,
    AtTime,
    Deed,
    Doing,
    Line,
    PromptRole,
    Script,
    When,
)
from harness.model.timeline import LineUnsaid
from harness.stage.clips import Cast
from harness.stage.deeds import Done, Hand, in_order
from harness.stage.live import LiveReport
from harness.stage.microphone_watch import MicrophoneWatch
from harness.stage.schedule import Played, Schedule
from harness.stage.shared_events import SharedEvents
from harness.stage.tap_proof import TapProof
from harness.stage.waiting import Waiting

# A line is handed over so long before it is due; hearing lags about 0.3 s, playing takes as much.
_LEAD_S = 0.8
_START_S = 0.2
_SPARE_S = 0.1
_LONGEST_TALK_S = 120.0
_UNHURRIED_S = 0.5
# After one of these the device asks and expects nothing more.
_FINAL = (PromptRole.SENT, PromptRole.CANCELLED, PromptRole.ANSWER)
Progress = Callable[[str], None]


@dataclass(slots=True)
class Performed:
    """What the performance left: the scene's first index, lines played and unsaid, its end.

    `deeds`: what was done to the device. `undone`: why a deed was not, by its id. `canaries`: those
    sent on the link meanwhile, as nonce and Unix time (s). `deaf_at_unix_s`: when the device was
    found to have closed its microphone unasked (Unix time, s).
    """

    start: int
    played: dict[str, Played] = field(default_factory=dict)
    unsaid: list[LineUnsaid] = field(default_factory=list)
    deeds: list[Done] = field(default_factory=list)
    undone: dict[str, str] = field(default_factory=dict)
    canaries: dict[bytes, float] = field(default_factory=dict)
    deaf_at_unix_s: list[float] = field(default_factory=list)
    watched_until: int = 0


class Performance:
    """One performance of one script.

    `cast`: its sounds at the level they are to be played at. `delay(position)`: samples from
    loudspeaker to listener. `events` are made when they are due. `live` is told of all of it.
    `owner`: of the account, for scenes that ask it. `done` fills as the performance goes on.
    """

    def __init__(
        self,
        rig: Rig,
        script: Script,
        schedule: Schedule,
        listener: PromptListener,
        cast: Cast,
        delay: Callable[[str], int],
        progress: Progress,
        events: SharedEvents,
        live: LiveReport,
        owner: Owner | None = None,
    ) -> None:
        self._owner, self._live = owner, live
        self._rig, self._script, self._schedule = rig, script, schedule
        self._listener, self._clips = listener, cast.lines
        self._delay, self._progress = delay, progress
        self._rate, self._limits = rig.microphone.rate_hz, rig.file.limits
        lead = int(_START_S * self._rate)
        longest = max((delay(p) for p in rig.loudspeaker.positions), default=0)
        self.done = Performed(rig.loudspeaker.earliest_index() + lead + longest)
        away: dict[Deed, None] = {}
        proof = TapProof(rig, away, self.done.canaries)
        watch = MicrophoneWatch(rig, away, self.done.deaf_at_unix_s)

        def meanwhile() -> None:
            proof.go_on()
            watch.go_on()
            live.go_on()
            if Deed.NETWORK_OFF not in away:  # its datagrams could not pass
                events.go_on()

        self._waiting = Waiting(rig, script, schedule, cast.sounds, self.done.start, meanwhile)
        self.hand = Hand(rig, self._waiting.tick, away)
        self.done.deeds = self.hand.done

    def run(self) -> Performed:
        """Perform everything, watch until nothing can have been missed, give back what is away."""
        reference = over = self.done.start
        self._live.scene_begins(self.done.start)
        self.hand.share.resume()
        for entry in in_order(self._script):
            if isinstance(entry, Doing):
                reference = self._do(entry, reference)
            else:
                reference = self._say(entry, reference)
            over = max(over, reference)  # a line may outlast what follows it
        self._watch(over)
        if self.hand.holds:
            self._progress(f"giving back: {', '.join(self.hand.holds)}")
        if self.hand.give_back():
            # What it had to keep to itself leaves now, or never.
            self._watch(self._now())
        self.hand.share.pause()
        return self.done

    # Lines and deeds: each returns the index (as heard) that the next one's pause counts from ---

    def _say(self, line: Line, reference: int) -> int:
        cue = self._cue(line.when, reference)
        if cue is None:
            return self._leave_out(line)
        samples = self._clips[line.id]
        position = self._script.member(line.who).position
        delay = self._delay(position)
        self._waiting.until_heard(cue - delay - int(_LEAD_S * self._rate))
        self._progress(f"{line.who}: {line.says}")
        played = self._schedule.play(line.id, position, samples, cue - delay)
        self.done.played[line.id] = played
        self._live.line(played, delay)
        return played.at_index + delay + len(samples)

    def _do(self, doing: Doing, reference: int) -> int:
        cue = self._cue(doing.when, reference)
        if cue is None:
            self.done.undone[doing.id] = self._missed(doing.when)
            return self._rig.microphone.heard_until()
        self._waiting.until_moment(cue)
        if doing.deed.is_owners:
            self._progress(doing.in_words)
            self._ask_for(doing)
        elif self.hand.can(doing.deed):
            self._progress(doing.in_words)
            self.hand.do(doing.id, doing.deed, doing.network)
            self._live.deed(doing.in_words)
        else:
            self.done.undone[doing.id] = "what it gives back had not been taken away"
        return self._now()

    def _ask_for(self, doing: Doing) -> None:
        """What the account's owner does; when it was done, it told."""
        assert self._owner is not None  # `check_deeds` has seen to it
        self._rig.raise_trouble()
        self._owner.do(doing)
        self.done.deeds.append(Done(doing.id, doing.deed, self._rig.clock.now_s()))

    def _cue(self, when: When, reference: int) -> int | None:
        match when:
            case AtTime(at_s):
                return self.done.start + round(at_s * self._rate)
            case AfterLine(pause_s):
                return reference + round(pause_s * self._rate)
            case AfterPrompt() as when:
                end = self._await_prompt(when, reference)
                return None if end is None else end + round(when.pause_s * self._rate)

    def _await_prompt(self, when: AfterPrompt, reference: int) -> int | None:
        until = reference + round(when.within_s * self._rate)
        self._progress(f"waiting for the device to say: {when.prompt.value.replace('_', ' ')}")
        while True:
            heard = self._listener.heard(when.prompt, after=reference)
            if heard is not None:
                return heard[1]
            if self._rig.microphone.heard_until() > until + self._rate // 2:
                return None
            self._waiting.tick()

    def _leave_out(self, line: Line) -> int:
        now = self._rig.microphone.heard_until()
        at_s = (now - self.done.start) / self._rate
        self.done.unsaid.append(LineUnsaid(line.id, at_s, self._missed(line.when)))
        self._live.left_out(line.id, self._missed(line.when))
        return now

    def _missed(self, when: When) -> str:
        assert isinstance(when, AfterPrompt)
        prompt = when.prompt.value.replace("_", " ")
        return f"the device did not say {prompt!r} within {when.within_s:g} s"

    # Waiting ---------------------------------------------------------------------------------

    def _watch(self, reference: int) -> None:
        """Watch until `watch_s` after the last line, prompt or end of session.

        Raises `DeviceError` for a device that never stops talking: it cannot be watched to the end.
        """
        watch = round(max(self._script.watch_s or 0.0, self._limits.watch_s) * self._rate)
        latest = reference + round(_LONGEST_TALK_S * self._rate)
        left = 1
        while True:
            # In the end all is searched: what was said last may be a question.
            over = max(reference, self._session_end(_UNHURRIED_S if left > 0 else 0.0))
            if over > latest:
                raise DeviceError(
                    f"the device was still talking {_LONGEST_TALK_S:g} s after the last line, so "
                    "nobody can watch what follows; see device.log"
                )
            searched = left <= 0
            left = over + watch + round(_SPARE_S * self._rate) - self._rig.microphone.heard_until()
            if left <= 0 and searched:
                self.done.watched_until = self._rig.microphone.heard_until()
                self._waiting.over = True
                return
            if left > 0:
                self._progress(f"watching for {left / self._rate:.0f} s more")
                self._live.time_left(left / self._rate)
                self._waiting.tick()

    def _session_end(self, at_least_s: float) -> int:
        """When what was last said lets go of the device, as far as is known by now (an index).

        Never before the judge's end of the last session, else the watch would be too short.
        """
        window = round(self._limits.answer_window_s * self._rate)
        ends = [0]
        heard = self._listener.heard(at_least_s=at_least_s)
        if heard is not None:
            ends.append(heard[1] + round(self._limits.follow_up_s * self._rate))
        question = self._listener.last_question_end()
        if question is not None:
            ends.append(question + window)
        asked = self._last_asked()
        later = (self._listener.heard(role, asked, at_least_s) for role in _FINAL)
        if not any(later):
            ends.append(asked + window)
        return max(ends)

    def _last_asked(self) -> int:
        """The index at which the last line ended that the device may still answer; 0 if none."""
        ends = [0]
        for line in self._script.lines:
            played = self.done.played.get(line.id)
            if played is not None and line.to is Addressee.DEVICE:
                ends.append(played.at_index + self._delay(played.position) + len(played.samples))
        return max(ends)

    def _now(self) -> int:
        """The index that is heard at this moment."""
        return round(self._rig.microphone.clock_line().index(self._rig.clock.now_s()))
