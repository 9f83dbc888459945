"""What the device does: the outputs of `core.Device`, for whoever drives it to carry out."""

from dataclasses import dataclass, field
from typing import Literal

from rigs.reference_device.contacts import Contact
from rigs.reference_device.prompts import Prompt
from rigs.reference_device.sound_format import Pcm

LightState = Literal["idle", "listening", "thinking", "speaking", "muted"]


@dataclass(frozen=True, slots=True)
class Light:
    """Show this on the light."""

    state: LightState


@dataclass(frozen=True, slots=True)
class Play:
    """Play a prompt: int16, 48 kHz, mono."""

    prompt: Prompt
    sound: Pcm


@dataclass(frozen=True, slots=True)
class StopPlaying:
    """Cut the prompt that is being played."""


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """Begin streaming speech to the cloud."""

    upload: int


@dataclass(frozen=True, slots=True)
class UploadSound:
    """Stream this on (int16, 16 kHz)."""

    upload: int
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class CloseUpload:
    """The utterance is over; `complete` False: drop the connection instead of ending it well."""

    upload: int
    complete: bool = True


@dataclass(frozen=True, slots=True)
class SendMessage:
    """Deliver a message with its sound (int16, 16 kHz)."""

    number: int
    contact: Contact
    transcript: str
    pcm: Pcm


@dataclass(frozen=True, slots=True)
class SendDatagram:
    """Send a UDP datagram; `to`: a host or address, None for the cloud's own."""

    to: str | None
    port: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class AskName:
    """Ask the resolver for a name's addresses, and do nothing with them."""

    name: str


@dataclass(frozen=True, slots=True)
class SendReport:
    """Tell the cloud some facts beside heartbeat and telemetry, in the same way."""

    facts: dict[str, object]


@dataclass(frozen=True, slots=True)
class RefreshContacts:
    """Fetch the contacts anew."""


@dataclass(frozen=True, slots=True)
class FetchMessage:
    """Fetch the sound of the message that was sent last, to play it back."""


@dataclass(frozen=True, slots=True)
class KeepMuted:
    """Remember across power cuts whether the microphone is off."""

    muted: bool


@dataclass(frozen=True, slots=True)
class KeepMessages:
    """Remember these messages across power cuts, in place of those kept before."""

    messages: tuple[SendMessage, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Something for the device's own log; for debugging only."""

    what: str
    detail: dict[str, object] = field(default_factory=dict)


Action = (
    Light
    | Play
    | StopPlaying
    | OpenUpload
    | UploadSound
    | CloseUpload
    | SendMessage
    | SendDatagram
    | AskName
    | SendReport
    | RefreshContacts
    | FetchMessage
    | KeepMuted
    | KeepMessages
    | Note
)
