"""A lesson: what to say to a device so that it says its prompts, and what these are.

A YAML file: conversations, each a list of turns. A turn is what is said to the device, and the
prompt with which it then answers.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.errors import UserError
from harness.forms.fields import Name, Seconds, Text, VoiceName
from harness.forms.problems import Problems, did_you_mean
from harness.forms.strict import StrictModel, validated
from harness.forms.yaml_positions import Document, Place, read_yaml
from harness.model.script import PromptRole

PromptId = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,80}$")]


class PromptText(StrictModel):
    """A prompt of the device, as `prompts.json` will tell of it."""

    id: PromptId
    """A name of its own; the sound file is called by it."""
    text: Text
    """The words."""
    role: PromptRole
    """What it is for."""
    states_act: bool = False
    """Whether it says what will be done, such as "Send this message to ..."."""
    named_contact: Text | None = None
    """The full name of the contact that it names."""
    says_full_name: bool = False
    """Whether it speaks that full name."""
    named_by_s: Seconds | None = None
    """Seconds from its first sound to when act and name have been spoken; without it, its end."""


class TurnText(StrictModel):
    """Something said to the device, and what it says then."""

    says: tuple[Text, ...] = Field(min_length=1)
    """Lines, said one after the other."""
    prompt: PromptText | None = None
    """What the device says then. Left out: it is waited for, and nothing is learnt."""


Conversation = Annotated[tuple[TurnText, ...], Field(min_length=1)]


class LessonText(StrictModel):
    """All that is to be said to learn a device's prompts."""

    voice: VoiceName
    """Who says the lines; `sayso corpus` must have them."""
    at: Name
    """The loudspeaker of the rig that they are said from."""
    contacts: tuple[Text, ...] = Field(min_length=1)
    """The contacts of the account meanwhile."""
    pause_s: Seconds = 0.6
    """Pause between two lines of a turn, and after a prompt before the next turn."""
    answer_within_s: Annotated[float, Field(ge=1, le=60)] = 8.0
    """The device begins to answer within so many seconds."""
    conversations: tuple[Conversation, ...] = Field(min_length=1)
    """Each begins and ends with a device that rests."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson, checked. `path`: its file."""

    path: Path
    text: LessonText

    @property
    def prompts(self) -> tuple[PromptText, ...]:
        """What is learnt, in the order of the file."""
        turns = (turn for talk in self.text.conversations for turn in talk)
        return tuple(turn.prompt for turn in turns if turn.prompt is not None)

    @property
    def lines(self) -> tuple[str, ...]:
        """Every line that is said, once."""
        turns = (turn for talk in self.text.conversations for turn in talk)
        return tuple(dict.fromkeys(line for turn in turns for line in turn.says))


def load_lesson(path: Path) -> Lesson:
    """Read and check a lesson. Raises `UserError` with every problem found."""
    document, problems = read_yaml(path, UserError)
    text = validated(LessonText, document, problems)
    problems.raise_if_any()
    assert text is not None
    lesson = Lesson(path.absolute(), text)
    _check(lesson, document, problems)
    problems.raise_if_any()
    return lesson


def _check(lesson: Lesson, document: Document, problems: Problems) -> None:
    if not lesson.prompts:
        problems.add(document.mark(("conversations",)), "no turn has a `prompt`, so none is learnt")
    seen: set[str] = set()
    for number, talk in enumerate(lesson.text.conversations):
        for turn_number, turn in enumerate(talk):
            place: Place = ("conversations", number, turn_number, "prompt")
            prompt = turn.prompt
            if prompt is None:
                continue
            if prompt.id in seen:
                told = f"the prompt `{prompt.id}` is learnt twice; leave `prompt` out here"
                problems.add(document.mark((*place, "id")), told)
            seen.add(prompt.id)
            _check_name(prompt, lesson.text.contacts, (*place, "named_contact"), document, problems)


def _check_name(
    prompt: PromptText,
    contacts: tuple[str, ...],
    place: Place,
    document: Document,
    problems: Problems,
) -> None:
    named = prompt.named_contact
    if named is not None and named not in contacts:
        hint = did_you_mean(named, contacts)
        problems.add(document.mark(place), f"`{named}` is not among `contacts`{hint}")
    if named is None and (prompt.says_full_name or prompt.named_by_s is not None):
        told = f"`{prompt.id}` says a name, so it needs `named_contact`"
        problems.add(document.mark(place[:-1]), told)
