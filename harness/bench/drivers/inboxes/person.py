"""A person at the bench who looks at the recipients' phones, and is asked what arrived.

For services that no program may read. What is told has the uncertainty of a person reading a clock;
who does not know when a message came leaves the whole time since the last look open.
"""

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar, Self

from pydantic import Field

from harness.bench.drivers.clock_face import span_of
from harness.bench.drivers.inboxes.source import CANARY_PLACE
from harness.bench.drivers.placed import Placed
from harness.bench.ports.inbox import Inbox, InboxMessage
from harness.clock import Clock
from harness.errors import RigError
from harness.forms.fields import Seconds
from harness.forms.strict import StrictModel

Ask = Callable[[str], str]
_SOUND = re.compile(r"(\d+(?:\.\d+)?) ?s")


class PersonInboxText(StrictModel):
    """What may be asked of the person at the bench."""

    delivery_s: Annotated[float, Field(ge=0, le=600)]
    """The longest that a message is on its way after the device sent it."""
    clock_s: Seconds = 10.0
    """How far the clocks on the phones may be off from this machine's, reading included."""
    canary: bool = True
    """Whether the person can send a message to one of the phones from another one."""


@dataclass(frozen=True, slots=True)
class _Told:
    recipient: str
    after_s: float
    before_s: float
    sound_s: float | None
    text: str | None


class PersonInbox(Inbox):
    """Asks; believes nothing that makes no sense, and asks again."""

    options: ClassVar[type[StrictModel]] = PersonInboxText

    @classmethod
    def opened(cls, options: PersonInboxText, place: Placed) -> Self:
        """The inbox of a rig file, asking at the terminal."""
        return cls(options, at_terminal, place.clock)

    def __init__(self, options: PersonInboxText, ask: Ask, clock: Clock) -> None:
        self._told_to, self._ask, self._clock = options, ask, clock
        self._contacts: tuple[str, ...] = ()
        self._began_s = 0.0
        self._told: list[_Told] = []
        self._canaries: list[tuple[str, float, float]] = []
        self._finished = False

    @property
    def canary_proves(self) -> str | None:
        """What it proves that a canary was seen, in words."""
        return (
            "that a phone gets messages and the person reads them" if self._told_to.canary else None
        )

    def prepare(self, contacts: Sequence[str]) -> None:
        """Have the phones cleared; only what comes from now on is told."""
        self._contacts = tuple(contacts)
        self._told.clear()
        self._canaries.clear()
        self._finished = False
        self._ask(
            f"Make {_listed(contacts)} the device's only contacts, and have their phones show no "
            "new message. Then press Enter: "
        )
        self._began_s = self._clock.now_s()

    def messages(self) -> tuple[InboxMessage, ...]:
        """Ask what came, once; then the same answer. Oldest first."""
        if not self._finished:
            self._clock.wait_s(self._told_to.delivery_s)
            self._ask_all()
            self._finished = True
        found = [self._message(n, told) for n, told in enumerate(self._told, 1)]
        found += [_canary(*sent) for sent in self._canaries]
        return tuple(sorted(found, key=lambda message: message.unix_s))

    def audio(self, message_id: str) -> bytes:
        """Nothing: a person has ears, but no file."""
        return b""

    def send_canary(self, nonce: str) -> None:
        """Have a message sent to a phone, and read from it."""
        if not self._told_to.canary:
            raise RigError("inbox canary: the rig file says that nobody can send one")
        word, from_s = nonce[:6], self._clock.now_s()
        said = self._ask(
            f"From another phone, send a message to {self._contacts[0]} with the word of your "
            "choice and nothing else. Type the word, or nothing where that cannot be done: "
        ).strip()
        if not said:
            raise RigError("inbox canary: the person at the bench could not send one")
        asked = f"Type what the phone of {self._contacts[0]} shows, then the characters {word}: "
        shown = self._ask(asked).split()
        if shown != [*said.split(), word]:
            raise RigError(f"inbox canary: `{said}` was sent, and `{' '.join(shown)}` was read")
        self._canaries.append((nonce, from_s, self._clock.now_s()))

    def close(self) -> None:
        """Nothing is held."""

    def _ask_all(self) -> None:
        for contact in self._contacts:
            self._ask_of(contact)
        while self._yes(f"Did a message come to anybody but {_listed(self._contacts)}? (yes/no) "):
            recipient = self._ask("To whom? ").strip() or "somebody else"
            self._told.append(self._one(recipient))

    def _ask_of(self, contact: str) -> None:
        question = f"How many messages came to {contact} (without canaries)? "
        count = self._ask(question).strip()
        while not count.isdigit():
            count = self._ask(f"`{count}` is no number. {question}").strip()
        for number in range(1, int(count) + 1):
            self._told.append(self._one(contact, f"Message {number} to {contact}. "))

    def _yes(self, question: str) -> bool:
        said = self._ask(question).strip().lower()
        while said not in ("yes", "no"):
            said = self._ask(f"Please yes or no. {question}").strip().lower()
        return said == "yes"

    def _one(self, recipient: str, of: str = "") -> _Told:
        question = f"{of}When did it come (HH:MM:SS, HH:MM, or ? if that is not known)? "
        span = self._span(self._ask(question).strip())
        while span is None:
            span = self._span(
                self._ask(f"That is no time since the scene began. {question}").strip()
            )
        said = self._ask(f"{of}How long is its sound (such as 4.5 s), or what does it say? ")
        sound = _SOUND.fullmatch(said.strip())
        text = None if sound else said.strip() or None
        return _Told(recipient, *span, float(sound[1]) if sound else None, text)

    def _span(self, said: str) -> tuple[float, float] | None:
        """Unix times (s) between which it came; None where they are not since `prepare`."""
        return span_of(said, self._began_s, self._clock.now_s(), self._told_to.clock_s)

    def _message(self, number: int, told: _Told) -> InboxMessage:
        low_s = told.after_s - self._told_to.delivery_s
        return InboxMessage(
            message_id=f"told-{number}",
            recipient=told.recipient,
            unix_s=(low_s + told.before_s) / 2,
            uncertainty_s=(told.before_s - low_s) / 2,
            audio_s=told.sound_s,
            transcript=told.text,
            sha256=None,
        )


def at_terminal(question: str) -> str:
    """Ask where the person sits; `RigError` where nobody does."""
    if not sys.stdin.isatty():
        raise RigError(
            "inbox: somebody must be asked what arrived, and there is no terminal; start sayso "
            "from one, or give the rig another inbox"
        )
    print(f"\n\a{question}", end="", file=sys.stderr, flush=True)
    said = sys.stdin.readline()
    if not said:
        raise RigError("inbox: the terminal was closed before the question was answered")
    return said.rstrip("\n")


def _canary(nonce: str, from_s: float, until_s: float) -> InboxMessage:
    middle_s, half_s = (from_s + until_s) / 2, (until_s - from_s) / 2
    return InboxMessage(nonce, CANARY_PLACE, middle_s, half_s, None, None, None, nonce)


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names) or "nobody"
