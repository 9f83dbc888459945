"""The first reading of a timeline: what is asked of it as a whole, before any stretch is judged.

It also tells whether the timeline stands in order, and where it must not be cut: an upload may
hold sound from long before it, and when a message arrived may be known to an hour only.
"""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from harness.judge.facts import AccountFacts, Frame
from harness.judge.gather import ByKind, Lines, by_kind, join, of_kind
from harness.judge.history import coarse_spans, true_entries
from harness.judge.near import Near
from harness.judge.order import BEGINS_S, Span, told_of_s
from harness.judge.sift import Sieve
from harness.model.account import (
    DeletionAsked,
    EntryHeard,
    ExportItem,
    ExportRead,
    ExportTried,
    HistoryEntry,
    HistoryRead,
    QueuedForReview,
    QueueRead,
    Replayed,
    SettingsRead,
)
from harness.model.case import RigFacts
from harness.model.record import rounded
from harness.model.script import Script
from harness.model.timeline import (
    Control,
    DeedDone,
    Event,
    Interrupted,
    LightChanged,
    LineSpoken,
    LineUnsaid,
    MessageReceived,
    SpeechHeard,
    TrafficSeen,
    Upload,
    Watched,
)

Read = Callable[[], Iterable[Event]]
"""Gives the timeline from its first event on, the same each time."""

FAR_S = 5.0
"""What tells of a time so long (s) before it began is found in the first reading."""
_EARLIEST_S = math.nextafter(-math.inf, 0.0)
_PHASES = {"opening": 0, "scene": 1, "closing": 2}


@dataclass(frozen=True, slots=True)
class FirstReading:
    """What the first reading found.

    `texts`: what is wrong with events that are asked for as a whole. `count`: of the other events.
    `ordered`: whether these stand in order. `uncut`: spans (s) that belong together. `arrived`:
    whether any message did.
    """

    frame: Frame
    texts: frozenset[str]
    count: int
    ordered: bool
    uncut: tuple[Span, ...]
    arrived: bool


def first_reading(script: Script, rig: RigFacts, known: Lines, read: Read) -> FirstReading:
    """Read it once; twice where a message came with words, which every line is held against."""
    sieve, whole = Sieve(forgets=False), list[Event]()
    skim = _Skim()
    for event in skim.past(read()):
        if (fact := sieve.keep(event)) is not None:
            whole.append(fact)
    frame = _frame(script, rig, by_kind(whole), lit=skim.lit)
    if skim.words:
        frame = replace(frame, lines=join(known, _spoken(read))[0])
    return FirstReading(
        frame=frame,
        texts=frozenset(sieve.texts),
        count=skim.count,
        ordered=skim.ordered,
        uncut=(*skim.uncut, *coarse_spans((e for _, e in frame.entries), frame.limits)),
        arrived=skim.arrived,
    )


class _Skim:
    """What must be known of the events that go on with the time before they are judged."""

    def __init__(self) -> None:
        self.count = 0
        self.ordered = True
        self.lit = False
        self.arrived = False
        self.words = False
        self.uncut: list[Span] = []

    def past(self, events: Iterable[Event]) -> Iterator[Event]:
        """Take them in; gives the others."""
        count, last_s = 0, _EARLIEST_S
        for event in events:
            kind: type = type(event)
            begins_s = BEGINS_S.get(kind)
            if begins_s is None:
                yield event
                continue
            count += 1
            at_s = begins_s(event)
            if last_s <= at_s < math.inf:
                last_s = at_s
            elif math.isfinite(at_s):
                self.ordered, last_s = False, at_s
            else:
                continue  # it cannot be judged
            if kind is LightChanged:
                self.lit = True
            elif kind is Upload or kind is MessageReceived:
                self._left(event, at_s)
        self.count = count

    def _left(self, event: Event, at_s: float) -> None:
        if isinstance(event, MessageReceived):
            self.arrived = True
            self.words |= event.transcript is not None
        early_s = told_of_s(event)[0]
        if early_s < at_s - FAR_S:
            self.uncut.append((early_s, at_s))


def _spoken(read: Read) -> tuple[LineSpoken, ...]:
    """Every line that was said, as the stretches will have them."""
    sieve = Sieve(forgets=False)
    kept = [sieve.keep(event) for event in read() if type(event) is LineSpoken]
    return of_kind(by_kind(e for e in kept if e is not None), LineSpoken, "start_s")


def _frame(script: Script, rig: RigFacts, kinds: ByKind, *, lit: bool) -> Frame:
    account = _account(kinds)
    entries = tuple(enumerate(true_entries(account)))
    return Frame(
        script=script,
        rig=replace(rig, limits=rounded(rig.limits)),
        unsaid=of_kind(kinds, LineUnsaid, "at_s"),
        deeds=of_kind(kinds, DeedDone, "at_s"),
        account=account,
        traffic=of_kind(kinds, TrafficSeen, "packets"),
        watched=of_kind(kinds, Watched, "from_s"),
        interruptions=of_kind(kinds, Interrupted, "at_s"),
        unscripted=of_kind(kinds, SpeechHeard, "start_s"),
        controls=_controls(kinds),
        lit=lit,
        lines=(),
        waived=rig.policy.waived,
        entries=Near(entries, lambda e: e[1].earliest_s, lambda e: e[1].latest_s),
    )


def _account(kinds: ByKind) -> AccountFacts:
    return AccountFacts(
        settings=of_kind(kinds, SettingsRead, "at_s"),
        histories=of_kind(kinds, HistoryRead, "at_s"),
        entries=of_kind(kinds, HistoryEntry, "from_s"),
        heard=of_kind(kinds, EntryHeard, "at_s"),
        deletions=of_kind(kinds, DeletionAsked, "at_s"),
        replays=of_kind(kinds, Replayed, "at_s"),
        exports=of_kind(kinds, ExportRead, "at_s"),
        tried=of_kind(kinds, ExportTried, "at_s"),
        items=of_kind(kinds, ExportItem, "read_at_s"),
        queues=of_kind(kinds, QueueRead, "at_s"),
        queued=of_kind(kinds, QueuedForReview, "read_at_s"),
    )


def _controls(kinds: ByKind) -> tuple[Control, ...]:
    mine = cast(list[Control], kinds.get(Control, []))
    return tuple(sorted(mine, key=lambda c: (_PHASES.get(c.phase, len(_PHASES)), repr(c))))
