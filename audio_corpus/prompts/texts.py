"""What is said in the test set, by whom, and in which part of it: tune or test.

No voice, wording or name of one part is in the other. Who says what is drawn by hashes of the seed,
so that it is the same everywhere, whatever the version of a random generator.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any, Literal, TypeVar

Split = Literal["tune", "test"]
SPLITS: tuple[Split, Split] = ("tune", "test")
_Item = TypeVar("_Item")
_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Wording:
    """A way in which a device puts things; `{name}` in `text` stands for a contact.

    `role`: what the prompt is for, as in `PromptRole`. `act`: what it says it does or did (message,
    call), None where it does not say.
    """

    id: str
    text: str
    role: str
    act: str | None
    split: Split

    def __str__(self) -> str:
        return self.id

    @property
    def has_name(self) -> bool:
        """Whether it names a contact."""
        return "{name}" in self.text


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said by one voice. `wording`, `name`: None for talk, and where no name is said."""

    voice: str
    text: str
    split: Split
    wording: Wording | None = None
    name: str | None = None

    def __str__(self) -> str:
        return f"{self.voice}|{self.text}"

    @property
    def engine(self) -> str:
        """The synthesiser."""
        return self.voice.partition(":")[0]


def seed() -> int:
    """The seed of the whole set."""
    return int(_read("set.json")["seed"])


def voices(split: Split) -> tuple[str, ...]:
    """The voices of devices; none of them ever talks or is on television."""
    return tuple(_read("set.json")["voices"][split])


def names(split: Split | None = None) -> tuple[str, ...]:
    """The contacts that prompts name; all 200 of the household where `split` is None."""
    found = _read("names.json")
    return tuple(found[split] if split else found["tune"] + found["test"])


def wordings(split: Split | None = None) -> tuple[Wording, ...]:
    """The wordings of one part, or all 40."""
    every = (Wording(**row) for row in _read("wordings.json")["wordings"])
    return tuple(one for one in every if split in (None, one.split))


def prompts(split: Split) -> tuple[Line, ...]:
    """Everything that devices say in one part of the set."""
    deck = _dealt(split, names(split))
    each = int(_read("set.json")["prompts_each_voice"][split])
    return tuple(line for voice in voices(split) for line in _of_voice(voice, split, each, deck))


def talk(split: Split) -> tuple[Line, ...]:
    """What people and television say in one part and the committed corpus does not have."""
    said = _read("talk.json")[split]
    return tuple(Line(voice, text, split) for voice, lines in said.items() for text in lines)


def _of_voice(voice: str, split: Split, each: int, deck: Iterator[str]) -> Iterator[Line]:
    """Every wording without a name once, those with one in turn, until there are `each`."""
    plain = [one for one in wordings(split) if not one.has_name]
    yield from (Line(voice, one.text, split, one) for one in plain)
    naming = shuffled(voice, [one for one in wordings(split) if one.has_name])
    for number in range(each - len(plain)):
        wording, name = naming[number % len(naming)], next(deck)
        yield Line(voice, wording.text.format(name=name), split, wording, name)


def _dealt(split: Split, items: Sequence[str]) -> Iterator[str]:
    """The items in a mixed order, all of them before any comes again."""
    for round_number in count():
        yield from shuffled(f"{split} {round_number}", items)


def shuffled(salt: str, items: Sequence[_Item]) -> list[_Item]:
    """The items in an order that the seed of the set and `salt` decide."""
    return sorted(items, key=lambda item: digest(f"{seed()} {salt} {item}"))


def digest(text: str) -> str:
    """The SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def _read(file: str) -> Any:
    return json.loads((_HERE / file).read_text("utf-8"))
