"""The owner's side: what an account says it keeps, and what it lets its owner do about it."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from harness.model.account import Stranger

NO_CONTACTS: Mapping[str, Sequence[str]] = MappingProxyType({})
"""Nobody has contacts alone."""
Kind = Literal["interaction", "message"]


@dataclass(frozen=True, slots=True)
class HistoryItem:
    """One entry of the history, as the account tells it.

    `at_unix_s` +- `at_uncertainty_s`: when it began; a maker that tells minutes is good to 30 s.
    `seconds`: how long it lasts, None where that is not told. `recipient`: of a message.
    `transcript`, `has_audio`, `audio_sha256`: what of it the account still gives back.
    `accidental`: whether the account calls it one, None where it does not say.
    """

    id: str
    at_unix_s: float
    at_uncertainty_s: float
    kind: Kind
    transcript: str | None
    has_audio: bool
    audio_sha256: str | None = None
    seconds: float | None = None
    recipient: str | None = None
    accidental: bool | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The history read to its end. `saving`: whether it is switched on, None where not told."""

    items: tuple[HistoryItem, ...]
    saving: bool | None


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One recording of an export; `entry_id`: its entry in the history, where it names one.

    `audio`: the file as it came, None for one that is words only. `at_unix_s` +-
    `at_uncertainty_s`: when it was recorded, where that is told.
    """

    name: str
    audio: bytes | None
    transcript: str | None
    at_unix_s: float | None = None
    entry_id: str | None = None
    at_uncertainty_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Export:
    """What a request for one's own recordings returned.

    `whole`: all of it came; else `trouble` says what is missing. `tried`: what came of each way by
    which a stranger might fetch it; ways that nobody tried are not there.
    """

    files: tuple[ExportFile, ...]
    whole: bool = True
    trouble: str = ""
    tried: tuple[tuple[Stranger, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A recording that waits for people to hear it; `metadata`: every text that stands beside."""

    id: str
    recorded_unix_s: float | None
    metadata: tuple[str, ...]
    transcript: str | None


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """What the account allows; None where it does not say.

    `human_review`: opted in. `voice_profiles`: the names it knows voices by, None where not told.
    """

    communications: bool | None = None
    human_review: bool | None = None
    voice_profiles: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """By which account and voice profile a message went out, as the account tells it."""

    message_id: str
    account: str | None
    profile: str | None


class Account(ABC):
    """Asks an account, and changes it as its owner would.

    Whatever is asked raises `RigError` where no answer, or no whole one, comes: what nobody has
    seen is never taken for empty.
    """

    sources: frozenset[str] = frozenset("CQX")
    """The letters of the sources that it gives: history (C), queue and settings (Q), export (X)."""

    gives_sound: bool = True
    """Whether `audio` gives the sound itself; a person only tells that it plays."""

    @abstractmethod
    def prepare(
        self,
        name: str,
        voices: Mapping[str, bytes],
        own_contacts: Mapping[str, Sequence[str]] = NO_CONTACTS,
    ) -> None:
        """Begin with an empty history and usual settings, as account `name`.

        `voices`: by voice profile, speech of that person (s16le, 16 kHz, mono) to know them by.
        `own_contacts`: by voice profile, the contacts that are that person's alone.
        """

    @abstractmethod
    def settings(self) -> AccountSettings:
        """What the account allows now."""

    @abstractmethod
    def change(self, wanted: AccountSettings) -> None:
        """Change the settings that are not None; the others stay."""

    @abstractmethod
    def history(self) -> History:
        """All of the history, oldest first."""

    @abstractmethod
    def audio(self, entry_id: str) -> bytes | None:
        """The sound of an entry, None where it is not given back."""

    @abstractmethod
    def delete(self, entry_ids: Sequence[str]) -> None:
        """Delete these recordings; all of them where none is named."""

    @abstractmethod
    def delete_between(self, from_unix_s: float, until_unix_s: float) -> None:
        """Delete what was recorded in a span (Unix s)."""

    @abstractmethod
    def request_export(self) -> None:
        """Ask for one's own recordings; they come later."""

    @abstractmethod
    def export(self, folder: Path) -> Export:
        """Wait for what was asked for, fetch it and read it; `folder` is private and goes away."""

    @abstractmethod
    def review_queue(self) -> tuple[ReviewItem, ...] | None:
        """What waits for people to hear; None where the maker shows no queue."""

    @abstractmethod
    def witnessed(self) -> frozenset[str] | None:
        """SHA-256 of the samples of all that the account's device handed in, as the bench itself
        saw it come; None where nobody could.
        """

    @abstractmethod
    def senders(self) -> tuple[Delivered, ...]:
        """By which account and profile each message went out; empty where that is not told."""

    @property
    def steps_time(self) -> bool:
        """Whether its time can be moved on, so that nobody waits a day for a day's sync."""
        return False

    @abstractmethod
    def let_pass(self, hours: float) -> None:
        """Let so many hours of the account's time go by; `RigError` where nobody can step them."""

    @abstractmethod
    def unix_s(self) -> float:
        """What time it is for the account: Unix time (s), with all that was let pass."""
