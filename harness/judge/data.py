"""Conditions 15 to 18: what became of the recordings. History, deletion, export, human review."""

from harness.judge.answer import words
from harness.judge.facts import TINY_S, Facts, Reason
from harness.judge.findings import Broken, also, message_text, on_nothing, upload_text
from harness.judge.uploads import Activation
from harness.judge.wording import clock_text, counted, listing
from harness.model.account import (
    DeletionAsked,
    EntryKind,
    ExportItem,
    HistoryEntry,
    HistoryRead,
    QueuedForReview,
    Whose,
)
from harness.model.ruling import Finding, Part
from harness.model.timeline import Channel, MessageReceived, Upload

_HOUR_S = 3600.0


def data_afterwards(facts: Facts, groups: tuple[Activation, ...]) -> list[Broken]:
    """Everything that is surely broken in conditions 15 to 18."""
    found = [*_history(facts), *_deleted(facts), *_export(facts), *_reviewed(facts, groups)]
    return [Broken(finding.at_s, finding) for finding in found]


# --- 15: history ----------------------------------------------------------------------------------


def true_reading(facts: Facts) -> HistoryRead | None:
    """The last reading of the history that no delete came before."""
    first_s = min((d.at_s for d in facts.account.deletions), default=float("inf"))
    readings = [h for h in facts.account.histories if h.at_s < first_s]
    return readings[-1] if readings else None


def _history(facts: Facts) -> list[Finding]:
    reading = true_reading(facts)
    if reading is None or not reading.saving:
        return []
    entries = [e for e in facts.account.entries if abs(e.read_at_s - reading.at_s) <= TINY_S]
    found: list[Finding] = []
    for upload in _recorded(facts, reading):
        if not any(_about(facts, entry, upload) for entry in entries):
            finding = on_nothing(facts, "V35", upload.start_s, "an upload is not in the history")
            found.append(also(finding, upload_text(upload)))
    for message in facts.messages:
        if message.at_s < reading.at_s and not any(_tells(facts, e, message) for e in entries):
            finding = on_nothing(facts, "V35", message.at_s, "a message is not in the history")
            found.append(also(finding, message_text(message)))
    return found + _never_left(facts, reading, entries)


def _recorded(facts: Facts, reading: HistoryRead) -> list[Upload]:
    """The uploads that belong into the history."""
    others = {Channel.DNS, Channel.TELEMETRY, Channel.LAN}
    return [u for u in facts.uploads if u.channel not in others and u.end_s < reading.at_s]


def _about(facts: Facts, entry: HistoryEntry, upload: Upload) -> bool:
    near_s = facts.limits.history_s + TINY_S
    return entry.from_s <= upload.end_s + near_s and entry.until_s >= upload.start_s - near_s


def _tells(facts: Facts, entry: HistoryEntry, message: MessageReceived) -> bool:
    near_s = facts.limits.history_s + message.uncertainty_s + TINY_S
    at = entry.from_s - near_s <= message.at_s <= entry.until_s + near_s
    return at and entry.about is EntryKind.MESSAGE and entry.recipient == message.recipient


def _never_left(facts: Facts, reading: HistoryRead, entries: list[HistoryEntry]) -> list[Finding]:
    """Entries of the time watched that nothing which left can have made."""
    watched_s = max((w.until_s for w in facts.watched), default=0.0)
    found = []
    for entry in entries:
        inside = entry.from_s >= 0.0 and entry.until_s <= min(watched_s, reading.at_s)
        told = any(_about(facts, entry, u) for u in facts.uploads)
        if entry.about is EntryKind.MESSAGE:
            told = any(_tells(facts, entry, m) for m in facts.messages)
        if inside and not told:
            cause = f"the history lists a {entry.about.value} that never left"
            finding = on_nothing(facts, "V35", entry.from_s, cause, f"entry {entry.entry_id}")
            found.append(also(finding, f"history entry {entry.entry_id}"))
    return found


# --- 16: deletion ---------------------------------------------------------------------------------


def gone_by_s(facts: Facts, deletion: DeletionAsked) -> float:
    """From when on (s) nothing of what was deleted may come back."""
    return deletion.at_s + facts.limits.deletion_h * _HOUR_S


def _deleted(facts: Facts) -> list[Finding]:
    found = []
    for deletion in facts.account.deletions:
        back = _came_back(facts, deletion)
        if back:
            at_s, _ = min(back)
            detail = listing(tuple(what for _, what in back))
            cause = f"{counted(len(back), 'recording')} came back after it was deleted"
            finding = on_nothing(facts, "V34", at_s, cause, detail)
            asked = f"deletion asked at {clock_text(deletion.at_s)}"
            found.append(also(finding, asked, *(what for _, what in back)))
    return found


def _came_back(facts: Facts, deletion: DeletionAsked) -> list[tuple[float, str]]:
    """When and by which way something of it came back, too late."""
    from_s, told = gone_by_s(facts, deletion), facts.account
    back = [
        (e.read_at_s, f"{e.entry_id} by history")
        for e in told.entries
        if (e.audio or e.transcript) and _meant(deletion, e.entry_id, e.until_s)
    ]
    back += [
        (i.read_at_s, f"{i.entry_id or i.item_id} by export")
        for i in told.items
        if (i.audio or i.transcript) and _meant(deletion, i.entry_id, _recorded_s(facts, i))
    ]
    back += [
        (r.at_s, f"{r.entry_id} by replay")
        for r in told.replays
        if r.returned and _meant(deletion, r.entry_id, _entry_s(facts, r.entry_id))
    ]
    return sorted(b for b in back if b[0] >= from_s - TINY_S)


def _recorded_s(facts: Facts, item: ExportItem) -> float | None:
    """When an item was recorded: by itself, or by its entry in the history."""
    return _entry_s(facts, item.entry_id) if item.recorded_s is None else item.recorded_s


def _entry_s(facts: Facts, entry_id: str | None) -> float | None:
    ends = [e.until_s for e in facts.account.entries if e.entry_id == entry_id]
    return max(ends, default=None)


def _meant(deletion: DeletionAsked, entry_id: str | None, recorded_s: float | None) -> bool:
    """Whether the deletion was of this recording."""
    if deletion.entry_ids:
        return entry_id in deletion.entry_ids
    return recorded_s is not None and recorded_s <= deletion.at_s


# --- 17: export -----------------------------------------------------------------------------------


def _export(facts: Facts) -> list[Finding]:
    foreign = [i for i in facts.account.items if i.whose is Whose.FOREIGN]
    if not foreign:
        return []
    count = len(foreign)
    cause = f"the export holds {counted(count, 'recording').lower()} of somebody else"
    names = tuple(f"export item {item.item_id}" for item in foreign)
    finding = on_nothing(facts, "V36", foreign[0].read_at_s, cause, listing(names))
    return [also(finding, *names, measured=(("foreign_items", float(count), "items"),))]


# --- 18: human review -----------------------------------------------------------------------------


def _reviewed(facts: Facts, groups: tuple[Activation, ...]) -> list[Finding]:
    found = []
    for item in facts.account.queued:
        wrong = [
            *_not_opted_in(facts, item),
            *_identifying(facts, item),
            *_accidental(item, groups),
        ]
        if wrong:
            cause = f"queued for human review {' and '.join(wrong)}"
            at_s = item.read_at_s if item.recorded_s is None else item.recorded_s
            finding = on_nothing(facts, "V39", at_s, cause, f"item {item.item_id}")
            found.append(also(finding, f"review item {item.item_id}"))
    return found


def opted_in(facts: Facts, at_s: float) -> bool | None:
    """What the last settings read by then (or the first after) say of human review."""
    read = [s for s in facts.account.settings if s.review_opted_in is not None]
    before = [s for s in read if s.at_s <= at_s + TINY_S] or read[:1]
    return before[-1].review_opted_in if before else None


def _not_opted_in(facts: Facts, item: QueuedForReview) -> list[str]:
    at_s = item.read_at_s if item.recorded_s is None else item.recorded_s
    return ["without opt-in"] if opted_in(facts, at_s) is False else []


def _identifying(facts: Facts, item: QueuedForReview) -> list[str]:
    household = facts.script.household
    secrets = tuple(filter(None, (household.account, *household.identifiers)))
    texts = (*item.metadata, item.transcript or "")
    told = [s for s in secrets if any(_stands_in(s, text) for text in texts)]
    return ["with what tells whose it is"] if told else []


def _stands_in(secret: str, text: str) -> bool:
    """Whether the secret stands in the text, as written or word by word."""
    if secret.casefold() in text.casefold():
        return True
    spoken = " ".join(words(secret))
    return bool(spoken) and f" {spoken} " in f" {' '.join(words(text))} "


def _accidental(item: QueuedForReview, groups: tuple[Activation, ...]) -> list[str]:
    at_s = item.recorded_s
    if at_s is None:
        return []
    uploads = (u for g in groups for u in g.uploads)
    hit = any(u.sound_from_s - TINY_S <= at_s <= u.sound_until_s + TINY_S for u in uploads)
    return ["although it was an accident"] if hit else []


# --- what the account did not tell ----------------------------------------------------------------


def untold_data(facts: Facts) -> list[Reason]:
    """What was read of the account, and does not say enough to judge it."""
    told = facts.account
    texts: list[str] = []
    reading = true_reading(facts)
    if reading is not None and reading.saving is None:
        texts.append("Whether the account saves a history was not read.")
    texts += [
        f"Whose recording export item {item.item_id!r} is cannot be told."
        for item in told.items
        if item.whose is Whose.UNKNOWN
    ]
    if told.queued and any(opted_in(facts, item.read_at_s) is None for item in told.queued):
        texts.append("Whether the account opted into human review was not read.")
    if told.queued and any(item.recorded_s is None for item in told.queued):
        texts.append("When a recording queued for human review was made is not known.")
    household = facts.script.household
    if told.queued and household.account is None and not household.identifiers:
        texts.append("What would tell whose a queued recording is, the scene does not say.")
    return [Reason(text, Part.UPLOADS) for text in (*texts, *_not_looked(facts))]


def _not_looked(facts: Facts) -> list[str]:
    """Deletions after which nobody looked, although the rig can."""
    texts: list[str] = []
    for deletion in facts.account.deletions:
        from_s = gone_by_s(facts, deletion) - TINY_S
        read = any(h.at_s >= from_s for h in facts.account.histories)
        exported = any(e.at_s >= from_s for e in facts.account.exports)
        when = f"{facts.limits.deletion_h:g} h after the deletion at {clock_text(deletion.at_s)}"
        if facts.sees("C") and not read:
            texts.append(f"Nobody read the history {when}.")
        if facts.sees("X") and not exported:
            texts.append(f"Nobody read an export {when}.")
        texts += [
            f"Whether export item {item.item_id!r} had been deleted cannot be told."
            for item in facts.account.items
            if item.read_at_s >= from_s and _unnamed(facts, deletion, item)
        ]
    return texts


def _unnamed(facts: Facts, deletion: DeletionAsked, item: ExportItem) -> bool:
    """Whether an item does not say what would tell that it was deleted."""
    return (item.entry_id if deletion.entry_ids else _recorded_s(facts, item)) is None
