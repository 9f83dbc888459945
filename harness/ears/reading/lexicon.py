"""The household's contacts as they can be spoken, and who can be taken for whom."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from harness.ears.reading.distance import Spoken
from harness.ears.reading.sounds import plain
from harness.model.script import Household

_SAME_SOUND = 0.75
_WORD = re.compile(r"[a-z0-9]+(?:['\u2019][a-z]+)*")
_TITLES = frozenset({"mr", "mrs", "ms", "miss", "dr", "doctor", "prof", "sir"})


@dataclass(frozen=True, slots=True)
class Form:
    """One way to speak of a contact. `contacts`: whom it can mean, more than one where several
    bear that name. `full`: it is the whole name. `spelt`: as the household writes it.
    """

    words: tuple[str, ...]
    contacts: frozenset[str]
    full: bool
    spelt: str


class Lexicon:
    """All forms of all contacts. Made once for a household; 200 contacts take a second."""

    def __init__(self, household: Household) -> None:
        self.contacts = tuple(dict.fromkeys(household.contacts))
        self.forms = _forms(self.contacts)
        self.spoken = Spoken([form.words for form in self.forms])
        self._alike = _alike(self.contacts, household.sound_alike)

    def alike(self, contact: str) -> frozenset[str]:
        """Other contacts whose full names a listener can take for this one's."""
        return self._alike.get(contact, frozenset())


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text in plain lower case."""
    return tuple(word.replace("\u2019", "'") for word in _WORD.findall(plain(text)))


def _forms(contacts: Sequence[str]) -> tuple[Form, ...]:
    """Full names, and each part of a name with everybody who bears it."""
    full: dict[tuple[str, ...], set[str]] = defaultdict(set)
    part: dict[tuple[str, ...], set[str]] = defaultdict(set)
    spelt: dict[tuple[str, ...], str] = {}
    for contact in contacts:
        written = [(words_of(token), token) for token in contact.split()]
        written = [(words, token) for words, token in written if set(words) - _TITLES]
        words = tuple(word for some, _ in written for word in some if word not in _TITLES)
        full[words].add(contact)
        spelt.setdefault(words, " ".join(token for _, token in written))
        for word in words if len(words) > 1 else ():
            part[word,].add(contact)
            spelt.setdefault((word,), dict(written).get((word,), word.capitalize()))
    shorter = {words: bearers for words, bearers in part.items() if words not in full}
    return tuple(
        Form(words, frozenset(bearers), words in full, spelt[words])
        for words, bearers in (full | shorter).items()
        if words
    )


def _alike(contacts: Sequence[str], declared: Sequence[Sequence[str]]) -> dict[str, frozenset[str]]:
    """Who sounds like whom: by the sound of the full names, and as the household says."""
    found: dict[str, set[str]] = defaultdict(set)
    names = [words_of(contact) for contact in contacts]
    spoken = Spoken(names)
    for contact, words in zip(contacts, names, strict=True):
        near = zip(contacts, spoken.whole(words), strict=True)
        found[contact] |= {other for other, cost in near if other != contact and cost < _SAME_SOUND}
    for group in declared:
        for one, other in combinations(group, 2):
            found[one].add(other)
            found[other].add(one)
    return {contact: frozenset(others) for contact, others in found.items() if others}
