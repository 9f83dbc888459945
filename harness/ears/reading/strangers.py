"""Who might have been named but is no contact: names that sound a little like a contact's.

A recogniser alone cannot say how well a name must fit: what it writes by itself is now a better
text than the name that was said, now the name of somebody else. So a contact is held against those
somebodies. `common_names.json` has given names and family names that many people in the United
States bear (from Faker 40.54, MIT, which has them of the Census Bureau and of Social Security).
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from harness.ears.reading.distance import Spoken
from harness.ears.reading.lexicon import Form, words_of

_MOST = 7
_MOST_HEARD = 2
# Below this a name sounds the same: Reeves and Reaves. What is counted is wrong sounds.
_ANOTHER = 0.5
# As far as this a word of a text is taken for that name.
_AS_HEARD = 0.8


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

    def heard(self, word: str) -> tuple[str, ...]:
        """The names that a word of a text may be."""
        costs = self._spoken.whole((word,))
        order = (int(i) for i in np.argsort(costs, kind="stable")[:_MOST_HEARD])
        return tuple(self._names[i] for i in order if costs[i] <= _AS_HEARD)


class Strangers:
    """All that are known by their names."""

    def __init__(self, first: Sequence[str], last: Sequence[str]) -> None:
        self._first, self._last = Names(first), Names(last)

    def like(self, form: Form, texts: Sequence[Sequence[str]]) -> tuple[str, ...]:
        """Names that differ from a contact's in one part: by what sounds like that part, and by
        what stands in its place in `texts`, the words that were read where the name is.
        """
        return tuple(dict.fromkeys(self._like(form, texts)))

    def _like(self, form: Form, texts: Sequence[Sequence[str]]) -> Iterator[str]:
        parts = form.spelt.split()
        for place, part in enumerate(parts):
            said = " ".join(words_of(part))
            for names in self._of(place, len(parts)):
                words = [text[place] for text in texts if len(text) == len(parts)]
                found = [*names.near(said), *(name for word in words for name in names.heard(word))]
                for name in found:
                    if not _sounds_same(name, said):
                        yield " ".join((*parts[:place], name, *parts[place + 1 :]))

    def _of(self, place: int, count: int) -> tuple[Names, ...]:
        if count == 1:
            return self._first, self._last
        return (self._first if place == 0 else self._last,)


@cache
def strangers() -> Strangers:
    """Common names of the United States; read once."""
    names = json.loads(Path(__file__).with_name("common_names.json").read_text("utf-8"))
    return Strangers(names["first"], names["last"])


def _sounds_same(one: str, other: str) -> bool:
    return float(Spoken([words_of(one)]).whole(words_of(other))[0]) < _ANOTHER
