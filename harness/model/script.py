"""What was meant to be said: a scene, once its file has been read and checked."""

from dataclasses import dataclass, field
from enum import StrEnum

from harness.model.network import NetworkCondition


class Role(StrEnum):
    """What a member of the cast is in the household."""

    RESIDENT = "resident"
    GUEST = "guest"
    MEDIA = "media"


class Addressee(StrEnum):
    """Whom a line is said to."""

    ROOM = "room"
    DEVICE = "device"


class Act(StrEnum):
    """What a line does, when it is addressed to the device."""

    WAKE = "wake"
    REQUEST = "request"
    NAME = "name"
    DICTATE = "dictate"
    CONFIRM = "confirm"
    DENY = "deny"
    CANCEL = "cancel"
    REPLAY = "replay"


class PromptRole(StrEnum):
    """What a prompt of the device is for."""

    ASK_REQUEST = "ask_request"
    ASK_RECIPIENT = "ask_recipient"
    ASK_MESSAGE = "ask_message"
    READ_BACK = "read_back"
    SENT = "sent"
    CANCELLED = "cancelled"
    ANSWER = "answer"
    OTHER = "other"
    ASK_WHICH = "ask_which"
    LISTENING = "listening"

    @property
    def is_question(self) -> bool:
        """Whether the device expects an answer, so that an answer window opens.

        That it listens asks nothing: what was asked before still is what is answered.
        """
        return self in _QUESTIONS

    @property
    def is_final(self) -> bool:
        """Whether it ends what was asked for: it is sent, cancelled or answered."""
        return self in _FINAL


class PromptKind(StrEnum):
    """What a prompt is made of: words, or a tone that stands for something."""

    SPEECH = "speech"
    TONE = "tone"

    def may_be(self, role: PromptRole) -> bool:
        """Whether a prompt of this kind can have a role: a tone names nobody."""
        return self is PromptKind.SPEECH or role not in _IN_WORDS_ONLY


_IN_WORDS_ONLY = (PromptRole.READ_BACK, PromptRole.ASK_WHICH)

# Of a few members a tuple is asked quicker than a set: hashing a member is a call.
_QUESTIONS = (
    PromptRole.ASK_REQUEST,
    PromptRole.ASK_RECIPIENT,
    PromptRole.ASK_WHICH,
    PromptRole.ASK_MESSAGE,
    PromptRole.READ_BACK,
)
_FINAL = (PromptRole.SENT, PromptRole.CANCELLED, PromptRole.ANSWER)


@dataclass(frozen=True, slots=True)
class AtTime:
    """Said at a fixed time after the scene's start."""

    at_s: float


@dataclass(frozen=True, slots=True)
class AfterLine:
    """Said a pause after the end of the line before."""

    pause_s: float


@dataclass(frozen=True, slots=True)
class AfterPrompt:
    """Said a pause after the end of a prompt of the device; left unsaid when none comes in time.

    `within_s` counts from the end of the line before (or the scene's start).
    """

    prompt: PromptRole
    pause_s: float
    within_s: float


When = AtTime | AfterLine | AfterPrompt


@dataclass(frozen=True, slots=True)
class CastMember:
    """Somebody (or a television) who speaks in a scene.

    `profile`: the voice profile that the device has of them, None where it has none. `contacts`:
    those that are theirs alone; nobody else of the household may reach them.
    """

    name: str
    voice: str
    role: Role
    position: str
    profile: str | None = None
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a scene.

    `acts` is empty for plain conversation. `names` is the contact a `request` or `name` line names.
    `level_db` is relative to the rig's speech level. `clip` is the audio file (48 kHz or whatever
    the corpus holds; the stage resamples), as a path that can be opened. `inaudible`: it is played
    as sound that no person can hear, such as speech on an ultrasonic carrier.
    """

    id: str
    who: str
    says: str
    to: Addressee
    acts: tuple[Act, ...]
    names: str | None
    when: When
    level_db: float
    clip: str
    inaudible: bool = False


class Deed(StrEnum):
    """What the bench does in a scene: to the device, as a hand or a cut cable would, or as the
    account's owner.
    """

    MUTE = "mute"
    UNMUTE = "unmute"
    UNPLUG = "unplug"
    PLUG_IN = "plug_in"
    NETWORK_OFF = "network_off"
    NETWORK_POOR = "network_poor"
    NETWORK_ON = "network_on"
    SET_ACCOUNT = "set_account"
    DELETE_HISTORY = "delete_history"
    REQUEST_EXPORT = "request_export"
    WAIT_CLOUD_DAY = "wait_cloud_day"

    @property
    def in_words(self) -> str:
        """What was done, for a person: `mute pressed`."""
        return _IN_WORDS[self]

    @property
    def is_owners(self) -> bool:
        """Whether it is done by way of the account, not to the device."""
        return self in _OWNERS


_IN_WORDS = {
    Deed.MUTE: "mute pressed",
    Deed.UNMUTE: "mute released",
    Deed.UNPLUG: "plug pulled",
    Deed.PLUG_IN: "plugged in again",
    Deed.NETWORK_OFF: "network cut",
    Deed.NETWORK_POOR: "network made poor",
    Deed.NETWORK_ON: "network mended",
    Deed.SET_ACCOUNT: "account set",
    Deed.DELETE_HISTORY: "history deleted",
    Deed.REQUEST_EXPORT: "export asked for",
    Deed.WAIT_CLOUD_DAY: "a day let pass for the account",
}
_OWNERS = (Deed.SET_ACCOUNT, Deed.DELETE_HISTORY, Deed.REQUEST_EXPORT, Deed.WAIT_CLOUD_DAY)


def deed_in_words(deed: Deed, network: NetworkCondition | None) -> str:
    """What was done, with what the network was made: `network made poor (16 kbit/s)`."""
    return deed.in_words if network is None else f"{deed.in_words} ({network.in_words})"


class Which(StrEnum):
    """Which recordings of the history: all, the newest, or those since the scene began."""

    ALL = "all"
    LAST = "last"
    SCENE = "scene"


@dataclass(frozen=True, slots=True)
class Order:
    """What the account's owner asks for: settings that are not None, and which recordings."""

    communications: bool | None = None
    human_review: bool | None = None
    which: Which | None = None


class Asked(StrEnum):
    """What the account is asked once a scene was watched."""

    SETTINGS = "settings"
    HISTORY = "history"
    REVIEW = "review"
    EXPORT = "export"

    @property
    def source(self) -> str:
        """The letter of the source that its answer is."""
        return {"history": "C", "export": "X"}.get(self.value, "Q")


@dataclass(frozen=True, slots=True)
class Doing:
    """A deed of a scene. `after`: id of the line or doing before it, None where it is the first.

    `network`: what the network is made, where the deed is to make it poor; else None. `order`: what
    is asked of the account, where the deed is its owner's.
    """

    id: str
    deed: Deed
    when: When
    after: str | None
    network: NetworkCondition | None = None
    order: Order | None = None

    @property
    def in_words(self) -> str:
        """What is done, for a person."""
        return deed_in_words(self.deed, self.network)


@dataclass(frozen=True, slots=True)
class Background:
    """A sound that plays from start to end of a scene, looped where it is shorter."""

    sound: str
    position: str
    level_db: float
    clip: str


@dataclass(frozen=True, slots=True)
class ExpectedMessage:
    """A message that somebody in the scene really wants delivered to contact `to`."""

    to: str


@dataclass(frozen=True, slots=True)
class Household:
    """Whose room it is: the account's contacts (full names) and the house rules.

    `sound_alike`: groups of contacts whose names a listener cannot tell apart. `account`: the
    account that the device belongs to. `identifiers`: what tells a stranger whose home it is
    (serial number, family name, address). `canaries`: what is said on this account alone.
    """

    contacts: tuple[str, ...]
    guests_may_consent: bool = True
    sound_alike: tuple[tuple[str, ...], ...] = ()
    account: str | None = None
    identifiers: tuple[str, ...] = ()
    canaries: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Script:
    """A whole scene. `id` is folder/name, such as `portland/kitchen`.

    `afterwards`: what the account is asked in the end; nothing where no account is needed.
    """

    id: str
    title: str
    household: Household
    cast: tuple[CastMember, ...]
    lines: tuple[Line, ...]
    background: tuple[Background, ...] = ()
    expected_messages: tuple[ExpectedMessage, ...] = ()
    expect_answer: bool = False
    watch_s: float | None = None
    demands: tuple[str, ...] = field(default=())
    doings: tuple[Doing, ...] = ()
    afterwards: tuple[Asked, ...] = ()

    def member(self, name: str) -> CastMember:
        """The member of the cast called `name`; `KeyError` when there is none."""
        for member in self.cast:
            if member.name == name:
                return member
        raise KeyError(name)

    def line(self, line_id: str) -> Line:
        """The line with that id; `KeyError` when there is none."""
        for line in self.lines:
            if line.id == line_id:
                return line
        raise KeyError(line_id)
