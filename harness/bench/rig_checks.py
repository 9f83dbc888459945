"""What a rig file must mean, beyond having the right form. Every problem found is noted."""

import re
from math import dist

from harness.bench.rig_kinds import check_kind
from harness.bench.rig_schema import Point, RigText
from harness.forms.problems import Problems, did_you_mean, listed
from harness.forms.yaml_positions import Document, Place

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_ALWAYS = ("python", "rig", "firmware")
_PLACEHOLDERS: dict[Place, tuple[str, ...]] = {
    ("device", "command"): _ALWAYS,
    ("device", "prompts", "command"): (*_ALWAYS, "contacts", "out"),
    ("cloud", "command"): (
        *_ALWAYS,
        "operator_socket",
        "state",
        "ca_cert",
        "ca_key",
        "variant",
        "address",
        "device_address",
        "neighbour_address",
    ),
}
_WALL_M = 0.1
_APART_M = 0.3
_SABINE = 0.161


class RigChecks:
    """Checks that the parts of one rig fit together."""

    def __init__(self, rig: RigText, document: Document, problems: Problems) -> None:
        self._rig = rig
        self._document = document
        self._problems = problems

    def run(self) -> None:
        """Note everything that does not fit together."""
        check_kind(self._rig, self._document, self._problems)
        self._points()
        self._reverberation()
        self._control()
        self._tap()
        self._prompts()
        self._placeholders()
        self._known_violations()

    def _add(self, place: Place, what: str) -> None:
        self._problems.add(self._document.mark(place), what)

    def _points(self) -> None:
        loudspeakers: dict[Place, Point] = {
            ("sound", "loudspeakers", name): point
            for name, point in self._rig.sound.loudspeakers.items()
        }
        listener, device = self._rig.sound.listener, self._rig.device.at
        microphones: dict[Place, Point] = {
            ("sound", "listener"): listener,
            ("device", "at"): device,
        }
        size = None if self._rig.room is None else self._rig.room.size_m
        for place, point in (loudspeakers | microphones).items():
            if size is not None and any(
                not _WALL_M <= where <= length - _WALL_M
                for where, length in zip(point, size, strict=True)
            ):
                self._add(
                    place,
                    f"`{place[-1]}` at {list(point)} is not inside the room of "
                    f"{list(size)} metres, at least {_WALL_M} m from every wall",
                )
        for place, point in loudspeakers.items():
            for name, where in (("the listener", listener), ("the device", device)):
                if dist(point, where) < _APART_M:
                    self._add(
                        place,
                        f"`{place[-1]}` is {dist(point, where):.2f} m from {name}; "
                        f"keep a loudspeaker at least {_APART_M} m from a microphone",
                    )

    def _reverberation(self) -> None:
        if self._rig.room is None:
            return
        x, y, z = self._rig.room.size_m
        shortest_s = _SABINE * x * y * z / (2 * (x * y + x * z + y * z))
        if self._rig.room.t60_s < shortest_s:
            self._add(
                ("room", "t60_s"),
                f"{self._rig.room.t60_s:g} s is shorter than a room of this size can have "
                f"({shortest_s:.2f} s with walls that swallow everything)",
            )

    def _control(self) -> None:
        at = self._rig.device.control.at
        known = self._rig.sound.loudspeakers
        if at not in known:
            self._add(
                ("device", "control", "at"),
                f"no loudspeaker stands at `{at}`{did_you_mean(at, known)}",
            )

    def _tap(self) -> None:
        tap = self._rig.wire.tap
        if self._rig.kind in ("virtual", "simulated") and tap.address is not None:
            self._add(
                ("wire", "tap", "address"),
                f"`address` is for a real device; a rig of kind {self._rig.kind} lays its own "
                "cable. Leave it out",
            )
        if self._rig.device.open and tap.snap_bytes:
            self._add(
                ("wire", "tap", "snap_bytes"),
                "`snap_bytes` cuts packets, and `device: open` wants to read them; write 0",
            )

    def _prompts(self) -> None:
        prompts = self._rig.device.prompts
        if prompts is not None and (prompts.command is None) == (prompts.folder is None):
            self._add(
                ("device", "prompts"),
                "`prompts` needs either `command` or `folder`, one of them; leave `prompts` out "
                "where the device's prompts are not known",
            )

    def _placeholders(self) -> None:
        prompts = self._rig.device.prompts
        commands = {
            ("device", "command"): self._rig.device.command or (),
            ("device", "prompts", "command"): (prompts and prompts.command) or (),
            ("cloud", "command"): () if self._rig.cloud is None else self._rig.cloud.command,
        }
        for place, words in commands.items():
            for index, word in enumerate(words):
                self._placeholder((*place, index), word, _PLACEHOLDERS[place])
        for key, value in self._rig.device.env.items():
            self._placeholder(("device", "env", key), value, ("rig", "firmware"))

    def _placeholder(self, place: Place, word: str, known: tuple[str, ...]) -> None:
        for name in _PLACEHOLDER.findall(word):
            if name not in known:
                braced = [f"{{{each}}}" for each in known]
                hint = did_you_mean(f"{{{name}}}", braced)
                self._add(place, f"`{{{name}}}` is not a placeholder here{hint}")

    def _known_violations(self) -> None:
        for scene, classes in self._rig.known_violations.items():
            twice = [each for each in dict.fromkeys(classes) if classes.count(each) > 1]
            if twice:
                self._add(("known_violations", scene), f"{listed(twice)} stands here twice")
