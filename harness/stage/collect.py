"""From a take to a timeline: everything the sensors saw, as facts on the run's one clock."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from harness.account.facts import account_facts
from harness.account.recordings.play_log import PlayLog, PlayRecorded
from harness.bench.ports.capture_files import capture_files
from harness.bench.timefit import TimeLine
from harness.errors import RigError
from harness.model.timeline import (
    Control,
    DeedDone,
    Event,
    Interrupted,
    LightChanged,
    MessageReceived,
    TrafficSeen,
    Upload,
    Watched,
)
from harness.stage.control_facts import control_facts
from harness.stage.controls import CLOSING, OPENING
from harness.stage.idle import idle_profile
from harness.stage.inbox_facts import messages_received
from harness.stage.late_uploads import Asked, of_scene
from harness.stage.lines_spoken import lines_spoken
from harness.stage.payload_facts import PayloadFacts, PayloadSearch, RunClock, nothing_read
from harness.stage.prompts_heard import Heard
from harness.stage.proxy_facts import proxy_whole
from harness.stage.seen import Seen
from harness.stage.session import CAPTURE, Take
from harness.stage.sounds import Recording
from harness.stage.take_clock import TakeClock
from harness.stage.take_sound import TakeSound
from harness.stage.unscripted import SpeechClip, Told
from harness.wire import Declared, Traffic, UploadLimits, WireReport, read_wire


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of a play, and what belongs beside them.

    `start_index`: the recording's index at time 0. `clips`: speech that nobody scripted. `sent`:
    (seconds, bytes) of the device's packets, for the picture.
    """

    events: tuple[Event, ...]
    start_index: int
    clips: tuple[SpeechClip, ...]
    sent: tuple[tuple[float, int], ...]
    clock: TimeLine | None


class Collector:
    """Reads one take's recording and capture."""

    def __init__(
        self,
        take: Take,
        folder: Path,
        written: Callable[[], Sequence[Recording]] = lambda: (),
    ) -> None:
        """`written` waits for the play's recordings in `folder`; nothing where none are kept."""
        self._take, self._folder, self._written = take, folder, written
        self._microphone = take.rig.microphone
        self._idle = idle_profile(take.rig.file)
        clock = TakeClock(take)
        self._line, self._start = clock.line, clock.start
        self._at, self._seconds, self._scene_end = clock.at, clock.seconds, clock.scene_end
        self._sound = TakeSound(take, clock)

    def timeline(self) -> Timeline:
        """All events, in order of kind; the judge does not care for order."""
        with ThreadPoolExecutor(1) as beside:
            heard = beside.submit(self._sound.heard)
            return self._timeline(heard)

    def _timeline(self, listening: "Future[Heard | str]") -> Timeline:
        take = self._take
        report = self._wire()
        traffic = Traffic({}, (), ()) if report is None else report.traffic
        uploads = self._uploads(report)
        messages: Sequence[MessageReceived] = messages_received(take, self._at)
        payload = self._payload(report, uploads, messages)
        if isinstance(payload, PayloadFacts):
            uploads, messages = list(payload.uploads), payload.messages
        lines = lines_spoken(take, self._seconds)
        events: list[Event] = [*lines]
        if take.performed is not None:
            events += take.performed.unsaid
        heard = listening.result()
        told = self._sound.unscripted(heard) if isinstance(heard, Heard) else Told()
        prompts = heard.prompts if isinstance(heard, Heard) else ()
        by_voice = self._sound.by_voice(lines, prompts, told)
        told = by_voice.told
        events += [*prompts, *by_voice.prompts, *by_voice.replays]
        events += [*told.prompts, *told.speech]
        end_s, before_s = self._scene_end(), take.rig.file.limits.before_wake_s
        asked = self._asked(OPENING), self._asked(CLOSING)
        events += of_scene(uploads, end_s, before_s, *asked)
        events += self._account()
        events += messages
        events += self._lights()
        events += self._deeds()
        events += self._totals(traffic)
        subtraction = heard.subtraction if isinstance(heard, Heard) else heard
        hidden = self._idle is not None and bool(self._idle.unobservable)
        seen = Seen(take, report, uploads, lines, subtraction, self._line, self._at, hidden)
        events += control_facts(seen)
        if payload is not None:
            events.append(payload.control if isinstance(payload, PayloadFacts) else payload)
        if take.rig.proxy is not None:
            events.append(proxy_whole(take, self._folder, uploads))
        events += self._interruptions()
        sent = tuple((self._at(unix_s), count) for unix_s, count in traffic.sent)
        return Timeline(tuple(events), self._start, told.clips, sent, self._line)

    def _wire(self) -> WireReport | None:
        rig = self._take.rig
        path = self._folder / CAPTURE
        if not capture_files(path).paths:
            return None
        wire = rig.file.wire
        limits = UploadLimits(wire.upload_gap_s, wire.upload_min_bytes)
        declared = Declared(wire.destinations, wire.telemetry_bytes_a_minute, self._idle)
        try:
            return read_wire(
                path,
                rig.device_address,
                rig.canary_flows(),
                limits,
                self._take.nonces(),
                declared=declared,
            )
        except RigError as error:
            self._take.troubles.append(str(error))
            return None

    def _uploads(self, report: WireReport | None) -> list[Upload]:
        if report is None or self._line is None:
            return []
        closed = self._take.rig.file.wire.closed
        return [
            replace(
                u,
                start_s=self._at(u.start_s),
                end_s=self._at(u.end_s),
                suspected=u.suspected or closed,
            )
            for u in report.uploads
        ]

    def _asked(self, phase: str) -> Asked | None:
        """When a round of controls began to ask the device."""
        for proof in self._take.proofs:
            if proof.phase == phase and proof.asked_at is not None:
                return Asked(self._seconds(proof.asked_at), proof.tries)
        return None

    def _payload(
        self,
        report: WireReport | None,
        uploads: Sequence[Upload],
        messages: Sequence[MessageReceived],
    ) -> PayloadFacts | Control | None:
        """What was in it, where the device is open; a broken control where it was not read."""
        if not self._take.rig.file.device.open:
            return None
        if report is None or self._line is None:
            return nothing_read("the capture, or the recording's clock, is not there")
        try:
            clock = RunClock(self._line, self._start)
            search = PayloadSearch(self._take, self._folder / CAPTURE, clock)
            both = tuple(zip(report.uploads, uploads, strict=True))
            return search.run(both, messages)
        except (RigError, ValueError, IndexError, MemoryError) as error:
            return nothing_read(str(error))

    def _account(self) -> list[Event]:
        """What the account told."""
        owner = self._take.owner
        if owner is None or self._line is None:
            return []
        canaries = self._take.script.household.canaries
        with PlayLog(self._recorded) as log:
            return list(account_facts(owner.told, self._at, log, canaries))

    def _recorded(self) -> PlayRecorded:
        """What was played and heard in this play, on the disk."""
        assert self._line is not None
        start = self._microphone.started_at()
        # What the device's own microphone heard, no bench of a real device has.
        names = [each.name for each in self._written() if each.channels != ("device",)]
        return PlayRecorded(
            self._folder,
            tuple((name, self._seconds(start)) for name in names),
            self._line.at(start),
            self._line.at(self._microphone.heard_until()),
        )

    def _lights(self) -> list[LightChanged]:
        panel = self._take.rig.panel
        if panel is None or self._line is None:
            return []
        told = [LightChanged(self._at(e.unix_s), e.light) for e in panel.events()]
        # What changed again at the same instant was never seen, and its order would be lost.
        changes = [c for c, later in pairwise(told) if later.at_s != c.at_s] + told[-1:]
        inside = [c for c in changes if 0.0 <= c.at_s <= self._scene_end()]
        before = [c for c in changes if c.at_s < 0.0][-1:]
        return before + inside

    def _deeds(self) -> list[DeedDone]:
        performed = self._take.performed
        if performed is None or self._line is None:
            return []
        return [
            DeedDone(d.doing_id, d.deed, self._at(d.unix_s), d.network) for d in performed.deeds
        ]

    def _totals(self, traffic: Traffic) -> list[Event]:
        if self._take.performed is None or self._line is None:
            return []
        end_s = self._scene_end()
        watched = [Watched(0.0, end_s)] if self._take.performed.watched_until else []
        if "N" in self._take.rig.absent:
            return [*watched]

        def inside(packets: Sequence[tuple[float, int]]) -> list[int]:
            return [count for unix_s, count in packets if 0.0 <= self._at(unix_s) <= end_s]

        sent, received = inside(traffic.sent), inside(traffic.received)
        seen = TrafficSeen(len(sent) + len(received), sum(sent), sum(received))
        return [seen, *watched]

    def _interruptions(self) -> list[Event]:
        stopped = self._take.stopped_by
        if stopped is None:
            return []
        nameless = "Ctrl-C" if isinstance(stopped, KeyboardInterrupt) else type(stopped).__name__
        why = str(stopped) or nameless
        return [Interrupted(self._scene_end(), why)]
