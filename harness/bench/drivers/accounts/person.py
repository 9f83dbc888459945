"""A person at the bench who looks into the maker's app, and is asked what it shows.

For makers that no program may sign in to. What is told has the uncertainty of what the app shows,
which is mostly minutes; what the app does not show stays unknown, and proves nothing.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Self, TypeVar

from harness.bench.drivers.clock_face import span_of
from harness.bench.drivers.inboxes.person import Ask, at_terminal
from harness.bench.drivers.placed import Placed
from harness.bench.ports.account import (
    NO_CONTACTS,
    Account,
    AccountSettings,
    Delivered,
    Export,
    History,
    HistoryItem,
    ReviewItem,
)
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.fields import Seconds
from harness.forms.strict import StrictModel

T = TypeVar("T")

_TRIES = 5
_MOST_ENTRIES = 500


class PersonAccountText(StrictModel):
    """What may be asked of the person at the bench."""

    clock_s: Seconds = 10.0
    """How far the app's clock may be off from this machine's."""


class PersonAccount(Account):
    """Asks; believes nothing that makes no sense, and asks again, five times at most.

    It is no source X: whose recording a file of an export is, nobody tells by looking at it.
    """

    options: ClassVar[type[StrictModel]] = PersonAccountText
    sources = frozenset("CQ")
    gives_sound = False

    @classmethod
    def opened(cls, options: PersonAccountText, place: Placed) -> Self:
        """The account of a rig file, asking at the terminal."""
        return cls(options, at_terminal, place.clock)

    def __init__(self, options: PersonAccountText, ask: Ask, clock: Clock) -> None:
        self._slack_s, self._ask, self._clock = options.clock_s, ask, clock
        self._began_s = 0.0

    def prepare(
        self,
        name: str,
        voices: Mapping[str, bytes],
        own_contacts: Mapping[str, Sequence[str]] = NO_CONTACTS,
    ) -> None:
        """Have the person sign in, and note from when on entries count."""
        known = f" It must know the voices of {', '.join(voices)}." if voices else ""
        for profile, contacts in own_contacts.items():
            known += f" Only {profile} may have as contacts: {', '.join(contacts)}."
        self._ask(f"Sign in to the account {name} in the maker's app.{known} Then press Enter: ")
        self._began_s = self._clock.now_s()

    def settings(self) -> AccountSettings:
        """What the app shows; what it does not show is unknown."""
        return AccountSettings(
            self._shown("Does the app show that messages and calls are allowed?"),
            self._shown("Does the app show that people may listen to recordings?"),
        )

    def change(self, wanted: AccountSettings) -> None:
        """Have it set by hand."""
        named = {
            "messages and calls": wanted.communications,
            "people listening to recordings": wanted.human_review,
        }
        for what, value in named.items():
            if value is not None:
                state = "on" if value else "off"
                self._do(f"Switch {what} {state} in the app, and wait until it shows so.")

    def history(self) -> History:
        """Every entry since the play began, one by one."""
        saving = self._shown("Does the app show that recordings are saved?")
        since = datetime.fromtimestamp(self._began_s).strftime("%H:%M:%S")
        question = f"How many entries does the history show since {since}? "
        count = self._told(question, _count, f"a number, at most {_MOST_ENTRIES}")
        return History(tuple(self._entry(n) for n in range(1, count + 1)), saving)

    def audio(self, entry_id: str) -> bytes | None:
        """Whether it plays; a person has ears, but no file."""
        return b"" if self._yes(f"Try to play {entry_id} again. Does it play?") else None

    def delete(self, entry_ids: Sequence[str]) -> None:
        """Have it deleted by hand."""
        what = ", ".join(entry_ids) or "all recordings"
        self._do(f"Delete {what} in the app, and wait until it says that this is done.")

    def delete_between(self, from_unix_s: float, until_unix_s: float) -> None:
        """Have it deleted by hand, by the range that the app offers."""
        span = (datetime.fromtimestamp(t).strftime("%d %B %H:%M:%S") for t in
                (from_unix_s, until_unix_s))  # fmt: skip
        self._do(f"Delete what was recorded between {' and '.join(span)} in the app.")

    def request_export(self) -> None:
        """Nothing that a person tells: its files are read by a driver of their own."""
        raise RigError(_NO_EXPORT)

    def export(self, folder: Path) -> Export:
        """As `request_export`."""
        raise RigError(_NO_EXPORT)

    def review_queue(self) -> tuple[ReviewItem, ...] | None:
        """Nothing: no app shows it."""
        return None

    def witnessed(self) -> None:
        """Nobody saw what the device handed in."""

    def senders(self) -> tuple[Delivered, ...]:
        """Nothing: no app tells what an inbox would know by."""
        return ()

    def let_pass(self, hours: float) -> None:
        """Nobody can: a day is a day."""
        raise RigError(f"account: {hours:g} h cannot be let pass on a maker's own clock")

    def unix_s(self) -> float:
        """This machine's time."""
        return self._clock.now_s()

    def close(self) -> None:
        """Nothing is held."""

    # ------------------------------------------------------------------------------------------

    def _entry(self, number: int) -> HistoryItem:
        of = f"Entry {number} (oldest first). "
        from_s, until_s = self._span(f"{of}When was it (HH:MM:SS or HH:MM)? ")
        to = self._ask(f"{of}A message: to whom? (Enter where it is a recording) ").strip()
        words = self._ask(f"{of}What words does the app show? (Enter for none) ").strip()
        return HistoryItem(
            id=f"entry {number}",
            at_unix_s=(from_s + until_s) / 2,
            at_uncertainty_s=(until_s - from_s) / 2,
            kind="message" if to else "interaction",
            transcript=words or None,
            has_audio=self._yes(f"{of}Does it play?"),
            recipient=to or None,
        )

    def _span(self, question: str) -> tuple[float, float]:
        def span(said: str) -> tuple[float, float] | None:
            return span_of(said, self._began_s, self._clock.now_s(), self._slack_s)

        return self._told(question, span, "a time of this play, as the app shows it")

    def _shown(self, question: str) -> bool | None:
        """What the app shows; None where it does not."""
        answers = {"yes": True, "no": False, "?": None}
        asked = f"{question} (yes/no, or ? where it shows nothing) "
        said = self._told(asked, lambda said: _one_of(answers, said), "yes, no or ?")
        return answers[said]

    def _yes(self, question: str) -> bool:
        answers = ("yes", "no")
        asked = f"{question} (yes/no) "
        return self._told(asked, lambda said: _one_of(answers, said), "yes or no") == "yes"

    def _told(self, question: str, understood: Callable[[str], T | None], wanted: str) -> T:
        """The first answer that makes sense; `RigError` where `_TRIES` make none."""
        asked = question
        for _ in range(_TRIES):
            answer = understood(self._ask(asked).strip())
            if answer is not None:
                return answer
            asked = f"Please {wanted}. {question}"
        raise RigError(
            f"account: {_TRIES} answers made no sense to the question: {question.strip()} Play the "
            f"scene again, and answer {wanted}"
        )

    def _do(self, what: str) -> None:
        """Have something done; `RigError` where the person says that it cannot be."""
        if not self._yes(f"{what} Is it done?"):
            raise RigError(f"account: this could not be done: {what}")


_NO_EXPORT = (
    "account: an export is not told by a person; its files are read as they were delivered "
    "(docs/account.md)"
)


def _count(said: str) -> int | None:
    return int(said) if said.isdecimal() and len(said) < 5 and int(said) <= _MOST_ENTRIES else None


def _one_of(answers: Collection[str], said: str) -> str | None:
    return said.lower() if said.lower() in answers else None
