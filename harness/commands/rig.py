"""`sayso rig`: what a bench can be made of here, and its rig file by asking."""

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from serial.tools import list_ports

from harness.bench.drivers.sound_devices import sounddevice_list, usb_cards
from harness.bench.found import Found, network_interfaces, serial_ports, sound_interfaces
from harness.bench.rig_writer import Asker, rig_text
from harness.bench.rigfile import load_rig
from harness.bench.tryout import RealTryout
from harness.clock import RealClock
from harness.commands.asking import ask
from harness.errors import RigFileError, UserError


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "rig", help="what a bench can be made of here; a rig file by asking"
    )
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    listing = actions.add_parser(
        "list",
        help="sound interfaces, serial ports and network interfaces, as a rig file names them",
    )
    listing.add_argument("--json", action="store_true", help="for programs")
    listing.set_defaults(run=_list)
    new = actions.add_parser(
        "new",
        help="write the rig file of a bench by asking",
        description="Asks for what stands on the bench, tries each choice out as it is made (the "
        "interface is opened and its noise measured, the board asked, the link captured for a "
        "second, the inbox read), writes the rig file, and checks it as any rig file is checked. "
        "`sayso doctor` tries the whole next.",
    )
    new.add_argument("file", type=Path, help="the file to write")
    new.add_argument(
        "--try",
        dest="tries",
        action=argparse.BooleanOptionalAction,
        help="try each choice out; without a word, where a person types the answers",
    )
    new.set_defaults(run=_new)


def _found() -> tuple[Found, ...]:
    sound = sound_interfaces(sounddevice_list(), usb_cards())
    return (*sound, *serial_ports(list_ports.comports()), *network_interfaces())


def _list(arguments: argparse.Namespace) -> int:
    found = _found()
    if arguments.json:
        print(json.dumps([asdict(each) for each in found], indent=1))
        return 0
    for each in found:
        print(f"{each.kind:18} {each.name:34} {each.detail}")
    if not found:
        print("nothing that a bench could be made of was found on this machine")
    return 0


def _new(arguments: argparse.Namespace) -> int:
    path: Path = arguments.file
    if path.exists():
        raise UserError(f"{path} is there already; give another name")
    tries = sys.stdin.isatty() if arguments.tries is None else arguments.tries
    tryout = RealTryout(RealClock(), os.environ) if tries else None
    text = rig_text(Asker(ask, print), _found(), tryout)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    try:
        load_rig(path)
    except RigFileError as error:
        raise RigFileError(f"{path} was written, and is not right yet:\n{error}") from error
    print(f"\n{path} is written. Next: sayso doctor {path}")
    return 0
