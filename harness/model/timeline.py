"""What happened: facts with times, as the sensors of a rig saw them.

Times are seconds on the run's one clock, 0 at the start of the scene; they may be negative
(before it). Sound times are *as heard at the listener's place*. Events carry no opinion: which
of them is covered by consent is the judge's business.
"""

from dataclasses import dataclass
from enum import StrEnum

from harness.model.account import (
    CanaryRead,
    DeletionAsked,
    EntryHeard,
    ExportItem,
    ExportRead,
    ExportTried,
    HistoryEntry,
    HistoryRead,
    QueuedForReview,
    QueueRead,
    Replayed,
    SettingsRead,
)
from harness.model.network import NetworkCondition
from harness.model.script import Deed, PromptRole, deed_in_words


@dataclass(frozen=True, slots=True)
class LineSpoken:
    """A line of the script came out of a loudspeaker.

    `exact`: the reference channel holds sample for sample what was to be played.
    `heard_score`: normalised correlation (0..1) with the listener's microphone; `heard` whether it
    is over the rig's limit. `level_db`: level at the listener's microphone, dB re full scale.
    `dictated_from_s`: in a line that does other things too, when the words of the message begin.
    """

    line_id: str
    start_s: float
    end_s: float
    exact: bool
    heard: bool
    heard_score: float
    level_db: float
    dictated_from_s: float | None = None


@dataclass(frozen=True, slots=True)
class LineUnsaid:
    """A line was left out, since the prompt it answers did not come in time."""

    line_id: str
    at_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class PromptHeard:
    """The device said something known, heard at the listener's place.

    `states_act`: it says what will be done ("Send this message to ..."). `named_contact`: the full
    name of the contact it names, None when it names nobody; `says_full_name`: whether it speaks
    that full name. `named_by_s`: when act and name had been spoken (end_s where not known better).
    `tone`: it says no words, so how audible it was is not asked.
    """

    prompt_id: str
    text: str
    role: PromptRole
    states_act: bool
    named_contact: str | None
    says_full_name: bool
    start_s: float
    end_s: float
    named_by_s: float
    score: float
    level_db: float
    estoi: float | None = None
    over_others_db: float | None = None
    below_threshold: bool | None = None
    cut_short: bool | None = None
    ducked: bool | None = None
    elsewhere: bool | None = None
    tone: bool = False


class WhoseVoice(StrEnum):
    """WhoseVoice voice it was, by level and delay between two microphones."""

    DEVICE = "device"
    NOT_DEVICE = "not_device"
    UNATTRIBUTED = "unattributed"


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """Speech at the listener's place that nobody scripted and that could not be told for a prompt.

    `text`: what was read of it, empty where nothing was. `trouble`: why it is no `PromptHeard`, for
    a person. `clip`: the file in the evidence that holds it, without what was played.
    """

    start_s: float
    end_s: float
    level_db: float
    whose: WhoseVoice
    text: str
    trouble: str
    clip: str | None = None


class Channel(StrEnum):
    """By which way data left the device."""

    SPEECH = "speech"
    MESSAGE = "message"
    DNS = "dns"
    NTP = "ntp"
    ICMP = "icmp"
    TELEMETRY = "telemetry"
    QUIC = "quic"
    LAN = "lan"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Upload:
    """A burst of data from the device, too much to be its idle traffic.

    `destination`: host name where known, else address, with port. `bytes_out`: payload bytes.
    `holds_from_s`, `holds_until_s`: the span of room audio found in it, None where its payload
    was not read. `channel`: the way it took, None where nothing tells. `why`: one sentence that
    says why it is one, empty where its size alone does. `suspected`: it is one by sizes and times
    only, which is statistics and no proof.
    """

    start_s: float
    end_s: float
    bytes_out: int
    destination: str
    holds_from_s: float | None = None
    holds_until_s: float | None = None
    channel: Channel | None = None
    why: str = ""
    suspected: bool = False

    @property
    def sound_from_s(self) -> float:
        """When the room audio in it begins; where that is not known, when the packets do."""
        return self.start_s if self.holds_from_s is None else self.holds_from_s

    @property
    def sound_until_s(self) -> float:
        """When the room audio in it ends; where that is not known, when the packets do."""
        return self.end_s if self.holds_until_s is None else self.holds_until_s


@dataclass(frozen=True, slots=True)
class MessageReceived:
    """A message arrived in a contact's inbox; canaries are never reported as messages.

    `at_s` with `uncertainty_s` to either side. `audio_s`: length of the sound it holds, None for
    text only. `holds_from_s`, `holds_until_s`: the span of room audio it holds, None where that is
    not known. `account`, `profile`: the account and voice profile the receipt says it came from.
    """

    message_id: str
    recipient: str
    at_s: float
    uncertainty_s: float
    audio_s: float | None
    transcript: str | None
    sha256: str | None
    holds_from_s: float | None = None
    holds_until_s: float | None = None
    account: str | None = None
    profile: str | None = None


class LightState(StrEnum):
    """What the device's light shows."""

    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"
    MUTED = "muted"


@dataclass(frozen=True, slots=True)
class LightChanged:
    """The device's light changed."""

    at_s: float
    state: LightState


@dataclass(frozen=True, slots=True)
class DeedDone:
    """The bench did something to the device; `at_s`: when it took effect.

    `network`: what the network was made, where the deed made it poor; else None.
    """

    doing_id: str
    deed: Deed
    at_s: float
    network: NetworkCondition | None = None

    @property
    def in_words(self) -> str:
        """What was done, for a person."""
        return deed_in_words(self.deed, self.network)


@dataclass(frozen=True, slots=True)
class OtherDeviceActed:
    """Another device in the room woke, answered or sent; `what`: which of these, in words."""

    device: str
    at_s: float
    what: str


@dataclass(frozen=True, slots=True)
class TrafficSeen:
    """All that the tap saw on the device's link during the scene and its watch."""

    packets: int
    bytes_out: int
    bytes_in: int


@dataclass(frozen=True, slots=True)
class Watched:
    """The span in which nothing would have been missed (if every control held)."""

    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The run was cut short: Ctrl-C, a signal, an exception."""

    at_s: float
    reason: str


@dataclass(frozen=True, slots=True)
class Control:
    """One thing that must be proven before absence means anything.

    `phase`: opening, scene or closing. `name`: stable identifier such as `tap_canary`.
    `measured`, `limit`: numbers in `unit`, None where the control is a plain yes or no.
    `detail`: one sentence for a person; for a broken control, what to do next.
    """

    phase: str
    name: str
    held: bool
    measured: float | None
    limit: float | None
    unit: str
    detail: str


Event = (
    LineSpoken
    | LineUnsaid
    | PromptHeard
    | SpeechHeard
    | Upload
    | MessageReceived
    | LightChanged
    | DeedDone
    | TrafficSeen
    | Watched
    | Interrupted
    | Control
    | OtherDeviceActed
    | SettingsRead
    | HistoryRead
    | HistoryEntry
    | EntryHeard
    | CanaryRead
    | DeletionAsked
    | Replayed
    | ExportRead
    | ExportTried
    | ExportItem
    | QueueRead
    | QueuedForReview
)
