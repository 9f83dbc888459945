"""Condition 15: where saving is on, what left is in the account's history, and nothing else is."""

from collections.abc import Container, Sequence

from harness.judge.facts import TINY_S, AccountFacts, Facts, Frame
from harness.judge.findings import Broken, also, message_text, on_nothing, upload_text
from harness.judge.suspected import is_suspected
from harness.model.account import EntryKind, HistoryEntry, HistoryRead
from harness.model.ruling import Finding
from harness.model.timeline import Channel, MessageReceived, Upload


def true_reading(account: AccountFacts) -> HistoryRead | None:
    """The last reading of the history that no delete came before."""
    first_s = min((d.at_s for d in account.deletions), default=float("inf"))
    readings = [h for h in account.histories if h.at_s < first_s]
    return readings[-1] if readings else None


def true_entries(account: AccountFacts) -> tuple[HistoryEntry, ...]:
    """What that reading returned; nothing where the account saves no history."""
    reading = true_reading(account)
    if reading is None or not reading.saving:
        return ()
    return tuple(e for e in account.entries if abs(e.read_at_s - reading.at_s) <= TINY_S)


def not_listed(facts: Facts) -> list[Broken]:
    """V35: what left in a stretch and is not in the history."""
    reading = true_reading(facts.account)
    if reading is None or not reading.saving:
        return []
    found: list[tuple[Finding, bool]] = []
    for upload in _recorded(facts, reading):
        if not any(_about(facts, entry, upload) for _, entry in _near(facts, upload)):
            finding = on_nothing(facts, "V35", upload.start_s, "an upload is not in the history")
            found.append((also(finding, upload_text(upload)), is_suspected(facts, upload)))
    for message in facts.messages:
        near = _near(facts, message)
        if message.at_s < reading.at_s and not any(_tells(facts, e, message) for _, e in near):
            finding = on_nothing(facts, "V35", message.at_s, "a message is not in the history")
            found.append((also(finding, message_text(message)), False))
    return [Broken(finding.at_s, finding, suspected) for finding, suspected in found]


def listed(facts: Facts) -> frozenset[int]:
    """The entries of the history that something in the stretch made, by their numbers."""
    if not facts.entries:
        return frozenset()
    by_uploads = {
        number
        for upload in facts.uploads
        for number, entry in _near(facts, upload)
        if entry.about is not EntryKind.MESSAGE and _about(facts, entry, upload)
    }
    by_messages = {
        number
        for message in facts.messages
        for number, entry in _near(facts, message)
        if _tells(facts, entry, message)
    }
    return frozenset(by_uploads | by_messages)


def _near(facts: Facts, left: Upload | MessageReceived) -> Sequence[tuple[int, HistoryEntry]]:
    """The entries that may be of what left, and their numbers."""
    if isinstance(left, Upload):
        reach_s = facts.limits.history_s + TINY_S
        return facts.entries.touching(left.start_s - reach_s, left.end_s + reach_s)
    reach_s = facts.limits.history_s + left.uncertainty_s + TINY_S
    return facts.entries.touching(left.at_s - reach_s, left.at_s + reach_s)


def _recorded(facts: Facts, reading: HistoryRead) -> list[Upload]:
    """The uploads that belong into the history."""
    return [u for u in facts.uploads if u.channel not in _UNLISTED and u.end_s < reading.at_s]


_UNLISTED = {Channel.DNS, Channel.NTP, Channel.ICMP, Channel.TELEMETRY, Channel.LAN}
"""Ways that no history tells of."""


def _about(facts: Frame, entry: HistoryEntry, upload: Upload) -> bool:
    near_s = facts.limits.history_s + TINY_S
    return entry.from_s <= upload.end_s + near_s and entry.until_s >= upload.start_s - near_s


def _tells(facts: Frame, entry: HistoryEntry, message: MessageReceived) -> bool:
    near_s = facts.limits.history_s + message.uncertainty_s + TINY_S
    at = entry.from_s - near_s <= message.at_s <= entry.until_s + near_s
    return at and entry.about is EntryKind.MESSAGE and entry.recipient == message.recipient


def never_left(frame: Frame, told: Container[int]) -> list[Finding]:
    """Entries of the time watched that nothing which left can have made."""
    reading = true_reading(frame.account)
    if reading is None:
        return []
    watched_s = max((w.until_s for w in frame.watched), default=0.0)
    found = []
    for number, entry in enumerate(true_entries(frame.account)):
        inside = entry.from_s >= 0.0 and entry.until_s <= min(watched_s, reading.at_s)
        if inside and number not in told:
            cause = f"the history lists a {entry.about.value} that never left"
            finding = on_nothing(frame, "V35", entry.from_s, cause, f"entry {entry.entry_id}")
            found.append(also(finding, f"history entry {entry.entry_id}"))
    return found
