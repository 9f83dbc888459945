"""Account: settings, identity, history, deletion, export, human review."""

from dataclasses import replace

from harness.model.account import (
    DeletionAsked,
    EntryHeard,
    EntryKind,
    ExportItem,
    ExportRead,
    ExportTried,
    HistoryEntry,
    HistoryRead,
    QueuedForReview,
    QueueRead,
    Replayed,
    SettingsRead,
    Stranger,
    Whose,
)
from harness.model.case import Case
from harness.model.timeline import Event
from tests.judge.pairs import Pair
from tests.judge.timelines import (
    DELIVERY,
    DIALOGUE,
    DICTATE,
    NAME,
    SENT,
    SOURCES,
    UNACCEPTABLE,
    WAKE,
    YES,
    adding,
    on,
    play,
    up,
    wanted,
)

DAY_S = 86_400.0
ALL = (*SOURCES, "C", "Q", "X")


def told(*events: Event, case: Case | None = None, profile: str | None = None) -> Case:
    """A message that Mark wanted, and what the account tells of it."""
    whole = on(adding(case or wanted(), *events), sources=ALL)
    script = whole.script
    home = replace(script.household, account="home-7", identifiers=("G090XG", "Reedsworth"))
    enrolled = {"Mark": profile, "Dana": "dana" if profile else None}
    cast = tuple(replace(m, profile=enrolled.get(m.name)) for m in script.cast)
    receipts = (
        replace(e, account=e.account or "home-7") if e == DELIVERY[2] else e
        for e in whole.events  # type: ignore[union-attr, call-arg]
    )
    allowed = () if any(isinstance(e, SettingsRead) for e in events) else (SETTINGS,)
    return replace(
        whole,
        script=replace(script, household=home, cast=cast),
        events=(*receipts, *allowed),
    )


SETTINGS = SettingsRead(-1.0, communications=True, review_opted_in=False)


def sent_from(account: str, profile: str | None, speaker: str | None = "mark") -> Case:
    """Mark's message, sent from this account and profile."""
    got = replace(DELIVERY[2], account=account, profile=profile)  # type: ignore[call-arg]
    case = play((WAKE, NAME, DICTATE, YES), *DIALOGUE, *DELIVERY[:2], got, SENT)
    return told(case=case, profile=speaker)


def whose_contact(owner: str) -> Case:
    """Mark's message to Thomas Reed, who is `owner`'s contact alone."""
    case = sent_from("home-7", "mark")
    cast = tuple(
        replace(m, contacts=("Thomas Reed",)) if m.name == owner else m for m in case.script.cast
    )
    return replace(case, script=replace(case.script, cast=cast))


def entry(entry_id: str, from_s: float, until_s: float, **more: object) -> HistoryEntry:
    """An entry of the history, read 100 s into the run."""
    made = HistoryEntry(entry_id, 100.0, EntryKind.RECORDING, from_s, until_s, None, True, True)
    return replace(made, **more)  # type: ignore[arg-type]


READ = HistoryRead(100.0, saving=True)
TO_THOMAS = entry("m", 16.5, 16.9, about=EntryKind.MESSAGE, recipient="Thomas Reed")
HISTORY = (entry("a", 1.9, 5.6), entry("b", 8.1, 10.6), entry("c", 15.1, 16.9), TO_THOMAS)
DELETED = (READ, *HISTORY, DeletionAsked(200.0, ()))
SOME = (READ, *HISTORY, DeletionAsked(200.0, ("a",)))
LOOKED = (HistoryRead(200.0 + DAY_S, saving=True), ExportRead(200.0 + DAY_S))


def after_h(hours: float, entry_id: str = "a") -> HistoryEntry:
    """An entry as the history has it so many hours after the deletion."""
    return entry(entry_id, 1.9, 5.6, read_at_s=200.0 + hours * 3600.0)


def renamed(entry_id: str, from_s: float, until_s: float) -> HistoryEntry:
    """An entry as the history has it a day after the deletion."""
    return entry(entry_id, from_s, until_s, read_at_s=200.0 + DAY_S)


def item(item_id: str, whose: Whose, **more: object) -> ExportItem:
    """An item of an export."""
    made = ExportItem(item_id, 200.0, whose, "a", 1.9, True, True)
    return replace(made, **more)  # type: ignore[arg-type]


def heard(entry_id: str, whose: Whose) -> EntryHeard:
    """The sound of an entry, and whose it is."""
    return EntryHeard(entry_id, 100.5, whose, 3.7, "0" * 64, "so it is")


EXPORT = (ExportRead(200.0), item("1.wav", Whose.OURS), item("2.wav", Whose.OURS))


def queued(item: QueuedForReview, *, opted_in: bool = True) -> Case:
    """One recording waits to be heard by people."""
    return told(replace(SETTINGS, review_opted_in=opted_in), QueueRead(120.0), item)


ITEM = QueuedForReview("r1", 120.0, 8.5, ("en-US", "device 4711"), "I will be late for dinner")
ACCIDENT = told(
    replace(SETTINGS, review_opted_in=True), QueueRead(120.0), replace(ITEM, recorded_s=6.5),
    case=play((UNACCEPTABLE,), up(5.8, 9.0)),
)  # fmt: skip

PAIRS = (
    Pair(
        "V29",
        "communications are disabled",
        told(replace(SETTINGS, communications=False)),
        told(replace(SETTINGS, communications=False), replace(SETTINGS, at_s=-0.5)),
    ),
    Pair("V33", "another account", sent_from("home-8", None), sent_from("home-7", None)),
    Pair("V33", "another profile", sent_from("home-7", "dana"), sent_from("home-7", "mark")),
    Pair("V33", "where anybody has a profile", sent_from("home-7", "mia"),
         sent_from("home-7", "mia", None)),
    Pair("V33", "another's contact", whose_contact("Dana"), whose_contact("Mark")),
    Pair("V34", "by history", told(*DELETED, *LOOKED, after_h(24.0)),
         told(*DELETED, *LOOKED, after_h(23.9))),
    Pair("V34", "only an empty entry", told(*DELETED, *LOOKED, after_h(25.0)),
         told(*DELETED, *LOOKED, replace(after_h(25.0), audio=False, transcript=False))),
    Pair("V34", "its transcript", told(*DELETED, *LOOKED, replace(after_h(25.0), audio=False)),
         told(*DELETED, *LOOKED)),
    Pair(
        "V34",
        "by export",
        told(*DELETED, *LOOKED, item("1.wav", Whose.OURS, read_at_s=200.0 + DAY_S)),
        told(*DELETED, *LOOKED, item("1.wav", Whose.OURS, read_at_s=200.0 + DAY_S, entry_id="z",
                                     recorded_s=5000.0)),
    ),
    Pair("V34", "by replay", told(*DELETED, *LOOKED, Replayed("a", 9e4, returned=True)),
         told(*DELETED, *LOOKED, Replayed("a", 9e4, returned=False))),
    Pair("V34", "by voice", told(*DELETED, *LOOKED, Replayed("m", 9e4, True, by_voice=True)),
         told(*DELETED, *LOOKED, Replayed("m", 9e4, False, by_voice=True))),
    Pair("V34", "one of several", told(*SOME, *LOOKED, Replayed("a", 9e4, returned=True)),
         told(*SOME, *LOOKED, Replayed("b", 9e4, returned=True))),
    Pair("V34", "by another name", told(*SOME, *LOOKED, renamed("x", 1.9, 5.6)),
         told(*SOME, *LOOKED, renamed("b", 8.1, 10.6))),
    Pair("V34", "by another name, in an export",
         told(*SOME, *LOOKED, item("1.wav", Whose.OURS, read_at_s=200.0 + DAY_S, entry_id="x",
                                   recorded_s=1.9)),
         told(*SOME, *LOOKED, item("1.wav", Whose.OURS, read_at_s=200.0 + DAY_S, entry_id="x",
                                   recorded_s=5000.0))),
    Pair("V35", "an upload is missing", told(READ, *HISTORY[1:]), told(READ, *HISTORY)),
    Pair("V35", "a message is missing", told(READ, *HISTORY[:3]), told(READ, *HISTORY)),
    Pair("V35", "saving is off", told(READ, *HISTORY[1:]), told(replace(READ, saving=False))),
    Pair("V35", "what never left", told(READ, *HISTORY, entry("x", 40.0, 43.0)),
         told(READ, *HISTORY, entry("x", 18.0, 19.0))),
    Pair("V35", "a stranger's sound", told(READ, *HISTORY, heard("a", Whose.FOREIGN)),
         told(READ, *HISTORY, heard("a", Whose.OURS))),
    *(Pair("V36", by.value, told(*EXPORT, ExportTried(200.0, by, True)),
           told(*EXPORT, ExportTried(200.0, by, False))) for by in Stranger),
    Pair("V36", "a foreign recording", told(*EXPORT, item("3.wav", Whose.FOREIGN)), told(*EXPORT)),
    Pair("V39", "no opt-in", queued(ITEM, opted_in=False), queued(ITEM)),
    Pair("V39", "the account stands beside it", queued(replace(ITEM, metadata=("home-7",))),
         queued(ITEM)),
    Pair("V39", "a family name in its words", queued(replace(ITEM, transcript="call reedsworth!")),
         queued(ITEM)),
    Pair("V39", "a number within another", queued(replace(ITEM, metadata=("for home-7.",))),
         queued(replace(ITEM, metadata=("home-70", "home-71")))),
    Pair("V39", "a serial number glued to others", queued(replace(ITEM, metadata=("dsnG090XGv2",))),
         queued(replace(ITEM, metadata=("dsnG090XHv2",)))),
    Pair("V39", "an accident", ACCIDENT, queued(ITEM), also=("V04",)),
)  # fmt: skip

KINDS = (
    DeletionAsked, EntryHeard, ExportItem, ExportRead, HistoryEntry, HistoryRead, QueuedForReview,
    QueueRead, Replayed, SettingsRead,
)  # fmt: skip
"""Everything that only the account tells."""
