"""The form of a rig file, as pydantic models: what a bench is made of and where it stands.

`docs/schemas/rig.schema.json` is made from them (`python -m harness.scene.schema --write`).
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from harness.forms.fields import ClassId, Name, Seconds, Text, VoiceName
from harness.forms.strict import StrictModel
from harness.model.case import WAIVABLE, Limits, Policy, ReadBack

Metres = Annotated[float, Field(ge=0, le=30)]
Point = tuple[Metres, Metres, Metres]
Words = Annotated[tuple[Text, ...], Field(min_length=1)]
_SCENE_ID = re.compile(r"[^/]+/[^/]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ENV = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENTRY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_DEFAULTS = Limits()


def _scene_id(text: str) -> str:
    if not _SCENE_ID.fullmatch(text):
        raise ValueError(f"names `{text}`; a scene is named folder/name, such as portland/kitchen")
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"is `{text}`; write a host name in small letters, such as cloud.test")
    return text


def _entry(text: str) -> str:
    if not _ENTRY.fullmatch(text):
        raise ValueError(f"is `{text}`; write module:function, such as rigs.simulated:open_peers")
    return text


def _variable(text: str) -> str:
    if not _ENV.fullmatch(text):
        raise ValueError(f"names `{text}`; a variable is letters, digits and _")
    return text


def _policy_name(text: str) -> str:
    if text == "strict":
        raise ValueError("is `strict`, which is the whole chain; give the policy another name")
    return text


def _waivable(number: int) -> int:
    if number not in WAIVABLE:
        these = ", ".join(str(each) for each in sorted(WAIVABLE))
        raise ValueError(f"is {number}; conditions that can be waived are {these}")
    return number


Waivable = Annotated[int, AfterValidator(_waivable)]
SceneId = Annotated[str, AfterValidator(_scene_id)]


class SoundText(StrictModel):
    """Loudspeakers, where they stand, and the listener."""

    loudspeakers: dict[Name, Point] = Field(min_length=1, max_length=4)
    """One to four positions by name, each [x, y, z] in metres from one corner of the floor."""
    speech_level_db: Annotated[float, Field(ge=-60, le=-6)] = -26.0
    """Level of a line as played: active speech, RMS, in dB below full scale."""
    listener: Point
    """Where the measurement microphone stands: the place of the person who must hear prompts."""
    listener_name: Name = "listener"
    """What reports call that place, such as sofa."""


class RoomText(StrictModel):
    """The simulated room between loudspeakers and microphones."""

    size_m: tuple[
        Annotated[float, Field(ge=1, le=30)],
        Annotated[float, Field(ge=1, le=30)],
        Annotated[float, Field(ge=1, le=30)],
    ]
    """Length, width and height in metres."""
    t60_s: Annotated[float, Field(ge=0.05, le=3)]
    """Reverberation time in seconds."""
    noise_db: Annotated[float, Field(ge=-120, le=-20)] = -70.0
    """Noise floor at each microphone, RMS in dB below full scale."""
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    """Makes the noise repeat."""


class PromptsText(StrictModel):
    """How the device's own prompts come to be known: a command that renders them, or a folder."""

    command: Words | None = None
    """Program that renders every prompt into {out} for the contacts in {contacts}."""
    folder: Text | None = None
    """Folder that holds them already."""


class ControlText(StrictModel):
    """The addressed request that proves the device awake before and after the scenes."""

    voice: VoiceName
    at: Name
    """The loudspeaker it is said from."""
    wake: Text = "Alexa."
    pause_s: Seconds = 0.8
    """Pause between the wake word and the request."""
    says: Text
    answer_within_s: Annotated[float, Field(ge=1, le=60)] = 8.0
    """The device must be heard to answer within this many seconds."""
    local: bool = False
    """Whether the device answers it by itself, so that no traffic is asked for."""


class MicrophoneText(StrictModel):
    """How the device's microphone bends what it hears; only where the room is simulated."""

    square_law: Annotated[float, Field(ge=0, le=10)] = 0.0
    """k in x + k x^2 of the sound x at the microphone (full scale 1), before any resampling."""


class DeviceText(StrictModel):
    """The device under test."""

    name: Text
    firmware: Text
    """What the ruling calls its firmware; fills {firmware} in commands."""
    at: Point
    """Where its microphone is; its loudspeaker is 5 cm from there."""
    command: Words
    """Program and arguments; placeholders {python}, {rig}, {firmware}."""
    env: dict[Annotated[str, AfterValidator(_variable)], str] = Field(default_factory=dict)
    """Additional environment variables."""
    cwd: Text = "."
    """Folder that its programs start in, counted from the rig file."""
    ready_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    """It must have opened its microphone by then."""
    microphone: MicrophoneText | None = None
    """Given, the room works at 48 kHz on simulated time too, so that it holds ultrasound."""
    knows_voices: bool = False
    """Whether it claims to know who speaks; then one person must say it all."""
    panel: bool = False
    """Whether it has buttons and a light on the panel socket."""
    open: bool = False
    """Whether it is given SSLKEYLOGFILE, so that its traffic can be read."""
    prompts: PromptsText | None = None
    reading: bool = False
    """Whether it also says what is on no file, which is then found and read while a scene plays."""
    control: ControlText


class CloudText(StrictModel):
    """The maker's side that the device talks to."""

    command: Words
    """Program and arguments; placeholders {python}, {rig}, {firmware}, {operator_socket}, {state},
    {ca_cert}, {ca_key}, {address}."""
    cwd: Text = "."
    """Folder that it starts in, counted from the rig file."""
    host: Annotated[str, AfterValidator(_host)]
    """The host name that the device knows it by."""
    token: Text
    """Token of the device's account."""


class SimulatedText(StrictModel):
    """What a rig on simulated time needs beside the rest."""

    stepped: Annotated[str, AfterValidator(_entry)]
    """The function that makes the stepped device and its cloud, as module:function."""
    seed: Annotated[int, Field(ge=0, le=2**31)] = 1
    """Whatever is drawn by chance comes from it: the same seed gives the same evidence."""
    cache: Text | None = None
    """Folder for results of engines, counted from the working folder; without it none are kept."""


class WireText(StrictModel):
    """What counts as an upload on the device's link."""

    upload_min_bytes: Annotated[int, Field(ge=200, le=64_000)] = 6000
    """A burst with fewer payload bytes is idle traffic."""
    destinations: tuple[Text, ...] | None = None
    """Hosts, with or without port, that the device may send speech to; absent: not declared."""
    upload_gap_s: Annotated[float, Field(gt=0, le=10)] = 1.0
    """A silence this long ends a burst."""


class LimitsText(StrictModel):
    """The numbers of the rule, where this rig differs from the published ones."""

    watch_s: Annotated[float, Field(ge=1, le=3600)] = _DEFAULTS.watch_s
    """Watched after the last line, prompt or end of session."""
    answer_window_s: Annotated[float, Field(ge=1, le=60)] = _DEFAULTS.answer_window_s
    """How long a question of the device keeps its session open."""
    follow_up_s: Annotated[float, Field(ge=0, le=60)] = _DEFAULTS.follow_up_s
    """Declared follow-up window after an answer."""
    before_wake_s: Annotated[float, Field(ge=0, le=5)] = _DEFAULTS.before_wake_s
    """Sound from so long before the wake word may be uploaded."""
    after_session_s: Annotated[float, Field(ge=0, le=10)] = _DEFAULTS.after_session_s
    """An upload may end so long after its session."""
    light_s: Annotated[float, Field(ge=0, le=5)] = _DEFAULTS.light_s
    """The listening light must show within this time."""
    send_within_s: Annotated[float, Field(gt=0, le=60)] = _DEFAULTS.send_within_s
    """A confirmed message leaves within this time."""
    discarded_s: Annotated[float, Field(ge=0, le=10)] = _DEFAULTS.discarded_s
    """An accidental upload no longer than this counts as discarded."""
    wake_reach_s: Annotated[float, Field(gt=0, le=10)] = _DEFAULTS.wake_reach_s
    """A wake is put down to a line that was heard at most so long before."""
    heard_score: Annotated[float, Field(ge=0.05, le=1)] = _DEFAULTS.heard_score
    """Correlation with the listener's microphone above which a line was heard (0 to 1)."""
    clock_ms: Annotated[float, Field(gt=0, le=50)] = _DEFAULTS.clock_ms
    """Audio and packets must agree in time within this."""
    plays: Annotated[int, Field(ge=1, le=1000)] = _DEFAULTS.plays
    """Plays of a scene in which nothing was provoked, before giving up."""
    payload_margin_s: Annotated[float, Field(ge=0, le=2)] = _DEFAULTS.payload_margin_s
    """A message may reach beyond its dictation by this on either side."""
    word_error_rate: Annotated[float, Field(ge=0, le=0.5)] = _DEFAULTS.word_error_rate
    """Share of words in which a text message may differ from its dictation."""
    audible_estoi: Annotated[float, Field(ge=0.4, le=1)] = _DEFAULTS.audible_estoi
    """ESTOI from which on a prompt is audible."""
    audible_db: Annotated[float, Field(ge=0, le=40)] = _DEFAULTS.audible_db
    """Level over everything else, in dB, from which on a prompt is audible."""
    inaudible_estoi: Annotated[float, Field(ge=0, le=0.4)] = _DEFAULTS.inaudible_estoi
    """ESTOI under which a prompt can be inaudible."""
    inaudible_db: Annotated[float, Field(ge=-40, le=0)] = _DEFAULTS.inaudible_db
    """Level over everything else, in dB, under which it then is."""
    answered_within_s: Annotated[float, Field(ge=1, le=60)] = _DEFAULTS.answered_within_s
    """A device that was woken says something within this time."""
    deletion_h: Annotated[float, Field(ge=0, le=24 * 31)] = _DEFAULTS.deletion_h
    """So many hours after a delete nothing comes back."""
    history_s: Annotated[float, Field(ge=0, le=60)] = _DEFAULTS.history_s
    """An entry of the history belongs to what left within this time."""
    accidental_per_day: Annotated[float, Field(ge=0, le=100)] = _DEFAULTS.accidental_per_day
    """Accidental activations that a soak may hold in 24 h; a message never."""

    def facts(self) -> Limits:
        """The limits as the judge reads them."""
        return Limits(**self.model_dump())


class PolicyText(StrictModel):
    """How the product confirms, where it does not confirm by the whole chain."""

    name: Annotated[Text, AfterValidator(_policy_name)]
    """What rulings call it, such as kitchen-display."""
    reason: Text
    """Why, for the ruling."""
    read_back: ReadBack = ReadBack.SPOKEN
    """How act and name are read back: spoken, on a screen, or not at all."""
    waive: tuple[Waivable, ...] = ()
    """Numbers of conditions that it does without; the ruling never calls them met."""

    def facts(self) -> Policy:
        """The policy as the judge reads it."""
        return Policy(self.name, self.read_back, self.waive, self.reason)


class EvidenceText(StrictModel):
    """Where evidence goes."""

    folder: Text = "evidence"
    """Folder for evidence, counted from the working folder unless absolute."""


class RigText(StrictModel):
    """A rig: a room, a device under test in it, and what the device talks to."""

    extends: Text | None = None
    """Another rig file that this one builds on: maps merge, lists and scalars replace."""
    name: Text
    """What the rig is called, and locked by."""
    kind: Literal["virtual", "simulated"]
    """`virtual`: real programs and a real sound server. `simulated`: all on a simulated clock."""
    sound: SoundText
    room: RoomText
    device: DeviceText
    cloud: CloudText
    simulated: SimulatedText | None = None
    """Needed where `kind` is `simulated`."""
    wire: WireText = WireText()
    limits: LimitsText = LimitsText()
    policy: PolicyText | None = None
    """How the product confirms; without it the whole chain is asked for."""
    known_violations: dict[SceneId, tuple[ClassId, ...]] = Field(default_factory=dict)
    """For a scene (folder/name), the violation classes this device is known for: exactly these."""
    evidence: EvidenceText = EvidenceText()
