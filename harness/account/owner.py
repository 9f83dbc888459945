"""The account's owner at the bench: does what a scene asks for, and looks at all in the end.

Every answer is kept with the account's own time (Unix s), which is ahead of the bench's by what was
let pass. What could not be had is a trouble, never an empty answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from harness.bench.ports.account import (
    Account,
    AccountSettings,
    Delivered,
    Export,
    History,
    HistoryItem,
    ReviewItem,
)
from harness.errors import RigError
from harness.model.case import Limits
from harness.model.script import Asked, Deed, Doing, Order, Script, Which

_BEYOND_H = 0.1
"""So much longer than the rule gives a deletion, so that no rounding decides."""

T = TypeVar("T")


@dataclass(slots=True)
class Told:
    """All that the account told, each with its time (Unix s); lists grow in order of time.

    `heard`: the sound of entries of the history, each asked for once. `deleted`: ids of what a
    deletion meant, none where it meant all. `passed`: when how much (s) was let pass.
    `witnessed`: digests of what was really handed in, None where nobody saw it.
    """

    settings: list[tuple[float, AccountSettings]] = field(default_factory=list)
    histories: list[tuple[float, History]] = field(default_factory=list)
    heard: list[tuple[float, HistoryItem, bytes]] = field(default_factory=list)
    deleted: list[tuple[float, tuple[str, ...]]] = field(default_factory=list)
    passed: list[tuple[float, float]] = field(default_factory=list)
    replayed: list[tuple[float, str, bool]] = field(default_factory=list)
    exports: list[tuple[float, Export]] = field(default_factory=list)
    queues: list[tuple[float, tuple[ReviewItem, ...]]] = field(default_factory=list)
    senders: tuple[Delivered, ...] = ()
    witnessed: frozenset[str] | None = None

    def account_unix_s(self, unix_s: float) -> float:
        """What time it was for the account at a Unix time (s) of the bench."""
        for before_s, seconds in self.passed:
            unix_s += seconds if unix_s >= before_s else 0.0
        return unix_s


class Owner:
    """Acts for the household of a scene. `told` fills as it goes on."""

    def __init__(self, account: Account, script: Script, limits: Limits) -> None:
        """Nothing is asked yet."""
        self._account, self._script, self._limits = account, script, limits
        self._began_unix_s = 0.0
        self._audible: dict[str, None] = {}
        self._export_asked = False
        self._troubles: list[str] = []
        self._answered: set[Asked] = set()
        self.told = Told()

    @property
    def asked_in_words(self) -> str:
        """What the scene asks the account for."""
        return ", ".join(self._script.afterwards)

    def missing(self) -> tuple[str, ...]:
        """What the account was asked and did not answer, or did not do; in words."""
        unasked = [a for a in self._script.afterwards if a not in self._answered]
        silent = [f"the account was not asked for {', '.join(unasked)}"] if unasked else []
        return (*self._troubles, *(silent if not self._troubles else ()))

    def begin(self, voices: Mapping[str, bytes]) -> None:
        """An empty account with usual settings; `voices` by profile, as the port has it."""
        own = {m.profile: m.contacts for m in self._script.cast if m.profile and m.contacts}
        self._account.prepare(self._script.household.account or "household", voices, own)
        self._began_unix_s = self._account.unix_s()
        self._read_settings()
        enrolled = self.told.settings[-1][1].voice_profiles
        lost = sorted(set(voices) - set(voices if enrolled is None else enrolled))
        if lost:
            raise RigError(f"account: it does not know the voices of {', '.join(lost)}")

    def do(self, doing: Doing) -> None:
        """Do what is the owner's in a scene; `RigError` where the account refuses."""
        order = doing.order or Order()
        match doing.deed:
            case Deed.SET_ACCOUNT:
                self._set(AccountSettings(order.communications, order.human_review))
            case Deed.DELETE_HISTORY:
                self._delete(order.which or Which.ALL)
            case Deed.REQUEST_EXPORT:
                self._account.request_export()
                self._export_asked = True
            case Deed.WAIT_CLOUD_DAY:
                hours = self._limits.deletion_h + _BEYOND_H
                self.told.passed.append((self._account.unix_s(), hours * 3600.0))
                self._account.let_pass(hours)
            case _:
                raise RigError(f"account: `{doing.deed}` is nothing that its owner does")

    def look(self, folder: Path) -> None:
        """Ask for all that the scene wants to know; `folder` is private, for what must be unpacked.

        What cannot be had is noted, and the rest still asked for.
        """
        if Asked.HISTORY in self._script.afterwards:
            self._try(self._look_at_history, Asked.HISTORY)
        if Asked.REVIEW in self._script.afterwards:
            self._try(self._look_at_queue, Asked.REVIEW)
        self._try(self._read_settings, Asked.SETTINGS)
        if Asked.EXPORT in self._script.afterwards:
            # Last: to see that links expire, a day is let pass.
            self._try(lambda: self._look_at_export(folder), Asked.EXPORT)

    # ------------------------------------------------------------------------------------------

    def _try(self, ask: Callable[[], None], what: Asked) -> None:
        try:
            ask()
        except RigError as error:
            self._troubles.append(f"{what}: {error}")
        else:
            self._answered.add(what)

    def _at(self, answer: T) -> tuple[float, T]:
        return self._account.unix_s(), answer

    def _read_settings(self) -> None:
        self.told.settings.append(self._at(self._account.settings()))

    def _read_history(self) -> History:
        history = self._account.history()
        self.told.histories.append(self._at(history))
        # What is deleted later is not told any more.
        sent = {each.message_id: each for each in (*self.told.senders, *self._account.senders())}
        self.told.senders = tuple(sent.values())
        if self._account.gives_sound:
            self._hear(history)
            self.told.witnessed = self._account.witnessed()
        return history

    def _hear(self, history: History) -> None:
        """Ask for the sound of what is new in the history, to see whose it is."""
        known = {item.id for _, item, _ in self.told.heard}
        for item in history.items:
            if not item.has_audio or item.id in known:
                continue
            sound = self._account.audio(item.id)
            if sound is None:
                self._troubles.append(f"the history lists a sound for {item.id}, and gives none")
            else:
                self.told.heard.append((self._account.unix_s(), item, sound))

    def _set(self, wanted: AccountSettings) -> None:
        self._account.change(wanted)
        self._read_settings()
        now = self.told.settings[-1][1]
        for name in ("communications", "human_review"):
            if getattr(wanted, name) not in (None, getattr(now, name)):
                self._troubles.append(f"the account was told {name}, and does not say so")

    def _delete(self, which: Which) -> None:
        """Delete, having looked at what is there: what comes back is told by its name."""
        items = self._read_history().items
        if which is Which.ALL:
            self._account.delete(())
            ids: tuple[str, ...] = ()
            meant = items
        elif which is Which.LAST:
            meant = items[-1:]
            ids = tuple(item.id for item in meant)
            if ids:
                self._account.delete(ids)
        else:
            now_s = self._account.unix_s()
            self._account.delete_between(self._began_unix_s, now_s)
            meant = tuple(i for i in items if self._began_unix_s <= i.at_unix_s <= now_s)
            ids = tuple(item.id for item in meant)
        if not meant:
            self._troubles.append("there was nothing to delete")
            return
        self._audible |= dict.fromkeys(item.id for item in meant if item.has_audio)
        self.told.deleted.append(self._at(ids))

    def _look_at_history(self) -> None:
        self._read_history()
        for entry_id in self._audible:
            returned = self._account.audio(entry_id) is not None
            self.told.replayed.append((self._account.unix_s(), entry_id, returned))

    def _look_at_queue(self) -> None:
        queue = self._account.review_queue()
        if queue is None:
            raise RigError("the maker shows no queue")
        self.told.queues.append(self._at(queue))

    def _look_at_export(self, folder: Path) -> None:
        if not self._export_asked:
            self._account.request_export()
        asked_s = self._account.unix_s()
        self.told.witnessed = self._account.witnessed()
        export = self._account.export(folder)
        self.told.exports.append((asked_s, export))
        lacking = self._listed() - {file.entry_id for file in export.files}
        if export.whole and lacking:
            self._troubles.append(
                f"the export lacks {len(lacking)} of the recordings that the history lists, so it "
                "proves nothing of these"
            )

    def _listed(self) -> set[str]:
        """The entries that the history has listed last, where it was asked."""
        if Asked.HISTORY not in self._answered or not self.told.histories:
            return set()
        return {item.id for item in self.told.histories[-1][1].items}
