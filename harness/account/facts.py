"""What an account told, as facts of the timeline. Pure: the same answers give the same facts."""

from collections.abc import Callable, Iterator

from harness.account.owner import Told
from harness.account.sound import digest_of, seconds_of
from harness.bench.ports.account import Export, ExportFile, History, HistoryItem, ReviewItem
from harness.model.account import (
    DeletionAsked,
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


def account_facts(told: Told, at: At) -> Iterator[Event]:
    """Every fact that the account gave."""
    for unix_s, settings in told.settings:
        yield SettingsRead(at(unix_s), settings.communications, settings.human_review)
    for unix_s, history in told.histories:
        yield from _history(history, at(unix_s), at)
    for unix_s, ids in told.deleted:
        yield DeletionAsked(at(unix_s), ids)
    for unix_s, entry_id, returned in told.replayed:
        yield Replayed(entry_id, at(unix_s), returned)
    for unix_s, queue in told.queues:
        yield QueueRead(at(unix_s))
        for item in queue:
            yield _queued(item, at(unix_s), at)
    ids_told = {item.id for _, history in told.histories for item in history.items}
    for unix_s, export in told.exports:
        yield from _export(export, at(unix_s), at, told.witnessed, frozenset(ids_told))


def _history(history: History, read_at_s: float, at: At) -> Iterator[Event]:
    yield HistoryRead(read_at_s, history.saving)
    for item in history.items:
        yield _entry(item, read_at_s, at)


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


def _queued(item: ReviewItem, read_at_s: float, at: At) -> QueuedForReview:
    recorded = None if item.recorded_unix_s is None else at(item.recorded_unix_s)
    return QueuedForReview(item.id, read_at_s, recorded, item.metadata, item.transcript)


def _export(
    export: Export, at_s: float, at: At, witnessed: frozenset[str] | None, ids: frozenset[str]
) -> Iterator[Event]:
    yield ExportRead(at_s, export.whole, export.trouble)
    for by, came in export.tried:
        yield ExportTried(at_s, by, came)
    for file in export.files:
        whose, reason = whose_is(file, witnessed, ids)
        yield ExportItem(
            item_id=file.name,
            read_at_s=at_s,
            whose=whose,
            entry_id=file.entry_id,
            recorded_s=None if file.at_unix_s is None else at(file.at_unix_s),
            audio=file.audio is not None,
            transcript=file.transcript is not None,
            seconds=None if file.audio is None else seconds_of(file.audio),
            sha256=None if file.audio is None else digest_of(file.audio),
            reason=reason,
        )


def whose_is(
    file: ExportFile, witnessed: frozenset[str] | None, ids: frozenset[str]
) -> tuple[Whose, str]:
    """Whose recording a file of an export is, and why.

    `witnessed`: digests of all that the device handed in, None where nobody saw that. `ids`: of the
    entries that the history ever listed.
    """
    if file.audio is None:
        if file.entry_id in ids:
            return Whose.OURS, "words only, by an entry of this account's history"
        return Whose.UNKNOWN, "words only, and of no entry that the history ever listed"
    if witnessed is None:
        return Whose.UNKNOWN, "nobody saw what this device handed in"
    if seconds_of(file.audio) is None:
        return Whose.UNREADABLE, "it is no sound that can be read"
    if digest_of(file.audio) in witnessed:
        return Whose.OURS, "sample for sample what this device handed in"
    return Whose.FOREIGN, "this device never handed in such a sound"
