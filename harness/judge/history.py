"""Condition 15: where saving is on, what left is in the account's history, and nothing else is."""

import math
from collections.abc import Container, Iterable, Sequence

from harness.judge.facts import TINY_S, AccountFacts, Facts, Frame, Reason
from harness.judge.findings import Broken, also, message_text, on_nothing, upload_text
from harness.judge.suspected import is_suspected
from harness.judge.wording import counted
from harness.model.account import EntryKind, HistoryEntry, HistoryRead, Whose
from harness.model.case import Limits
from harness.model.ruling import Finding, Part
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
    """V35: what left in a stretch and is surely not in the history."""
    reading = true_reading(facts.account)
    if reading is None or not reading.saving:
        return []
    found: list[Broken] = []
    for upload in _recorded(facts, reading):
        if not _candidates(facts, upload):
            finding = on_nothing(facts, "V35", upload.start_s, "an upload is not in the history")
            told = also(finding, upload_text(upload))
            found.append(Broken(finding.at_s, told, is_suspected(facts, upload)))
    for message in _arrived(facts, reading):
        if not _candidates(facts, message):
            finding = on_nothing(facts, "V35", message.at_s, "a message is not in the history")
            found.append(Broken(finding.at_s, also(finding, message_text(message))))
    return found


def half_listed(facts: Facts) -> list[Reason]:
    """What left in a stretch and cannot be told from what else may have made the same entry.

    Where a maker tells minutes, one entry may be about each of several; it stands for one time.
    """
    reading = true_reading(facts.account)
    if reading is None or not reading.saving:
        return []
    uploads, messages = _recorded(facts, reading), _arrived(facts, reading)
    few = {
        "upload": _uncovered(facts, [u for u in uploads if _hazy(facts, u)]),
        "message": _unmatched(facts, [m for m in messages if _hazy(facts, m)]),
    }
    return [
        Reason(
            "The history tells times so coarsely that it cannot be told whether "
            f"{counted(count, what).lower()} may be missing from it.",
            Part.UPLOADS,
        )
        for what, count in few.items()
        if count
    ]


def _hazy(facts: Facts, left: Upload | MessageReceived) -> bool:
    """Whether entries may be about it, and none of a time that is well known."""
    candidates = _candidates(facts, left)
    return bool(candidates) and all(e.uncertainty_s > 0.0 for e in candidates.values())


def _unmatched(facts: Facts, messages: Sequence[MessageReceived]) -> int:
    return len(messages) - matched([frozenset(_candidates(facts, each)) for each in messages])


def _uncovered(facts: Facts, uploads: Sequence[Upload]) -> int:
    """How many no entry can be about, where each entry is of one time, which is not well known.

    An entry is laid to the first upload it may be about, as late as it can lie and still begin by
    then; what it then reaches is about the same.
    """
    near_s = facts.limits.history_s + TINY_S
    candidates = {n: e for upload in uploads for n, e in _candidates(facts, upload).items()}
    left = sorted(candidates.values(), key=lambda e: (e.latest_s, e.entry_id))
    missed, reached_s = 0, -math.inf
    for upload in uploads:  # in order of time
        if upload.start_s <= reached_s:
            continue
        fits = next((entry for entry in left if _about(facts, entry, upload)), None)
        if fits is None:
            missed += 1
            continue
        left.remove(fits)
        begins_s = min(upload.start_s, fits.from_s + fits.uncertainty_s)
        reached_s = begins_s + (fits.until_s - fits.from_s) + near_s
    return missed


def matched(choices: Sequence[frozenset[int]]) -> int:
    """How many can each have a number of their choice, no number given twice."""
    given: dict[int, int] = {}

    def place(one: int, tried: set[int]) -> bool:
        for number in sorted(choices[one] - tried):
            tried.add(number)
            if number not in given or place(given[number], tried):
                given[number] = one
                return True
        return False

    return sum(place(one, set()) for one in range(len(choices)))


def coarse_spans(entries: Iterable[HistoryEntry], limits: Limits) -> list[tuple[float, float]]:
    """The spans (s) in which something may have made an entry whose time is not known well."""
    reach_s = limits.history_s + TINY_S
    return [
        (entry.earliest_s - reach_s, entry.latest_s + reach_s)
        for entry in entries
        if entry.uncertainty_s > 0.0
    ]


def _candidates(facts: Facts, left: Upload | MessageReceived) -> dict[int, HistoryEntry]:
    """The entries that may be about what left, by their numbers."""
    if isinstance(left, Upload):
        return {n: e for n, e in _near(facts, left) if _about(facts, e, left)}
    return {n: e for n, e in _near(facts, left) if _tells(facts, e, left)}


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


def _arrived(facts: Facts, reading: HistoryRead) -> list[MessageReceived]:
    """The messages that belong into the history."""
    return [message for message in facts.messages if message.at_s < reading.at_s]


_UNLISTED = {Channel.DNS, Channel.NTP, Channel.ICMP, Channel.TELEMETRY, Channel.LAN}
"""Ways that no history tells of."""


def _about(facts: Frame, entry: HistoryEntry, upload: Upload) -> bool:
    near_s = facts.limits.history_s + TINY_S
    return entry.earliest_s <= upload.end_s + near_s and entry.latest_s >= upload.start_s - near_s


def _tells(facts: Frame, entry: HistoryEntry, message: MessageReceived) -> bool:
    near_s = facts.limits.history_s + message.uncertainty_s + TINY_S
    at = entry.earliest_s - near_s <= message.at_s <= entry.latest_s + near_s
    return at and entry.about is EntryKind.MESSAGE and entry.recipient == message.recipient


def never_left(frame: Frame, told: Container[int]) -> list[Finding]:
    """Entries of the time watched that nothing which left can have made."""
    reading = true_reading(frame.account)
    if reading is None:
        return []
    watched_s = max((w.until_s for w in frame.watched), default=0.0)
    found = []
    for number, entry in enumerate(true_entries(frame.account)):
        inside = entry.earliest_s >= 0.0 and entry.latest_s <= min(watched_s, reading.at_s)
        if inside and number not in told:
            cause = f"the history lists a {entry.about.value} that never left"
            finding = on_nothing(frame, "V35", entry.from_s, cause, f"entry {entry.entry_id}")
            found.append(also(finding, f"history entry {entry.entry_id}"))
    return found


def of_others(frame: Frame) -> list[Finding]:
    """Entries of the history, whenever it was read, whose sound is somebody else's."""
    found = []
    for heard in frame.account.heard:
        if heard.whose is Whose.FOREIGN:
            cause = "the history holds a recording of somebody else"
            finding = on_nothing(frame, "V35", heard.at_s, cause, f"entry {heard.entry_id}")
            found.append(also(finding, f"history entry {heard.entry_id}"))
    return found
