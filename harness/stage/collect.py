"""From a take to a timeline: everything the sensors saw, as facts on the run's one clock."""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harness.bench.timefit import TimeLine
from harness.ears.spotter import Spotted
from harness.errors import RigError
from harness.model.timeline import (
    DeedDone,
    Event,
    Interrupted,
    LightChanged,
    LineSpoken,
    MessageReceived,
    PromptHeard,
    TrafficSeen,
    Upload,
    Watched,
)
from harness.stage.control_facts import Seen, control_facts
from harness.stage.proofs import hear_played
from harness.stage.session import CAPTURE, Take
from harness.wire import Traffic, UploadLimits, WireReport, read_wire

_CHUNK_S = 60.0
_MOST_LATE_S = 0.005


@dataclass(frozen=True, slots=True)
class Timeline:
    """The events of a play, and what belongs beside them.

    `start_index`: the recording's index at time 0. `sent`: (seconds, bytes) of the device's
    packets, for the picture.
    """

    events: tuple[Event, ...]
    start_index: int
    sent: tuple[tuple[float, int], ...]
    clock: TimeLine | None


class Collector:
    """Reads one take's recording and capture."""

    def __init__(self, take: Take, folder: Path) -> None:
        self._take, self._folder = take, folder
        self._microphone = take.rig.microphone
        self._rate = take.rig.microphone.rate_hz
        self._line = self._clock_line()
        self._start = self._first_index()

    def timeline(self) -> Timeline:
        """All events, in order of kind; the judge does not care for order."""
        with ThreadPoolExecutor(1) as beside:
            prompts = beside.submit(self._prompts)
            return self._timeline(prompts)

    def _timeline(self, prompts: "Future[list[PromptHeard]]") -> Timeline:
        take = self._take
        report = self._wire()
        traffic = Traffic({}, (), ()) if report is None else report.traffic
        uploads = self._uploads(report)
        lines = [self._spoken(line_id) for line_id in self._played()]
        events: list[Event] = [*lines]
        if take.performed is not None:
            events += take.performed.unsaid
        events += prompts.result()
        events += [u for u in uploads if self._in_scene(u.start_s, u.end_s)]
        events += self._messages()
        events += self._lights()
        events += self._deeds()
        events += self._totals(traffic)
        seen = Seen(take, report, uploads, lines, self._line, self._at)
        events += control_facts(seen)
        events += self._interruptions()
        sent = tuple((self._at(unix_s), count) for unix_s, count in traffic.sent)
        return Timeline(tuple(events), self._start, sent, self._line)

    # Times -----------------------------------------------------------------------------------

    def _clock_line(self) -> TimeLine | None:
        try:
            return self._microphone.clock_line()
        except (RigError, ValueError, IndexError) as error:
            self._take.troubles.append(f"no clock could be made of the recording: {error}")
            return None

    def _first_index(self) -> int:
        if self._take.performed is not None:
            return self._take.performed.start
        try:
            return self._microphone.started_at()
        except (RigError, IndexError):
            return 0

    def _at(self, unix_s: float) -> float:
        """Seconds on the run's clock of a Unix time."""
        if self._line is None:
            return 0.0
        return (self._line.index(unix_s) - self._start) / self._rate

    def _seconds(self, index: int) -> float:
        return (index - self._start) / self._rate

    def _scene_end(self) -> float:
        performed = self._take.performed
        if performed is None:
            return 0.0
        return self._seconds(performed.watched_until or self._microphone.heard_until())

    def _in_scene(self, start_s: float, end_s: float) -> bool:
        return end_s > 0.0 and start_s < self._scene_end()

    # Sound -----------------------------------------------------------------------------------

    def _played(self) -> Sequence[str]:
        return list(self._take.performed.played) if self._take.performed is not None else []

    def _spoken(self, line_id: str) -> LineSpoken:
        take = self._take
        assert take.performed is not None
        played = take.performed.played[line_id]
        delay = take.delay(played.position)
        inaudible = take.script.line(line_id).inaudible
        heard = hear_played(take.rig, played, delay, inaudible=inaudible)
        on_time = abs(heard.late_s) <= _MOST_LATE_S
        start = played.at_index + delay
        return LineSpoken(
            line_id=line_id,
            start_s=self._seconds(start) + heard.late_s,
            end_s=self._seconds(start + len(played.samples)) + heard.late_s,
            exact=self._exact(played.position, played.at_index, len(played.samples)),
            heard=heard.score >= take.rig.file.limits.heard_score and on_time,
            heard_score=heard.score,
            level_db=max(heard.level_db, -200.0),
        )

    def _exact(self, position: str, start: int, count: int) -> bool:
        if start + count > self._microphone.heard_until():
            return False
        recorded = self._microphone.read(position, start, count)
        return bool(np.array_equal(recorded, self._take.schedule.expected(position, start, count)))

    def _prompts(self) -> list[PromptHeard]:
        if self._take.performed is None or not self._take.book.prompts:
            return []
        found: list[PromptHeard] = []
        end = min(
            self._take.performed.watched_until or self._microphone.heard_until(),
            self._microphone.heard_until(),
        )
        overlap = int((self._take.book.longest_s + 0.5) * self._rate)
        at = self._start
        while at < end:
            count = min(int(_CHUNK_S * self._rate), end - at)
            for spotted in self._take.book.spot(self._heard(at, count), self._rate):
                fact = self._prompt(spotted, at)
                found.append(fact)
            at += max(count - overlap, 1) if at + count < end else count
        return _apart(found)

    def _heard(self, start: int, count: int) -> "np.ndarray[tuple[int], np.dtype[np.float32]]":
        return self._microphone.read("listener", start, count)

    def _prompt(self, spotted: Spotted, origin: int) -> PromptHeard:
        start = origin + int(spotted.start_s * self._rate)
        sound = self._heard(start, int((spotted.end_s - spotted.start_s) * self._rate))
        level_db = float(10 * np.log10(np.mean(np.square(sound, dtype=np.float64)) + 1e-20))
        return self._take.book.heard(spotted, self._seconds(origin), level_db)

    # Wire, inbox, light ----------------------------------------------------------------------

    def _wire(self) -> WireReport | None:
        rig = self._take.rig
        path = self._folder / CAPTURE
        if not path.exists():
            return None
        wire = rig.file.wire
        limits = UploadLimits(wire.upload_gap_s, wire.upload_min_bytes)
        try:
            return read_wire(
                path, rig.device_address, rig.canary_flows(), limits, self._take.nonces()
            )
        except RigError as error:
            self._take.troubles.append(str(error))
            return None

    def _uploads(self, report: WireReport | None) -> list[Upload]:
        if report is None or self._line is None:
            return []
        return [
            replace(u, start_s=self._at(u.start_s), end_s=self._at(u.end_s)) for u in report.uploads
        ]

    def _messages(self) -> list[MessageReceived]:
        return [
            MessageReceived(
                message_id=m.message_id,
                recipient=m.recipient,
                at_s=self._at(m.unix_s),
                uncertainty_s=m.uncertainty_s,
                audio_s=m.audio_s,
                transcript=m.transcript,
                sha256=m.sha256,
            )
            for m in self._take.messages
            if m.canary is None
        ]

    def _lights(self) -> list[LightChanged]:
        panel = self._take.rig.panel
        if panel is None or self._line is None:
            return []
        changes = [LightChanged(self._at(e.unix_s), e.light) for e in panel.events()]
        inside = [c for c in changes if 0.0 <= c.at_s <= self._scene_end()]
        before = [c for c in changes if c.at_s < 0.0][-1:]
        return before + inside

    def _deeds(self) -> list[DeedDone]:
        performed = self._take.performed
        if performed is None or self._line is None:
            return []
        return [DeedDone(d.doing_id, d.deed, self._at(d.unix_s)) for d in performed.deeds]

    def _totals(self, traffic: Traffic) -> list[Event]:
        if self._take.performed is None or self._line is None:
            return []
        end_s = self._scene_end()

        def inside(packets: Sequence[tuple[float, int]]) -> list[int]:
            return [count for unix_s, count in packets if 0.0 <= self._at(unix_s) <= end_s]

        sent, received = inside(traffic.sent), inside(traffic.received)
        seen = TrafficSeen(len(sent) + len(received), sum(sent), sum(received))
        return [seen, Watched(0.0, end_s)] if self._take.performed.watched_until else [seen]

    def _interruptions(self) -> list[Event]:
        stopped = self._take.stopped_by
        if stopped is None:
            return []
        why = str(stopped) or type(stopped).__name__
        return [Interrupted(self._scene_end(), why)]


def _apart(prompts: Sequence[PromptHeard]) -> list[PromptHeard]:
    """Without those found twice, in the overlap of two chunks."""
    kept: list[PromptHeard] = []
    for prompt in sorted(prompts, key=lambda p: -p.score):
        if all(prompt.end_s <= k.start_s or prompt.start_s >= k.end_s for k in kept):
            kept.append(prompt)
    return sorted(kept, key=lambda p: p.start_s)
