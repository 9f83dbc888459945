"""What a device is in the middle of: one of these at a time."""

from dataclasses import dataclass

from rigs.reference_device.dialogue import Ask
from rigs.reference_device.echo import EchoGate
from rigs.reference_device.listening import Listening
from rigs.reference_device.prompts import Prompt


@dataclass(slots=True)
class Idle:
    """Nothing goes on; it waits for its wake word."""


@dataclass(slots=True)
class Attending:
    """Somebody is listened to; `upload`: the number of the stream that it is sent in."""

    talk: Listening
    upload: int


@dataclass(slots=True)
class AboutToSpeak:
    """A prompt is due; `after`: what is asked by it."""

    prompt: Prompt
    after: Ask | None


@dataclass(slots=True)
class Speaking:
    """A prompt is played; `gate`: hears when it is over."""

    gate: EchoGate
    after: Ask | None


@dataclass(slots=True)
class Sending:
    """A message is on its way; `then_say`: the prompt once it is delivered."""

    number: int
    then_say: str | None


@dataclass(slots=True)
class Fetching:
    """A message is fetched to be played back; `else_say`: the prompt where there is none."""

    else_say: str


Mode = Idle | Attending | AboutToSpeak | Speaking | Sending | Fetching
