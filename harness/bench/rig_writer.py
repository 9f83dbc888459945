"""Writes the rig file of a bench by asking: what it answers is checked as every rig file is."""

import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from harness.bench.drivers.registry import driver_names
from harness.bench.found import NETWORK, SOUND, Found
from harness.bench.trial import Trial
from harness.bench.tryout import Tryout
from harness.errors import UserError

HEAD = """\
# yaml-language-server: $schema=rig.schema.json
# Written by `sayso rig new`. docs/rigs.md explains every key, docs/bench.md how it is cabled.
# Next: `sayso doctor` with this file, then `sayso calibrate`.
"""


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks a person. `ask(question, usual)`: what was typed, `usual` where nothing was; `tell`: a
    line to read.
    """

    ask: Callable[[str, str], str]
    tell: Callable[[str], None]

    def number(self, question: str, usual: str) -> float:
        """A number, asked for until it is one."""
        while True:
            try:
                return float(self.ask(question, usual))
            except ValueError:
                self.tell("  That is no number.")

    def place(self, question: str, usual: str) -> list[float]:
        """Three numbers in metres."""
        while True:
            try:
                x, y, z = map(float, self.ask(question, usual).replace(",", " ").split())
            except ValueError:
                self.tell(
                    "  Three numbers in metres from one corner of the floor, such as 1.6 2.5 1.2."
                )
            else:
                return [x, y, z]

    def one_of(self, what: str, found: Sequence[Found]) -> str:
        """One of what was found, by its number or its name; empty for none."""
        self.tell(f"\n{what}:" if found else f"\n{what}: none was found; its name can be typed.")
        for number, each in enumerate(found, 1):
            self.tell(f"  {number}  {each.name}   {each.detail}")
        typed = self.ask("Which (number or name; empty: none)", "")
        if typed.isdecimal() and 1 <= int(typed) <= len(found):
            return found[int(typed) - 1].name
        return typed

    def pairs(self, question: str, usual: str) -> dict[str, str]:
        """Words such as `table=1 television=2`; what holds a space is put in quotes."""
        while True:
            try:
                typed = shlex.split(self.ask(question, usual))
            except ValueError:
                typed = [""]
            pairs = [word.partition("=") for word in typed]
            if all(name and equals and value for name, equals, value in pairs):
                return {name: value for name, _, value in pairs}
            self.tell('  Write NAME=VALUE, with spaces between them; "NAME=A VALUE" with spaces.')

    def yes(self, question: str, usual: str) -> bool:
        """Yes or no, asked for until it is one of them."""
        while (typed := self.ask(f"{question} (yes, no)", usual).lower()) not in ("yes", "no"):
            self.tell("  Please yes or no.")
        return typed == "yes"

    def tried(self, trial: Trial) -> bool:
        """Tell what came of a trial; whether what was chosen is kept."""
        for line in trial.told:
            self.tell(f"  {line}")
        return self.yes("Keep it; no: choose again", "yes" if trial.works else "no")


def rig_text(asker: Asker, found: Sequence[Found], tryout: Tryout | None = None) -> str:
    """The text of a rig file of kind bench. Raises `UserError` without a sound interface.

    `tryout`: each choice is tried out as soon as it is made, and can be made again; None: none is.
    """
    name = asker.ask("What is the bench called (letters, digits, -)", "bench")
    data: dict[str, Any] = {"name": name, "kind": "bench"}
    sound, wiring = _sound(asker, [each for each in found if each.kind == SOUND], tryout)
    data["sound"] = sound
    data["device"] = _device(asker, next(iter(sound["loudspeakers"])))
    parts = _parts(asker, found, tryout)
    if "inbox" not in parts and not asker.yes("Nobody reads an inbox. Can it send messages", "yes"):
        data["device"]["sends_messages"] = False
    if "tap" not in parts and (far := _far_tap(asker, tryout)) is not None:
        parts["tap"], address = far
        data["wire"] = {"tap": {"address": address}}
    data["bench"] = {"sound": wiring, **parts}
    return HEAD + yaml.safe_dump(data, sort_keys=False, allow_unicode=True)


def _sound(
    asker: Asker, found: Sequence[Found], tryout: Tryout | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    wiring = _wiring(asker, found)
    while tryout is not None:
        play = asker.yes("Play a short quiet sweep from each loudspeaker now", "no")
        if asker.tried(tryout.sound(wiring, play)):
            break
        wiring = _wiring(asker, found)
    places = {
        speaker: asker.place(f"Where is the loudspeaker {speaker} (x y z, m)", "")
        for speaker in wiring["outputs"]
    }
    listener = asker.place("Where is the listener's microphone (x y z, m)", "")
    return {"loudspeakers": places, "listener": listener}, wiring


def _wiring(asker: Asker, found: Sequence[Found]) -> dict[str, Any]:
    """The sound interface, and what is on which of its channels."""
    interface = asker.one_of("Sound interfaces (best one for loudspeakers and microphones)", found)
    if not interface:
        raise UserError("a bench needs a sound interface: plug one in, and begin again")
    outputs = asker.pairs("Loudspeakers and the outputs they are on", "table=1 counter=2")
    inputs = asker.pairs("Microphones and their inputs (listener, and device if any)", "listener=1")
    wiring: dict[str, Any] = {
        "driver": asker.ask("Driver, sounddevice or pyaudio", "sounddevice"),
        "interface": interface,
        "outputs": _numbers(outputs),
        "inputs": _numbers(inputs),
    }
    if other := asker.ask("Another interface for the microphones, by name (empty: the same)", ""):
        wiring["microphones"] = other
    if loop := asker.pairs(
        "A cable from an output to an input (output=4 input=4; empty: none)", ""
    ):
        wiring["loopback"] = _numbers(loop)
    return wiring


def _device(asker: Asker, first: str) -> dict[str, Any]:
    asker.tell("\nThe device under test:")
    told: dict[str, Any] = {"name": asker.ask("What rulings call it", "speaker")}
    for key, question in (("make", "Who makes it"), ("model", "Which model")):
        if typed := asker.ask(f"{question} (empty: not said)", ""):
            told[key] = typed
    told["firmware"] = asker.ask("Its firmware, as its app shows it", "unknown")
    told["at"] = asker.place("Where is it (x y z, m)", "")
    told["ready_s"] = asker.number("Seconds from power-on until it listens", "60")
    told["reading"] = True
    told["control"] = {
        "voice": "kokoro:af_heart",
        "at": first,
        "wake": asker.ask("Its wake word", "Alexa."),
        "says": asker.ask("A question that it always answers", "Are you there?"),
    }
    return told


def _parts(asker: Asker, found: Sequence[Found], tryout: Tryout | None) -> dict[str, Any]:
    """Tap, power, panel, inbox and account; what is left out is left out of the file."""
    parts: dict[str, Any] = {}
    networks = [each for each in found if each.kind == NETWORK]
    while interface := asker.one_of("Network interfaces (that of the device alone)", networks):
        if tryout is None or asker.tried(tryout.tap(interface)):
            mac = asker.ask("The device's MAC address", "").lower()
            parts["tap"] = {"interface": interface, "mac": mac}
            break
    for each in found:
        if each.kind not in (SOUND, NETWORK):
            asker.tell(f"  {each.kind}: {each.name}   {each.detail}")
    for slot, what in (
        ("power", "switches the device"),
        ("panel", "presses and sees its light"),
        ("inbox", "reads what contacts received"),
        ("account", "tells what the maker keeps"),
    ):
        if (driver := _driver(asker, slot, what, tryout)) is not None:
            parts[slot] = driver
    return parts


def _far_tap(asker: Asker, tryout: Tryout | None) -> tuple[dict[str, Any], str] | None:
    """A tap on another machine, and the device's address; None where there is none."""
    while there := asker.ask("Another machine that captures, as user@host (empty: none)", ""):
        user, _, host = there.rpartition("@")
        tap: dict[str, Any] = {
            "interface": asker.ask("Its interface that the device's packets pass", "br0"),
            "mac": asker.ask("The device's MAC address", "").lower(),
            "ssh": {"host": host, **({"user": user} if user else {})},
        }
        address = asker.ask("The device's address, which canaries are sent to", "")
        if tryout is None or asker.tried(tryout.far_tap(tap, address)):
            return tap, address
    return None


def _driver(asker: Asker, slot: str, what: str, tryout: Tryout | None) -> dict[str, Any] | None:
    names = ", ".join(driver_names(slot))
    while driver := asker.ask(f"What {what} ({names}; empty: nothing)", ""):
        given = asker.pairs(f"Options of {driver} (docs/drivers.md; A.B=C for C in B of A)", "")
        options = _plain(given)
        if tryout is None or asker.tried(tryout.driver(slot, driver, options)):
            return {"driver": driver, "options": options}
    return None


def _numbers(pairs: Mapping[str, str]) -> dict[str, Any]:
    return {name: int(value) if value.isdecimal() else value for name, value in pairs.items()}


def _plain(options: Mapping[str, str]) -> dict[str, Any]:
    """Values as YAML has them: numbers, true, or text; `password.env=MAIL` is a map in a map."""
    plain: dict[str, Any] = {}
    for name, value in options.items():
        *outer, last = name.split(".")
        place = plain
        for part in outer:
            inner = place.get(part)
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        place[last] = yaml.safe_load(value)
    return plain
