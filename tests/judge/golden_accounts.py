"""Golden plays of what an account tells: settings, history, deletion, export, review, profiles."""

from dataclasses import replace

from harness.model.account import ExportRead, ExportTried, Stranger, Whose
from harness.model.case import Case
from tests.judge.pairs.account import (
    ACCIDENT,
    DELETED,
    EXPORT,
    HISTORY,
    LOOKED,
    READ,
    SETTINGS,
    after_h,
    heard,
    item,
    sent_from,
    told,
)

_MINUTES = tuple(replace(entry, uncertainty_s=30.0) for entry in HISTORY)
_BROKEN_OFF = ExportRead(200.0, whole=False, trouble="the download broke off at 3 of 9 MB")


def plays() -> dict[str, Case]:
    """Every one by its name."""
    foreign = (item(f"{n}.wav", Whose.FOREIGN, entry_id=None) for n in range(3, 6))
    return {
        "account-is-true": told(READ, *HISTORY, *EXPORT),
        "communications-are-off": told(replace(SETTINGS, communications=False)),
        "sent-as-another": sent_from("home-7", "dana"),
        "deleted-and-back": told(*DELETED, *LOOKED, after_h(25.0)),
        "deleted-and-not-looked": told(*DELETED),
        "history-lacks-an-upload": told(READ, *HISTORY[1:]),
        "history-of-a-stranger": told(READ, *HISTORY, heard("a", Whose.FOREIGN)),
        "history-in-minutes": told(READ, *_MINUTES),
        "history-in-minutes-lacks": told(READ, *_MINUTES[3:]),
        "export-of-a-stranger": told(*EXPORT, *foreign),
        "export-to-a-stranger": told(*EXPORT, ExportTried(200.0, Stranger.NO_SIGN_IN, came=True)),
        "export-half": told(_BROKEN_OFF, *EXPORT[1:]),
        "queued-by-accident": ACCIDENT,
    }
