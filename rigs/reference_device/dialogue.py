"""What a firmware is told and what it may decide: the words between core and policy."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from rigs.reference_device.contacts import Contact
from rigs.reference_device.sound_format import Pcm


class Turn(StrEnum):
    """What the next speech is an answer to."""

    REQUEST = "request"
    RECIPIENT = "recipient"
    MESSAGE = "message"
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True)
class Heard:
    """One utterance: what the recogniser made of it, and its sound (int16, 16 kHz)."""

    text: str
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class Draft:
    """A message in the making. `attempts` counts how often the recipient was asked for."""

    contact: Contact | None = None
    message: Heard | None = None
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Ask:
    """Say a prompt, then listen; the answer comes back as `turn` with `draft`.

    `about`: the contact the prompt speaks of, where it speaks of one.
    """

    prompt_id: str
    turn: Turn
    draft: Draft
    about: Contact | None = None


@dataclass(frozen=True, slots=True)
class Say:
    """End of the session, with a prompt or (None) in silence."""

    prompt_id: str | None


@dataclass(frozen=True, slots=True)
class Send:
    """Send a message. `message` None: a recording of the last seconds of the room."""

    contact: Contact
    message: Heard | None
    then_say: str | None


@dataclass(frozen=True, slots=True)
class PlayBack:
    """Play the message that was sent last, or say a prompt where the cloud has none."""

    else_say: str


Move = Ask | Say | Send | PlayBack


class Firmware(Protocol):
    """A policy: what to do after each utterance. Pure; everything it needs is handed in."""

    name: str
    second_opinion: bool
    """Whether a second wake-word engine must agree before anything happens."""
    prompt_ids: tuple[str, ...]
    """Every prompt this firmware is published to say: an honest one says no other."""

    def next_move(
        self, turn: Turn, draft: Draft, heard: Heard | None, contacts: Sequence[Contact]
    ) -> Move:
        """What to do, having heard `heard` (None: silence until the time-out) at `turn`."""
        ...
