"""Contacts' names in prompts that are not on file: read right, wrong, or not at all."""

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cache

from audio_corpus.prompts.mix import Heard
from audio_corpus.prompts.texts import names
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import Take
from benchmarks.table import Row
from harness.bench.ports.sound import Samples
from harness.ears.reading import Meaning, Reader, recogniser
from harness.model.script import Household

_GOAL, _MOST_WRONG = 95.0, 1.0
_EARLY_S, _LATE_S = 0.3, 0.5
_PLACES = ("beside the device", "at the listener's place")
_PLAIN = "a plain recogniser on the raw recording"
# As `difflib.get_close_matches` would with a careful user's cutoff.
_ALIKE = 0.8
# Where no goal is set, of so many recordings one.
_ONE_OF = 3


class Naming(Room):
    """Reads each prompt by both microphones, each subtracted; and once more to a household in which
    the contact that it names is none. The recogniser is the best that is installed.
    """

    groups = ("found 5", "found 0", "found -5")
    beside = True

    def __init__(self, quick: bool) -> None:
        super().__init__(quick)
        self._told: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._seen: Counter[str] = Counter()
        self.facts["names read by"] = recogniser().name

    def see(self, group: str, take: Take) -> None:
        """Every prompt, as the microphone beside the device has it and as the listener's has it;
        and as a recogniser alone reads what the listener's heard.
        """
        self._seen[group] += 1
        if group != self.groups[0] and self._seen[group] % _ONE_OF != 1:
            return
        raw = take.stimulus + take.device + take.noise
        for one in take.prompts:
            span = take.span(one, _EARLY_S, _LATE_S)
            for place, residual in zip(_PLACES, (take.beside, take.residual), strict=True):
                if residual is not None:
                    self._see(group, place, one, residual[span])
            if group == self.groups[0]:
                self._plainly(group, one, raw[span])

    def _see(self, group: str, place: str, one: Heard, sound: Samples) -> None:
        line = one.said.line
        assert line is not None
        if line.name is None:
            self._told[group, f"{place}, nobody"][_told(_reader().read(sound), None)] += 1
            return
        self._told[group, place][_told(_reader().read(sound), line.name)] += 1
        if place == _PLACES[0] and group == self.groups[0]:
            others = Household(tuple(name for name in names() if name != line.name))
            meaning = Reader(recogniser(), others).read(sound)
            self._told[group, f"{place}, strangers"][_told(meaning, None)] += 1

    def _plainly(self, group: str, one: Heard, sound: Samples) -> None:
        """What a user would do first."""
        assert one.said.line is not None
        wanted = one.said.line.name
        found = plainly_named(recogniser().transcribe(sound).text, names())
        what = _PLAIN if wanted is not None else f"{_PLAIN}, nobody"
        told = "no name" if found is None else "right" if found == wanted else "wrong"
        self._told[group, what][told] += 1

    def rows(self) -> list[Row]:
        """In percent of the prompts that name somebody; the goals hold for 5 dB."""
        rows = []
        for (group, what), told in self._told.items():
            where = f"{what}, {group.split()[1]} dB"
            self.facts[f"names, {where}"] = ", ".join(f"{n} {how}" for how, n in told.items())
            right, wrong = (100 * told[how] / told.total() for how in ("right", "wrong"))
            if what.endswith(("nobody", "strangers")):
                rows.append(plain(f"taken for a contact, {where}", wrong, "%"))
            elif group == self.groups[0] and what == _PLACES[0]:
                rows.append(at_least(f"names read right, {where}", right, "%", _GOAL))
                rows.append(at_most(f"names read wrong, {where}", wrong, "%", _MOST_WRONG))
            else:
                rows.append(plain(f"names read right, {where}", right, "%"))
                rows.append(plain(f"names read wrong, {where}", wrong, "%"))
        return rows


def plainly_named(text: str, contacts: Sequence[str]) -> str | None:
    """The contact whose name is spelt most like some words of a text; None below 0.8."""
    words = re.findall(r"[\w'-]+", text.lower())
    best, found = _ALIKE, None
    for name in contacts:
        count = len(name.split())
        parts = (" ".join(words[at : at + count]) for at in range(len(words) - count + 1))
        for part in parts:
            match = difflib.SequenceMatcher(None, part, name.lower())
            if match.real_quick_ratio() > best and (alike := match.ratio()) > best:
                best, found = alike, name
    return found


@cache
def _reader() -> Reader:
    return Reader(recogniser(), Household(names()))


def _told(meaning: Meaning, name: str | None) -> str:
    if meaning.named_contact is not None:
        return "right" if meaning.named_contact == name else "wrong"
    return "in doubt" if meaning.doubts else "no name"
