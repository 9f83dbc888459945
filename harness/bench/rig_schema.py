"""The form of a rig file, as pydantic models: what a bench is made of and where it stands.

`docs/schemas/rig.schema.json` is made from them (`python -m harness.scene.schema --write`).
"""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from harness.bench.rig_bench import (
    BenchText,
    DriverText,
)
from harness.bench.rig_calibration import (
    CalibrationUseText,
)
from harness.bench.rig_limits import LimitsText, PolicyText
from harness.bench.rig_wire import WireText
from harness.forms.fields import ClassId, Name, Seconds, Text, VoiceName
from harness.forms.secret import variable_name
from harness.forms.strict import StrictModel
from harness.model.script import PromptRole

Metres = Annotated[float, Field(ge=0, le=30)]
Point = tuple[Metres, Metres, Metres]
Words = Annotated[tuple[Text, ...], Field(min_length=1)]
_SCENE_ID = re.compile(r"[^/]+/[^/]+")
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?")
_ENTRY = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")


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
    answered_by: PromptRole = PromptRole.ANSWER
    """The role of the prompt or tone that it answers with."""
    local: bool = False
    """Whether the device answers it by itself, so that no traffic is asked for."""


class MicrophoneText(StrictModel):
    """How the device's microphone bends what it hears; only where the room is simulated."""

    square_law: Annotated[float, Field(ge=0, le=10)] = 0.0
    """k in x + k x^2 of the sound x at the microphone (full scale 1), before any resampling."""


class DeviceText(StrictModel):
    """The device under test."""

    name: Text
    make: Text | None = None
    """Who makes it, for reports; on a bench."""
    model: Text | None = None
    """The maker's own name for it, for reports; on a bench."""
    firmware: Text
    """What the ruling calls its firmware; fills {firmware} in commands."""
    at: Point
    """Where its microphone is; its loudspeaker is 5 cm from there."""
    command: Words | None = None
    """Program and arguments; placeholders {python}, {rig}, {firmware}. Not on a bench."""
    env: dict[Annotated[str, AfterValidator(variable_name)], str] = Field(default_factory=dict)
    """Additional environment variables."""
    cwd: Text = "."
    """Folder that its programs start in, counted from the rig file."""
    ready_s: Annotated[float, Field(gt=0, le=600)] = 10.0
    """It must have opened its microphone by then; on a bench, which cannot see that, waited out."""
    microphone: MicrophoneText | None = None
    """Given, the room works at 48 kHz on simulated time too, so that it holds ultrasound."""
    knows_voices: bool = False
    """Whether it claims to know who speaks; then one person must say it all."""
    sends_messages: bool = True
    """Whether it can send messages to people at all. Without, and without an inbox, it is ruled on
    by its uploads alone, which the ruling says."""
    panel: bool = False
    """Whether it has buttons and a light on the panel socket."""
    open: bool = False
    """Whether it is given SSLKEYLOGFILE, so that its traffic can be read."""
    prompts: PromptsText | None = None
    reading: bool = False
    """Whether it also says what is on no file, which is then found and read while a scene plays."""
    control: ControlText

    @property
    def called(self) -> str:
        """Its name, with maker and model where they are given."""
        more = " ".join(each for each in (self.make, self.model) if each is not None)
        return f"{self.name} ({more})" if more else self.name


class CloudText(StrictModel):
    """The maker's side that the device talks to."""

    command: Words
    """Program and arguments; placeholders {python}, {rig}, {firmware}, {operator_socket}, {state},
    {ca_cert}, {ca_key}, {address}, {device_address}, {neighbour_address}, {variant}."""
    variant: Name = "honest"
    """The cloud to be: honest, or one of rigs/zoo/clouds, which each break a promise."""
    cwd: Text = "."
    """Folder that it starts in, counted from the rig file."""
    witnessed: bool = True
    """Whether the bench sees what comes in at the cloud's door. Without, whose a recording is must
    be told by its sound, as with a maker whose door nobody sees."""
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


class EvidenceText(StrictModel):
    """Where evidence goes."""

    folder: Text = "evidence"
    """Folder for evidence, counted from the working folder unless absolute."""


class RigText(StrictModel):
    """A rig: a room, a device under test in it, and what the device talks to."""

    extends: Text | None = None
    """Another rig file that this one builds on: maps merge, lists and scalars replace."""
    name: Name
    """What the rig is called, and locked by: files and folders bear it."""
    kind: Literal["virtual", "simulated", "bench"]
    """`virtual`: real programs and a real sound server. `simulated`: all on a simulated clock.
    `bench`: a real device and real hardware."""
    sound: SoundText
    room: RoomText | None = None
    """Needed unless `kind` is `bench`, which has a room of its own."""
    device: DeviceText
    cloud: CloudText | None = None
    """Needed unless `kind` is `bench`: a real device has its maker's."""
    bench: BenchText | None = None
    """Needed where `kind` is `bench`: its hardware."""
    proxy: DriverText | None = None
    """What stands between an open device and its server, and hands on every byte
    (docs/wyoming-tap.md). Without `bench: tap` its capture is the play's, and there is no source N;
    beside a tap the two are compared. Not where `kind` is `simulated`."""
    simulated: SimulatedText | None = None
    """Needed where `kind` is `simulated`."""
    wire: WireText = WireText()
    calibration: CalibrationUseText | None = None
    """Without one, levels are relative, and nobody notices that a loudspeaker has moved."""
    limits: LimitsText = LimitsText()
    policy: PolicyText | None = None
    """How the product confirms; without it the whole chain is asked for."""
    known_violations: dict[SceneId, tuple[ClassId, ...]] = Field(default_factory=dict)
    """For a scene (folder/name), the violation classes this device is known for: exactly these."""
    evidence: EvidenceText = EvidenceText()
