"""What the deeds of a scene must mean: what is given back was taken away, and nothing twice."""

from harness.forms.problems import Problems, listed, quoted
from harness.forms.yaml_positions import Document, Place
from harness.model.network import GOOD, NetworkCondition
from harness.model.script import Deed
from harness.scene.scene_schema import DeedText, LineText, SceneText, SettingsText

RESTORED = "restored-"
"""Ids that begin so are of the deeds with which the stage itself gives back, after the watch."""

_TAKES = (Deed.MUTE, Deed.UNPLUG, Deed.NETWORK_OFF)
_GIVES = {Deed.UNMUTE: Deed.MUTE, Deed.PLUG_IN: Deed.UNPLUG, Deed.NETWORK_ON: Deed.NETWORK_OFF}
_STATES = {
    Deed.MUTE: "muted",
    Deed.UNPLUG: "unplugged",
    Deed.NETWORK_OFF: "without a network",
}
_SET = "`{do: set_account, account: {communications: false}, when: ...}`"
_HOW = "`{do: network_poor, how: {kbit_s: 16}, when: ...}`"


def entry_id(index: int, entry: LineText | DeedText) -> str:
    """The id of an entry of `lines` in the script: `03-mark`, `04-mute`, or the deed's own."""
    if isinstance(entry, LineText):
        return f"{index + 1:02d}-{entry.who}"
    return entry.id or f"{index + 1:02d}-{entry.do}"


class DeedChecks:
    """Follows a scene's deeds in their order. Whatever does not fit together is noted."""

    def __init__(self, scene: SceneText, document: Document, problems: Problems) -> None:
        self._scene = scene
        self._document = document
        self._problems = problems
        self._taken: dict[Deed, int] = {}
        self._poor: NetworkCondition | None = None
        self._day: int | None = None

    def run(self) -> None:
        """Note every deed that cannot be done, and every wait that cannot end."""
        if not any(True for _ in self._scene.spoken()):
            self._add(("lines",), "nothing is said in this scene; write at least one line")
        self._ids()
        for index, entry in enumerate(self._scene.lines):
            self._prompt(entry, ("lines", index, "when", "after_prompt"))
            if isinstance(entry, DeedText):
                self._how(entry, index)
                self._order(entry, index)
                if not entry.do.is_owners:
                    self._deed(entry, ("lines", index, "do"))

    def _add(self, place: Place, what: str) -> None:
        self._problems.add(self._document.mark(place), what)

    def _how(self, entry: DeedText, index: int) -> None:
        """What is poor is said where the network is made poor, and nowhere else."""
        if entry.do is not Deed.NETWORK_POOR:
            if entry.how is not None:
                self._add(("lines", index, "how"), f"`how` belongs to {_HOW}; delete it here")
        elif entry.how is None:
            self._add(("lines", index, "do"), f"`network_poor` needs `how`; write {_HOW}")
        elif entry.how.condition() == GOOD:
            self._add(
                ("lines", index, "how"),
                "nothing is poor about this network; name at least one of "
                f"{listed(list(type(entry.how).model_fields))}",
            )

    def _order(self, entry: DeedText, index: int) -> None:
        """What the owner asks for stands with the deed that asks, and the account is asked."""
        place: Place = ("lines", index, "do")
        if entry.do is Deed.SET_ACCOUNT and entry.account in (None, SettingsText()):
            self._add(place, f"`set_account` needs `account`; write {_SET}")
        if entry.do is not Deed.SET_ACCOUNT and entry.account is not None:
            self._add(("lines", index, "account"), f"`account` belongs to {_SET}; delete it here")
        if entry.do is not Deed.DELETE_HISTORY and entry.which is not None:
            self._add(("lines", index, "which"), "`which` belongs to `delete_history`; delete it")
        if not entry.do.is_owners:
            return
        if not self._scene.afterwards:
            self._add(place, "nothing is asked of the account; add `afterwards: [settings]`")
        if entry.do is Deed.DELETE_HISTORY and self._day is not None:
            self._add(place, f"delete before the day that is let pass in line {self._day}")
        if entry.do is Deed.WAIT_CLOUD_DAY:
            self._day = self._line_of(index)

    def _deed(self, entry: DeedText, place: Place) -> None:
        if entry.do is Deed.NETWORK_POOR:
            self._make_poor(entry, place)
        else:
            self._take_or_give(entry.do, place)

    def _make_poor(self, entry: DeedText, place: Place) -> None:
        made = None if entry.how is None else entry.how.condition()
        if made is not None and made == self._poor:
            line = self._line_of(self._taken[Deed.NETWORK_POOR])
            self._add(place, f"the network is so already, since line {line}")
        self._taken.pop(Deed.NETWORK_OFF, None)
        self._taken[Deed.NETWORK_POOR], self._poor = int(place[1]), made

    def _take_or_give(self, deed: Deed, place: Place) -> None:
        if deed in (Deed.NETWORK_OFF, Deed.NETWORK_ON):
            self._poor = None
            poor = self._taken.pop(Deed.NETWORK_POOR, None)
            if poor is not None and deed is Deed.NETWORK_ON:
                return
        if deed in (Deed.MUTE, Deed.UNMUTE) and Deed.UNPLUG in self._taken:
            self._add(place, f"a device without power takes no `{deed}`; write `do: plug_in` first")
        if deed in _TAKES:
            if deed in self._taken:
                line = self._line_of(self._taken[deed])
                self._add(place, f"the device is {_STATES[deed]} already, since line {line}")
            self._taken.setdefault(deed, int(place[1]))
            return
        taken = _GIVES[deed]
        if self._taken.pop(taken, None) is None:
            self._add(
                place,
                f"`{deed}` without `{taken}`: the device is not {_STATES[taken]} here; write "
                f"`do: {taken}` before it or delete it",
            )

    def _prompt(self, entry: LineText | DeedText, place: Place) -> None:
        if entry.when.after_prompt is not None and Deed.UNPLUG in self._taken:
            line = self._line_of(self._taken[Deed.UNPLUG])
            self._add(
                place,
                f"the device is unplugged since line {line} and says nothing; write "
                "`{pause_s: 0.8}` or `{at_s: 4.5}`",
            )

    def _line_of(self, index: int) -> int:
        return self._document.mark(("lines", index)).line

    def _ids(self) -> None:
        ids = [entry_id(index, entry) for index, entry in enumerate(self._scene.lines)]
        for index, deed in self._scene.deeds():
            place: Place = ("lines", index, "id")
            if deed.id is not None and ids.count(deed.id) > 1:
                self._add(place, f"another entry is called {quoted(deed.id)}, too; rename one")
            if deed.id is not None and deed.id.startswith(RESTORED):
                self._add(
                    place,
                    f"ids that begin with {listed([RESTORED])} are the stage's own; choose another",
                )
