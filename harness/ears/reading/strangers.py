"""Who might have been named but is no contact: names that sound a little like a contact's.

A recogniser alone cannot say how well a name must fit: what it writes by itself is now a better
text than the name that was said, now the name of somebody else. So a contact is held against those
somebodies. `common_names.json` has given names and family names that many people in the United
States bear, and names of eighteen other countries (from Faker 40.54, MIT; Latin letters only).
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from harness.ears.reading.distance import Spoken
from harness.ears.reading.lexicon import Form, words_of
from harness.ears.reading.sounds import word_sounds

_MOST = 7
# Below this a name sounds the same: Reeves and Reaves. What is counted is wrong sounds.
_ANOTHER = 0.5


class Names:
    """Given names, or family names, by their sound."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = tuple(names)
        self._spoken = Spoken([words_of(name) for name in self._names])

    def near(self, word: str) -> tuple[str, ...]:
        """The names that sound most like a word, and not the same; nearest first."""
        costs = self._spoken.whole((word,))
        order = (int(i) for i in np.argsort(costs, kind="stable"))
        return tuple(self._names[i] for i in order if costs[i] >= _ANOTHER)[:_MOST]


class Strangers:
    """All that are known by their names. `elsewhere`: names that are not common where the device
    is, but are names where they are read.
    """

    def __init__(
        self, first: Sequence[str], last: Sequence[str], elsewhere: Sequence[str] = ()
    ) -> None:
        self._first, self._last = Names(first), Names(last)
        self._every = {_sounds(name) for name in (*first, *last, *elsewhere)}

    def like(self, form: Form, texts: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Names that sound a little like a contact's, in one part; and names of somebody else that
        stand in its place in `texts`, the words that were read where the name is.
        """
        parts = form.spelt.split()
        said = [text for text in dict.fromkeys(map(tuple, texts)) if len(text) == len(parts)]
        found = [*self._near(parts), *(name for text in said for name in self._read(parts, text))]
        return tuple(dict.fromkeys(found))

    def _near(self, parts: Sequence[str]) -> Iterator[str]:
        for place, part in enumerate(parts):
            for names in self._of(place, len(parts)):
                for name in names.near(" ".join(words_of(part))):
                    yield _with(parts, place, name)

    def _read(self, parts: Sequence[str], text: Sequence[str]) -> Iterator[str]:
        """The name with each part as it was read, where that is another name; and all of it."""
        other = [i for i, word in enumerate(text) if not _sounds_same(word, parts[i])]
        if all(_sounds(text[i]) in self._every for i in other) and len(other) > 1:
            yield " ".join(w.capitalize() if i in other else parts[i] for i, w in enumerate(text))
        for place in other:
            if _sounds(text[place]) in self._every:
                yield _with(parts, place, text[place].capitalize())

    def _of(self, place: int, count: int) -> tuple[Names, ...]:
        if count == 1:
            return self._first, self._last
        return (self._first if place == 0 else self._last,)


@cache
def strangers() -> Strangers:
    """The names of `common_names.json`; read once."""
    return Strangers(**json.loads(Path(__file__).with_name("common_names.json").read_text("utf-8")))


def _with(parts: Sequence[str], place: int, name: str) -> str:
    return " ".join((*parts[:place], name, *parts[place + 1 :]))


def _sounds(name: str) -> str:
    return "".join(map(word_sounds, words_of(name)))


def _sounds_same(one: str, other: str) -> bool:
    return float(Spoken([words_of(one)]).whole(words_of(other))[0]) < _ANOTHER
