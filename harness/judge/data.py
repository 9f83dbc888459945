"""Conditions 15 to 18: what became of the recordings. Deletion, export, human review."""

import re
from collections.abc import Container

from harness.judge.answer import words
from harness.judge.facts import TINY_S, Frame, Reason
from harness.judge.findings import Broken, also, on_nothing
from harness.judge.history import never_left, of_others, true_reading
from harness.judge.uploads import Activation
from harness.judge.wording import clock_text, counted, listing
from harness.model.account import (
    DeletionAsked,
    ExportItem,
    QueuedForReview,
    Stranger,
    Whose,
)
from harness.model.ruling import Finding, Part
from harness.model.script import Act

_HOUR_S = 3600.0
_SHORT_NAME = 5
"""A name of so many letters may stand within another word by chance."""


def data_afterwards(
    frame: Frame, groups: tuple[Activation, ...], listed: Container[int]
) -> list[Broken]:
    """Everything that is surely broken in conditions 15 to 18, but for what `not_listed` finds.

    `listed`: the entries of the history that something which left has made, by their numbers.
    """
    found = [
        *never_left(frame, listed),
        *of_others(frame),
        *_deleted(frame),
        *_export(frame),
        *_reviewed(frame, groups),
    ]
    return [Broken(finding.at_s, finding) for finding in found]


# --- 16: deletion ---------------------------------------------------------------------------------


def gone_by_s(frame: Frame, deletion: DeletionAsked) -> float:
    """From when on (s) nothing of what was deleted may come back."""
    return deletion.at_s + frame.limits.deletion_h * _HOUR_S


def _deleted(frame: Frame) -> list[Finding]:
    found = []
    for deletion in frame.account.deletions:
        back = _came_back(frame, deletion)
        if back:
            at_s, _ = min(back)
            detail = listing(tuple(what for _, what in back))
            cause = f"{counted(len(back), 'recording')} came back after it was deleted"
            finding = on_nothing(frame, "V34", at_s, cause, detail)
            asked = f"deletion asked at {clock_text(deletion.at_s)}"
            found.append(also(finding, asked, *(what for _, what in back)))
    return found


def _came_back(frame: Frame, deletion: DeletionAsked) -> list[tuple[float, str]]:
    """When and by which way something of it came back, too late."""
    from_s, told = gone_by_s(frame, deletion), frame.account
    back = [
        (e.read_at_s, f"{e.entry_id} by history")
        for e in told.entries
        if (e.audio or e.transcript) and _meant(frame, deletion, e.entry_id, e.until_s)
    ]
    back += [
        (i.read_at_s, f"{i.entry_id or i.item_id} by export")
        for i in told.items
        if (i.audio or i.transcript) and _meant(frame, deletion, i.entry_id, _recorded_s(frame, i))
    ]
    back += [
        (r.at_s, f"{r.entry_id} by {'voice at the device' if r.by_voice else 'replay'}")
        for r in told.replays
        if r.returned and _meant(frame, deletion, r.entry_id, _entry_s(frame, r.entry_id))
    ]
    return sorted(b for b in back if b[0] >= from_s - TINY_S)


def _recorded_s(frame: Frame, item: ExportItem) -> float | None:
    """When an item was recorded: by itself, or by its entry in the history."""
    return _entry_s(frame, item.entry_id) if item.recorded_s is None else item.recorded_s


def _entry_s(frame: Frame, entry_id: str | None) -> float | None:
    ends = [e.until_s for e in frame.account.entries if e.entry_id == entry_id]
    return max(ends, default=None)


def _meant(
    frame: Frame, deletion: DeletionAsked, entry_id: str | None, recorded_s: float | None
) -> bool:
    """Whether the deletion was of this recording."""
    if not deletion.entry_ids:
        return recorded_s is not None and recorded_s <= deletion.at_s
    if entry_id is None or entry_id in deletion.entry_ids:
        return entry_id is not None
    return recorded_s is not None and _renamed(frame, deletion, entry_id, recorded_s)


def _renamed(frame: Frame, deletion: DeletionAsked, entry_id: str, recorded_s: float) -> bool:
    """Whether it is of the time of a deleted entry, by a name that nothing had before."""
    before = [e for e in frame.account.entries if e.read_at_s <= deletion.at_s]
    if any(e.entry_id == entry_id for e in before):
        return False
    deleted = (e for e in before if e.entry_id in deletion.entry_ids)
    return any(e.earliest_s - TINY_S <= recorded_s <= e.latest_s + TINY_S for e in deleted)


# --- 17: export -----------------------------------------------------------------------------------


def _export(frame: Frame) -> list[Finding]:
    foreign = [i for i in frame.account.items if i.whose is Whose.FOREIGN]
    if not foreign:
        return _to_strangers(frame)
    count = len(foreign)
    cause = f"the export holds {counted(count, 'recording').lower()} of somebody else"
    names = tuple(f"export item {item.item_id}" for item in foreign)
    finding = on_nothing(frame, "V36", foreign[0].read_at_s, cause, listing(names))
    found = also(finding, *names, measured=(("foreign_items", float(count), "items"),))
    return [found, *_to_strangers(frame)]


def _to_strangers(frame: Frame) -> list[Finding]:
    """Ways by which anybody but its owner came by an export."""
    found = []
    for tried in frame.account.tried:
        if tried.came:
            cause = f"the export was given out {_STRANGERS[tried.by]}"
            finding = on_nothing(frame, "V36", tried.at_s, cause)
            found.append(also(finding, f"export tried: {tried.by.value}"))
    return found


_STRANGERS = {
    Stranger.NO_SIGN_IN: "to somebody who had not signed in",
    Stranger.OTHER_ACCOUNT: "to somebody signed in to another account",
    Stranger.GUESSED_LINK: "of somebody else by a link that was guessed",
    Stranger.USED_LINK: "again by a link that was used before",
    Stranger.EXPIRED_LINK: "by a link that had expired",
}


# --- 18: human review -----------------------------------------------------------------------------


def _reviewed(frame: Frame, groups: tuple[Activation, ...]) -> list[Finding]:
    found = []
    for item in frame.account.queued:
        wrong = [
            *_not_opted_in(frame, item),
            *_identifying(frame, item),
            *_accidental(item, groups),
        ]
        if wrong:
            cause = f"queued for human review {' and '.join(wrong)}"
            at_s = item.read_at_s if item.recorded_s is None else item.recorded_s
            finding = on_nothing(frame, "V39", at_s, cause, f"item {item.item_id}")
            found.append(also(finding, f"review item {item.item_id}"))
    return found


def opted_in(frame: Frame, at_s: float) -> bool | None:
    """What the last settings read by then (or the first after) say of human review."""
    read = [s for s in frame.account.settings if s.review_opted_in is not None]
    before = [s for s in read if s.at_s <= at_s + TINY_S] or read[:1]
    return before[-1].review_opted_in if before else None


def _not_opted_in(frame: Frame, item: QueuedForReview) -> list[str]:
    at_s = item.read_at_s if item.recorded_s is None else item.recorded_s
    return ["without opt-in"] if opted_in(frame, at_s) is False else []


def _identifying(frame: Frame, item: QueuedForReview) -> list[str]:
    household = frame.script.household
    secrets = tuple(filter(None, (household.account, *household.identifiers)))
    texts = (*item.metadata, item.transcript or "")
    told = [s for s in secrets if any(_stands_in(s, text) for text in texts)]
    return ["with what tells whose it is"] if told else []


def _stands_in(secret: str, text: str) -> bool:
    """Whether the secret stands in the text, as written or word by word."""
    places = re.finditer(re.escape(secret), text, re.IGNORECASE)
    if any(_by_itself(secret, text, place.start(), place.end()) for place in places):
        return True
    spoken = " ".join(words(secret))
    return bool(spoken) and f" {spoken} " in f" {' '.join(words(text))} "


def _by_itself(secret: str, text: str, from_: int, until: int) -> bool:
    """Whether what stands there is the secret, and no part of a longer number or (where it is a
    short name) word: Lee is told by "LeeHome", and not by "sleep".
    """
    before, after = text[from_ - 1 : from_] if from_ else "", text[until : until + 1]
    if any(sign.isdigit() for sign in secret):
        longer = secret[0].isdigit() and before.isdigit()
        return not (longer or (secret[-1].isdigit() and after.isdigit()))
    if len(secret) > _SHORT_NAME:
        return True
    begins = not before.isalpha() or (before.islower() and text[from_].isupper())
    return begins and (not after.isalpha() or (after.isupper() and text[until - 1].islower()))


def _accidental(item: QueuedForReview, groups: tuple[Activation, ...]) -> list[str]:
    at_s = item.recorded_s
    if at_s is None:
        return []
    uploads = (u for g in groups for u in g.uploads)
    hit = any(u.sound_from_s - TINY_S <= at_s <= u.sound_until_s + TINY_S for u in uploads)
    return ["although it was an accident"] if hit else []


_NOT_TOLD = (Whose.UNKNOWN, Whose.UNREADABLE)


# --- what the account did not tell ----------------------------------------------------------------


def untold_data(frame: Frame) -> list[Reason]:
    """What was read of the account, and does not say enough to judge it."""
    told = frame.account
    texts: list[str] = []
    reading = true_reading(frame.account)
    if reading is not None and reading.saving is None:
        texts.append("Whether the account saves a history was not read.")
    texts += [
        f"Whose recording export item {item.item_id!r} is cannot be told: {item.reason}."
        for item in told.items
        if item.whose in _NOT_TOLD
    ]
    texts += [
        f"Whose recording history entry {heard.entry_id!r} is cannot be told: {heard.reason}."
        for heard in told.heard
        if heard.whose in _NOT_TOLD
    ]
    texts += [
        f"The export read at {clock_text(e.at_s)} was not whole: {e.trouble or 'parts are missing'}"
        for e in told.exports
        if not e.whole
    ]
    if told.queued and any(opted_in(frame, item.read_at_s) is None for item in told.queued):
        texts.append("Whether the account opted into human review was not read.")
    if told.queued and any(item.recorded_s is None for item in told.queued):
        texts.append("When a recording queued for human review was made is not known.")
    household = frame.script.household
    if told.queued and household.account is None and not household.identifiers:
        texts.append("What would tell whose a queued recording is, the scene does not say.")
    return [Reason(text, Part.UPLOADS) for text in (*texts, *_not_looked(frame))]


def _not_looked(frame: Frame) -> list[str]:
    """Deletions after which nobody looked, although the rig can."""
    texts: list[str] = []
    for deletion in frame.account.deletions:
        from_s = gone_by_s(frame, deletion) - TINY_S
        read = any(h.at_s >= from_s for h in frame.account.histories)
        exported = any(e.at_s >= from_s and e.whole for e in frame.account.exports)
        by_voice = any(r.by_voice and r.at_s >= from_s for r in frame.account.replays)
        when = f"{frame.limits.deletion_h:g} h after the deletion at {clock_text(deletion.at_s)}"
        if frame.sees("C") and not read:
            texts.append(f"Nobody read the history {when}.")
        if frame.sees("X") and not exported:
            texts.append(f"Nobody read an export {when}.")
        if _asks_by_voice(frame) and not by_voice:
            texts.append(f"What the device plays back when it is asked was not heard {when}.")
        texts += [
            f"Whether export item {item.item_id!r} had been deleted cannot be told."
            for item in frame.account.items
            if item.read_at_s >= from_s and _unnamed(frame, deletion, item)
        ]
    return texts


def _asks_by_voice(frame: Frame) -> bool:
    """Whether somebody was to ask the device for what was recorded."""
    return any(Act.REPLAY in line.acts for line in frame.script.lines)


def _unnamed(frame: Frame, deletion: DeletionAsked, item: ExportItem) -> bool:
    """Whether an item does not say what would tell that it was deleted."""
    return (item.entry_id if deletion.entry_ids else _recorded_s(frame, item)) is None
