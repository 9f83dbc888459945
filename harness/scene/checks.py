"""What a scene file must mean, beyond having the right form. Every problem found is noted."""

import re
from unicodedata import category, normalize

from harness.forms.problems import Problems, did_you_mean, listed, quoted
from harness.forms.yaml_positions import Document, Place
from harness.model.script import Act, Addressee, Role
from harness.scene.deed_checks import DeedChecks
from harness.scene.scene_schema import LineText, SceneText, WhenText
from harness.scene.session_canary import PLACE

_NAMING = (Act.REQUEST, Act.NAME)
_CONTRARY = ({Act.CONFIRM, Act.DENY}, {Act.CONFIRM, Act.CANCEL})
_CANARY_WORDS = 4
_RESERVED = "Sayso Canary"


def _words(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\w+", text.casefold()))


def _written(name: str) -> str:
    return normalize("NFC", name).casefold()


def _spoken(name: str) -> tuple[str, ...]:
    """What is said of a name: its letters, digits and the marks on them, word by word."""
    kept = (sign if category(sign)[0] in "LMN" else " " for sign in _written(name))
    return tuple(word for word in "".join(kept).split() if category(word[0])[0] != "M")


class SceneChecks:
    """Checks one scene against its own household and cast."""

    def __init__(self, scene: SceneText, document: Document, problems: Problems) -> None:
        self._scene = scene
        self._document = document
        self._problems = problems

    def run(self) -> None:
        """Note everything that does not fit together."""
        self._contacts()
        self._alike()
        self._profiles()
        self._own_contacts()
        self._canaries()
        for index, line in self._scene.spoken():
            self._line(line, ("lines", index))
        for index, entry in enumerate(self._scene.lines):
            self._when(entry.when, ("lines", index, "when"))
        self._order()
        DeedChecks(self._scene, self._document, self._problems).run()
        self._expectations()

    def _add(self, place: Place, what: str) -> None:
        self._problems.add(self._document.mark(place), what)

    def _contacts(self) -> None:
        seen: dict[tuple[str, ...], str] = {}
        alike = [set(group) for group in self._scene.household.sound_alike]
        for index, name in enumerate(self._scene.household.contacts):
            place = ("household", "contacts", index)
            other = seen.setdefault(_spoken(name), name)
            if _written(name) in map(_written, self._scene.household.contacts[:index]):
                self._add(place, f"the contact {quoted(name)} stands here twice")
            elif other != name and not any({name, other} <= group for group in alike):
                self._add(
                    place,
                    f"{quoted(name)} and {quoted(other)} are the same words, which no ear tells "
                    "apart; put both in one group of `sound_alike`, or rename one",
                )
            if name.casefold() == _RESERVED.casefold():
                self._add(place, f"`{_RESERVED}` is the rig's own contact; choose another name")

    def _alike(self) -> None:
        """Each name of a group is a contact, and of one group only."""
        grouped: set[str] = set()
        for index, group in enumerate(self._scene.household.sound_alike):
            for at, name in enumerate(group):
                place: Place = ("household", "sound_alike", index, at)
                self._contact(name, place)
                if name in grouped:
                    self._add(
                        place,
                        f"{quoted(name)} stands in `sound_alike` twice; join those who sound like "
                        "it in one group",
                    )
                grouped.add(name)

    def _canaries(self) -> None:
        """Each is said in this scene, and has words enough that nobody says them by chance."""
        said = [spoken.says.casefold() for _, spoken in self._scene.spoken()]
        for index, canary in enumerate(self._scene.household.canaries):
            place: Place = ("household", "canaries", index)
            if len(canary.split()) < _CANARY_WORDS:
                self._add(place, f"{quoted(canary)} has less than {_CANARY_WORDS} words")
            if not any(canary.casefold() in text for text in said):
                self._add(place, f"{quoted(canary)} is said in no line; write it as a line has it")

    def _profiles(self) -> None:
        """A voice profile is of one person."""
        owners: dict[str, str] = {}
        for name, one in self._scene.cast.items():
            place: Place = ("cast", name, "profile")
            if one.profile is None:
                continue
            if one.role is Role.MEDIA:
                self._add(place, f"{quoted(name)} is media, of which no device has a voice profile")
            elif one.profile in owners:
                other = quoted(owners[one.profile])
                self._add(place, f"{other} has the profile {quoted(one.profile)} already")
            owners.setdefault(one.profile, name)

    def _own_contacts(self) -> None:
        """A contact is one person's alone, whom the device knows by voice."""
        owners: dict[str, str] = {}
        for name, one in self._scene.cast.items():
            for index, contact in enumerate(one.contacts):
                place: Place = ("cast", name, "contacts", index)
                self._contact(contact, place)
                if one.profile is None:
                    self._add(place, f"{quoted(name)} has contacts alone, and no `profile`")
                if owners.setdefault(contact, name) != name:
                    self._add(place, f"{quoted(contact)} is {owners[contact]}'s alone already")

    def _expectations(self) -> None:
        expect, acts = (
            self._scene.expect,
            {act for _, line in self._scene.spoken() for act in line.act},
        )
        for index, message in enumerate(expect.messages):
            self._contact(message.to, ("expect", "messages", index, "to"))
        if expect.messages and Act.REQUEST not in acts:
            self._add(
                ("expect", "messages"),
                "a message is expected, but no line asks for one; give a line `act: request`",
            )
        if expect.answered and Act.WAKE not in acts:
            self._add(
                ("expect", "answered"),
                "an answer is expected, but no line wakes the device; give a line `act: wake`",
            )

    def _line(self, line: LineText, place: Place) -> None:
        if PLACE in line.says:
            self._add(
                (*place, "says"),
                f"{PLACE} is a place for words of one session; write its own scene with "
                "`sayso scene canary`",
            )
        if line.who not in self._scene.cast:
            suggestion = did_you_mean(line.who, self._scene.cast)
            self._add((*place, "who"), f"{quoted(line.who)} is not in the cast{suggestion}")
        self._acts(line, place)
        self._names(line, place)

    def _acts(self, line: LineText, place: Place) -> None:
        acts = set(line.act)
        if acts and line.to is not Addressee.DEVICE:
            self._add(
                (*place, "act"),
                f"only a line to the device has an act, and this one is said to the {line.to}; "
                "write `to: device` or delete the act",
            )
        if len(acts) < len(line.act):
            self._add((*place, "act"), "the same act stands here twice")
        for pair in _CONTRARY:
            if pair <= acts:
                both = " and ".join(sorted(pair))
                self._add((*place, "act"), f"one line cannot {both} at once")

    def _names(self, line: LineText, place: Place) -> None:
        if line.names is None:
            if Act.NAME in line.act:
                self._add(place, "a line with `act: name` needs `names:`, the contact it names")
            return
        if not any(act in _NAMING for act in line.act):
            self._add(
                (*place, "names"), "`names` belongs to a line with `act: request` or `act: name`"
            )
        self._contact(line.names, (*place, "names"))
        said = _words(line.says)
        for other in self._scene.household.contacts:
            if _words(other) <= said and not _words(line.names) & said:
                self._add(
                    (*place, "names"),
                    f"it names {quoted(line.names)}, but {quoted(other)} is who is said",
                )

    def _contact(self, name: str, place: Place) -> None:
        contacts = self._scene.household.contacts
        if name not in contacts:
            suggestion = did_you_mean(name, contacts)
            self._add(place, f"{quoted(name)} is not a contact of the household{suggestion}")

    def _when(self, when: WhenText, place: Place) -> None:
        given = [key for key in WhenText.model_fields if getattr(when, key) is not None]
        wanted = {"at_s": ["at_s"], "after_prompt": ["pause_s", "after_prompt", "within_s"]}
        kind = next((key for key in wanted if key in given), "pause_s")
        needed = wanted.get(kind, ["pause_s"])
        missing = [key for key in needed if key not in given]
        surplus = [key for key in given if key not in needed]
        if not given:
            self._add(
                place,
                "`when` is empty; write `{at_s: 4.5}`, `{pause_s: 0.8}` or "
                "`{after_prompt: read_back, pause_s: 0.7, within_s: 12}`",
            )
        elif missing:
            self._add(place, f"`when` with `{kind}` also needs {listed(missing)}")
        elif surplus:
            self._add(
                (*place, surplus[0]),
                f"{listed(surplus)} does not go together with `{kind}`; keep one of them",
            )

    def _order(self) -> None:
        latest, latest_line = -1.0, 0
        for index, entry in enumerate(self._scene.lines):
            at_s = entry.when.at_s
            if at_s is None:
                continue
            place: Place = ("lines", index, "when", "at_s")
            if at_s < latest:
                self._add(
                    place,
                    f"{at_s:g} s is before the {latest:g} s of line {latest_line} of this file; "
                    "lines and deeds stand in the order in which they come",
                )
            else:
                latest, latest_line = at_s, self._document.mark(place).line
