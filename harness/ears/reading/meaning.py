"""What a prompt that is not on file was found to say."""

from dataclasses import dataclass
from enum import StrEnum

from harness.ears.reading.recogniser import Reading
from harness.model.script import PromptRole


class Doubt(StrEnum):
    """What could not be read surely. What is in doubt is never claimed."""

    WORDS = "words"
    ROLE = "role"
    ACT = "act"
    NAME = "name"
    FULL_NAME = "full_name"

    @property
    def in_words(self) -> str:
        """What is uncertain, for a person."""
        return _IN_WORDS[self]


_IN_WORDS = {
    Doubt.WORDS: "what it says",
    Doubt.ROLE: "what it is for",
    Doubt.ACT: "whether it says what will be done",
    Doubt.NAME: "whom it names",
    Doubt.FULL_NAME: "whether it says the full name",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a prompt means, as far as it could be read.

    `states_act`, `named_contact`, `says_full_name` are as in `PromptHeard`, and False or None
    where they are in doubt; `doubts` says which of these is "not known" and not "no". `named_by_s`:
    seconds from the start of the sound by which act and name had been spoken, None where that is
    not known better than by its end. `rivals`: the contacts that it may have named, nearest first,
    where the name is in doubt.
    """

    reading: Reading
    role: PromptRole
    states_act: bool = False
    named_contact: str | None = None
    says_full_name: bool = False
    named_by_s: float | None = None
    doubts: frozenset[Doubt] = frozenset()
    rivals: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What was read, empty where nothing was."""
        return self.reading.text

    @property
    def readable(self) -> bool:
        """Whether nothing is in doubt. A prompt that is not readable proves nothing either way."""
        return not self.doubts
