"""What an account told, as facts of the timeline. Pure: the same answers give the same facts."""

from collections.abc import Callable, Iterator

from harness.account.canaries import read_back
from harness.account.owner import Told
from harness.account.sound import digest_of, seconds_of
from harness.account.whose import BySound, Known
from harness.bench.ports.account import Export, ExportFile, History, HistoryItem, ReviewItem
from harness.model.account import (
    CanaryRead,
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
    Whose,
)
from harness.model.timeline import Event

At = Callable[[float], float]
"""Seconds on the run's clock of a Unix time (s)."""

_SURE_S = 2.0
"""A time that is told less finely says nothing of what came before a deletion."""


def account_facts(
    told: Told, at: At, by_sound: BySound | None = None, canaries: tuple[str, ...] = ()
) -> Iterator[Event]:
    """Every fact that the account gave. `by_sound`: holds a recording against what was played and
    heard, where nobody saw what the device handed in. `canaries`: said on this account alone.
    """
    ids = frozenset(item.id for _, history in told.histories for item in history.items)
    known = Known(told.witnessed, ids, by_sound, canaries)
    for unix_s, settings in told.settings:
        yield SettingsRead(at(unix_s), settings.communications, settings.human_review)
    for unix_s, history in told.histories:
        yield from _history(history, at(unix_s), at)
        for item in history.items:
            yield from _canaries(item.transcript, at(unix_s), item.id, canaries)
    for unix_s, item, sound in told.heard:
        yield _heard(item, sound, at(unix_s), known)
    for unix_s, deleted in told.deleted:
        yield DeletionAsked(at(unix_s), deleted)
    for unix_s, entry_id, returned in told.replayed:
        yield Replayed(entry_id, at(unix_s), returned)
    for unix_s, queue in told.queues:
        yield QueueRead(at(unix_s))
        for queued in queue:
            yield _queued(queued, at(unix_s), at)
    for unix_s, export in told.exports:
        yield from _export(export, at(unix_s), at, known)


def _history(history: History, read_at_s: float, at: At) -> Iterator[Event]:
    yield HistoryRead(read_at_s, history.saving)
    for item in history.items:
        yield _entry(item, read_at_s, at)


def _canaries(
    transcript: str | None, at_s: float, item_id: str, canaries: tuple[str, ...]
) -> Iterator[CanaryRead]:
    for canary in read_back(canaries, transcript or ""):
        yield CanaryRead(canary, at_s, item_id)


def _entry(item: HistoryItem, read_at_s: float, at: At) -> HistoryEntry:
    from_s = at(item.at_unix_s)
    return HistoryEntry(
        entry_id=item.id,
        read_at_s=read_at_s,
        about=EntryKind.MESSAGE if item.kind == "message" else EntryKind.RECORDING,
        from_s=from_s,
        until_s=from_s + (item.seconds or 0.0),
        recipient=item.recipient,
        audio=item.has_audio,
        transcript=item.transcript is not None,
        uncertainty_s=item.at_uncertainty_s,
    )


def _heard(item: HistoryItem, sound: bytes, at_s: float, known: Known) -> EntryHeard:
    whose, reason = known.whose(sound, item.at_unix_s, item.at_uncertainty_s)
    return EntryHeard(item.id, at_s, whose, seconds_of(sound), digest_of(sound), reason)


def _queued(item: ReviewItem, read_at_s: float, at: At) -> QueuedForReview:
    recorded = None if item.recorded_unix_s is None else at(item.recorded_unix_s)
    return QueuedForReview(item.id, read_at_s, recorded, item.metadata, item.transcript)


def _export(export: Export, at_s: float, at: At, known: Known) -> Iterator[Event]:
    yield ExportRead(at_s, export.whole, export.trouble)
    for by, came in export.tried:
        yield ExportTried(at_s, by, came)
    for number, file in enumerate(export.files, 1):
        item = _item(number, file, at_s, at, known)
        yield item
        yield from _canaries(file.transcript, at_s, item.item_id, known.canaries)


def _item(number: int, file: ExportFile, at_s: float, at: At, known: Known) -> ExportItem:
    """A file of an export; of what is not ours neither its name nor its entry is told."""
    whose, reason = known.whose_file(file)
    told_s = file.at_unix_s if file.at_uncertainty_s <= _SURE_S else None
    is_ours = whose is Whose.OURS
    return ExportItem(
        item_id=file.name if is_ours else f"number {number}",
        read_at_s=at_s,
        whose=whose,
        entry_id=file.entry_id if is_ours or file.entry_id in known.ids else None,
        recorded_s=None if told_s is None else at(told_s),
        audio=file.audio is not None,
        transcript=file.transcript is not None,
        seconds=None if file.audio is None else seconds_of(file.audio),
        sha256=None if file.audio is None else digest_of(file.audio),
        reason=reason,
    )
