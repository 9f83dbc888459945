"""The form of a scene file, as pydantic models.

The docstrings below are what an editor shows while somebody writes a scene: they go into
`docs/schemas/scene.schema.json` (`python -m harness.scene.schema --write`).
"""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WrapValidator
from pydantic.json_schema import WithJsonSchema

from harness.forms.fields import ClassId, Name, Seconds, Text, VoiceName
from harness.forms.strict import StrictModel
from harness.model.network import NetworkCondition
from harness.model.script import Act, Addressee, Asked, Deed, Order, PromptRole, Role, Which
from harness.scene.labels import SceneLabels

LevelDb = Annotated[float, Field(ge=-60, le=20)]
SHORTEST_WATCH_S = 20.0


def _spoken(text: str) -> str:
    if not any(letter.isalnum() for letter in text):
        raise ValueError(f"is `{text}`, which holds no word that could be spoken")
    return text


def _watch(seconds: float) -> float:
    if seconds < SHORTEST_WATCH_S:
        raise ValueError(
            f"is {seconds:g}; a scene can only lengthen the watch of {SHORTEST_WATCH_S:g} s. For a "
            "quick trial set `limits: watch_s:` in a rig file of your own"
        )
    return seconds


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


WatchSeconds = Annotated[
    float,
    Field(le=3600),
    AfterValidator(_watch),
    WithJsonSchema({"type": "number", "minimum": SHORTEST_WATCH_S, "maximum": 3600}),
]
SoundAlike = Annotated[tuple[Text, ...], Field(min_length=2)]
Spoken = Annotated[Text, AfterValidator(_spoken)]
_ACT_NAMES = [act.value for act in Act]
# Not strict, since what a validator hands on is no longer JSON to pydantic.
Acts = Annotated[
    tuple[Annotated[Act, Field(strict=False)], ...],
    Field(strict=False),
    BeforeValidator(_as_list),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "enum": _ACT_NAMES},
                {
                    "type": "array",
                    "items": {"type": "string", "enum": _ACT_NAMES},
                    "minItems": 1,
                    "uniqueItems": True,
                },
            ]
        }
    ),
]


class HouseholdText(StrictModel):
    """Whose room it is: the contacts of the account and the house rules."""

    contacts: tuple[Spoken, ...] = Field(min_length=1)
    """Full names of everybody that the account can send a message to."""
    guests_may_consent: bool = True
    """Whether a guest's word counts as consent."""
    sound_alike: tuple[SoundAlike, ...] = ()
    """Groups of contacts whose names sound the same, such as [Ann Reed, Anne Reid]; when one of a
    group is named, the device must ask which."""
    account: Text | None = None
    """The account that the device belongs to, as receipts, histories and exports name it."""
    identifiers: tuple[Text, ...] = ()
    """What tells a stranger whose home this is (serial number, family name, address); none of it
    may stand in what is queued for people to hear."""
    canaries: tuple[Text, ...] = ()
    """Words of lines of this scene that are said on this account and nowhere else, four at least,
    such as a number of umbrellas: a transcript that holds them is this account's."""


class CastText(StrictModel):
    """Somebody (or a television) who speaks in the scene."""

    voice: VoiceName
    """Engine and voice, such as kokoro:af_heart; `sayso corpus` renders what is not there yet."""
    role: Role
    """Resident and guest are people; media is television, radio and the like."""
    at: Name
    """A position: a free word that the rig file places in the room, such as table."""
    profile: Text | None = None
    """The voice profile that the device has of this person, as receipts name it."""
    contacts: tuple[Text, ...] = ()
    """Contacts of the household that are this person's alone, by the voice profile: a message that
    somebody else asks for may not reach them."""


class BackgroundText(StrictModel):
    """A sound that plays from start to end."""

    sound: Text
    """Name of a sound of the corpus, or what to call a recording of one's own."""
    clip: Text | None = None
    """A recording to play in place of the corpus's, as a path beside the scene file."""
    at: Name
    """The position it plays from."""
    level_db: LevelDb
    """Level in dB relative to the rig's speech level."""


class WhenText(StrictModel):
    """When it happens: at a time, a pause after the entry before, or after a prompt."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [
                {"required": ["at_s"], "maxProperties": 1},
                {"required": ["pause_s"], "maxProperties": 1},
                {"required": ["after_prompt", "pause_s", "within_s"]},
            ]
        }
    )

    at_s: Seconds | None = None
    """Seconds after the start of the scene."""
    pause_s: Seconds | None = None
    """Seconds after the end of the line before, or after the deed before (or, beside after_prompt,
    after the prompt)."""
    after_prompt: PromptRole | None = None
    """The prompt of the device that is waited for; left unsaid or undone when it does not come."""
    within_s: Seconds | None = None
    """How long to wait for the prompt, in seconds from the end of the entry before."""


class LineText(StrictModel):
    """One line: who says what to whom, and when."""

    who: Text
    """A member of the cast."""
    says: Spoken
    """The words, exactly as spoken."""
    to: Addressee
    """Whom it is said to. Only what is said to the device can be consent."""
    when: WhenText
    """When it is said."""
    act: Acts = ()
    """What a line to the device does; one act or a list of them."""
    names: Text | None = None
    """The contact that a request or a name line names."""
    clip: Text | None = None
    """A recording to play in place of the corpus's, as a path beside the scene file."""
    level_db: LevelDb = 0.0
    """Louder or softer than the rig's speech level, in dB."""
    inaudible: bool = False
    """Whether it is sound that no person can hear, such as speech on ultrasound: nobody's word."""


class NetworkText(StrictModel):
    """What is poor about a network; at least one of these. The rest is as good as ever."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    kbit_s: Annotated[float, Field(ge=1, le=100_000)] | None = None
    """So many thousand bits pass in a second, each way; what comes quicker waits."""
    delay_ms: Annotated[float, Field(gt=0, le=60_000)] | None = None
    """Each packet takes so many milliseconds longer, each way."""
    drop_percent: Annotated[float, Field(gt=0, le=100)] | None = None
    """So many packets in a hundred are lost, each way, drawn one by one."""
    no_udp_443: bool = False
    """Nothing passes to or from UDP port 443 (QUIC); nobody is told."""

    def condition(self) -> NetworkCondition:
        """The same, as the bench knows it."""
        return NetworkCondition(
            self.kbit_s, self.delay_ms or 0.0, self.drop_percent or 0.0, self.no_udp_443
        )


class SettingsText(StrictModel):
    """Settings of the account; those that are not named stay as they are."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    communications: bool | None = None
    """Whether messages are allowed to leave."""
    human_review: bool | None = None
    """Whether people may hear recordings."""


class DeedText(StrictModel):
    """One deed: what is done to the device or by the account's owner, and when."""

    do: Deed
    """The deed. What one takes away (sound, power, network) its counterpart gives back; what is
    still away after the watch is given back then, before the closing controls."""
    how: NetworkText | None = None
    """With `network_poor`: what is poor about it."""
    account: SettingsText | None = None
    """With `set_account`: what the account is set to."""
    which: Which | None = None
    """With `delete_history`: which recordings; all of them where it is left out."""
    when: WhenText
    """When it is done."""
    id: Name | None = None
    """What reports call it, where a scene has several of a kind."""

    def order(self) -> Order | None:
        """What is asked of the account; None for what is done to the device."""
        if not self.do.is_owners:
            return None
        told = self.account or SettingsText()
        return Order(told.communications, told.human_review, self.which)


def _line_or_deed(value: Any, _either: Any) -> Any:
    kind = DeedText if isinstance(value, dict) and "do" in value else LineText
    # By way of JSON again, as in `harness.forms.strict`: a word may become an enum there only.
    return kind.model_validate_json(json.dumps(value))


# Only one of the two models is asked, so that its mistakes alone are told.
EntryText = Annotated[LineText | DeedText, WrapValidator(_line_or_deed)]


class ExpectedMessageText(StrictModel):
    """A message that somebody in the scene really wants."""

    to: Text
    """The contact it must reach."""


class ExpectText(StrictModel):
    """What a good device does in this scene, beyond sending nothing else."""

    messages: tuple[ExpectedMessageText, ...] = ()
    """The messages that must be delivered; none where the list is empty."""
    answered: bool = False
    """Whether an addressed wake must be answered by a prompt."""


class SceneText(StrictModel):
    """A conversation to play beside a device, and what is expected of the device."""

    title: Text
    """What the scene is called in reports."""
    about: Annotated[str, Field(min_length=1, max_length=5000)] | None = None
    """What it is for, in a paragraph."""
    household: HouseholdText
    cast: dict[Name, CastText] = Field(min_length=1)
    """Everybody who speaks, by the name that the lines use."""
    background: tuple[BackgroundText, ...] = ()
    lines: tuple[EntryText, ...] = Field(min_length=1)
    """What is said, and what is done to the device, in order."""
    expect: ExpectText = ExpectText()
    watch_s: WatchSeconds | None = None
    """Seconds to watch after the last line or prompt; longer where a send may be queued."""
    demands: tuple[ClassId, ...] = ()
    """Violation classes that the rig must be able to observe for a pass to mean anything."""
    afterwards: tuple[Asked, ...] = ()
    """What the account is asked once all was watched: settings, history, review (the queue of
    recordings for people to hear), export. Needed by scenes with deeds of the account's owner."""
    report: SceneLabels = SceneLabels()
    """For those who read reports: whose the scene is, how grave, where to read on."""

    def spoken(self) -> Iterator[tuple[int, LineText]]:
        """The lines that are said, each with its place in `lines`."""
        for index, entry in enumerate(self.lines):
            if isinstance(entry, LineText):
                yield index, entry

    def deeds(self) -> Iterator[tuple[int, DeedText]]:
        """The deeds, each with its place in `lines`."""
        for index, entry in enumerate(self.lines):
            if isinstance(entry, DeedText):
                yield index, entry
