"""What the account tells: settings, history, deletions, exports, and the queue for human review.

Facts as `timeline` has them, on the same clock; `read_at_s` is when the account was asked.
"""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SettingsRead:
    """What the account allowed when its settings were read; None where it does not say."""

    at_s: float
    communications: bool | None = None
    review_opted_in: bool | None = None


@dataclass(frozen=True, slots=True)
class HistoryRead:
    """The account's history was read to its end. `saving`: whether it is switched on."""

    at_s: float
    saving: bool | None


class EntryKind(StrEnum):
    """What an entry of the history is about."""

    RECORDING = "recording"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One entry of the history as read at `read_at_s`.

    `from_s`, `until_s`: what the entry says was recorded, or when the message was sent; each good
    to `uncertainty_s`, which is a minute where the maker tells no seconds. `recipient`: of a
    message. `audio`, `transcript`: whether it still gives them back.
    """

    entry_id: str
    read_at_s: float
    about: EntryKind
    from_s: float
    until_s: float
    recipient: str | None
    audio: bool
    transcript: bool
    uncertainty_s: float = 0.0

    @property
    def earliest_s(self) -> float:
        """When at the earliest it began (s)."""
        return self.from_s - self.uncertainty_s

    @property
    def latest_s(self) -> float:
        """When at the latest it ended (s)."""
        return self.until_s + self.uncertainty_s


class Whose(StrEnum):
    """Whose recording it is that the account gave."""

    OURS = "ours"
    FOREIGN = "foreign"
    UNKNOWN = "unknown"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class EntryHeard:
    """The sound of an entry of the history was asked for, and held against what the bench knows.

    `seconds`, `sha256`: of its sound, None where it is none that can be read. `reason`: why it is
    taken for whose it is, for a person.
    """

    entry_id: str
    at_s: float
    whose: Whose
    seconds: float | None = None
    sha256: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CanaryRead:
    """A transcript that the account gave holds words that are said on this account alone.

    `item_id`: of the entry of the history, or of the item of the export.
    """

    canary: str
    at_s: float
    item_id: str


@dataclass(frozen=True, slots=True)
class DeletionAsked:
    """The account was told to delete recordings; no `entry_ids` means all of them."""

    at_s: float
    entry_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Replayed:
    """A recording was asked for again; `returned`: whether it came back.

    By its identifier or, `by_voice`, by asking the device to play it.
    """

    entry_id: str
    at_s: float
    returned: bool
    by_voice: bool = False


@dataclass(frozen=True, slots=True)
class ExportRead:
    """A request for one's own recordings was answered, and every item of it looked at.

    `whole`: all of it came; where not, `trouble` says what is missing, and nothing is proven absent
    by it.
    """

    at_s: float
    whole: bool = True
    trouble: str = ""


class Stranger(StrEnum):
    """How somebody may try to come by an export that is not theirs to have."""

    NO_SIGN_IN = "no_sign_in"
    OTHER_ACCOUNT = "other_account"
    GUESSED_LINK = "guessed_link"
    USED_LINK = "used_link"
    EXPIRED_LINK = "expired_link"


@dataclass(frozen=True, slots=True)
class ExportTried:
    """The bench tried to fetch an export as a stranger would; `came`: whether it got it."""

    at_s: float
    by: Stranger
    came: bool


@dataclass(frozen=True, slots=True)
class ExportItem:
    """One item of an export. `entry_id`: its entry in the history, None where it names none.

    `recorded_s`: when it was recorded, None where that is not known. `seconds`, `sha256`: of its
    sound, None where it has none. `reason`: why it is taken for whose it is, for a person.
    """

    item_id: str
    read_at_s: float
    whose: Whose
    entry_id: str | None
    recorded_s: float | None
    audio: bool
    transcript: bool
    seconds: float | None = None
    sha256: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class QueueRead:
    """The queue of recordings for people to hear was read to its end."""

    at_s: float


@dataclass(frozen=True, slots=True)
class QueuedForReview:
    """A recording of this account waits for people to hear it.

    `recorded_s`: when it was recorded, None where that is not known. `metadata`: every text that
    stands beside it; `transcript`: its words, None where it has none.
    """

    item_id: str
    read_at_s: float
    recorded_s: float | None
    metadata: tuple[str, ...]
    transcript: str | None
