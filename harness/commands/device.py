"""`sayso device`: brings a program of one's own onto the virtual bench."""

import argparse
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from harness.bench.device_writer import Measured, NewDevice, device_rig_text
from harness.bench.rig_writer import Asker
from harness.bench.rigfile import load_rig
from harness.bench.trial import Trial
from harness.clock import RealClock
from harness.commands.asking import ask
from harness.errors import RigError, RigFileError, UserError
from harness.forms.shipped import shipped
from harness.series.newcomer import introduce, measured, trial_of

_SCENES = "scenarios/assistants"
_USUAL = NewDevice(rig="", command="", folder=Path(), name="")


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser("device", help="bring a program of your own onto the bench")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser(
        "new",
        help="start a program on the virtual bench, see whether it hears, speaks and sends, and "
        "write its rig file",
        description="Takes any program that opens the default microphone and loudspeaker. It is "
        "started on the virtual bench, with a sound server and a network of its own, and asked "
        "something; what it does is told as it is seen. The rig file holds what was measured. "
        "Without --command, it asks. Exit code 2 where something is missing, and nothing is "
        "written then without --keep.",
    )
    new.add_argument("file", type=Path, help="the rig file to write")
    new.add_argument(
        "--command", dest="program", help="what starts it, in quotes; then nothing is asked"
    )
    new.add_argument("--folder", type=Path, default=Path(), help="that it starts in (here)")
    new.add_argument("--name", help="what rulings call it (the rig file's name)")
    new.add_argument("--firmware", default=_USUAL.firmware, help="its version (%(default)s)")
    new.add_argument("--wake", default=_USUAL.wake, help="its wake word (%(default)s)")
    new.add_argument(
        "--says", default=_USUAL.says, help="a question that it always answers (%(default)s)"
    )
    new.add_argument("--voice", default=_USUAL.voice, help="who asks (%(default)s)")
    new.add_argument(
        "--ready-s",
        type=float,
        default=_USUAL.ready_s,
        help="how long it may take to open its microphone, when tried (%(default)g s)",
    )
    new.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", help="for its environment"
    )
    new.add_argument(
        "--prompts", type=Path, metavar="DIR", help="what it says, on file (device-contract.md)"
    )
    new.add_argument("--keep", action="store_true", help="write the file whatever is missing")
    new.add_argument("--no-try", action="store_true", help="start nothing, only write the file")
    new.set_defaults(run=_new)


def _new(arguments: argparse.Namespace) -> int:
    path: Path = arguments.file
    if path.exists():
        raise UserError(f"{path} is there already; give another name")
    asker = Asker(ask, print)
    device = _told(arguments)
    while True:
        if arguments.program is None:
            device = _asked(asker, device)
        seen, trial = _tried(device, arguments.no_try)
        if _kept(asker, arguments, trial):
            break
    _write(path, device_rig_text(device, seen))
    _tell_next(path, device)
    return 0


def _told(arguments: argparse.Namespace) -> NewDevice:
    """The device as the command line has it."""
    pairs = [each.partition("=") for each in arguments.env]
    wrong = [name or value for name, equals, value in pairs if not (name and equals)]
    if wrong:
        raise UserError(f"--env {wrong[0]}: write NAME=VALUE")
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", arguments.file.name.removesuffix(".yaml")).strip("-")
    prompts: Path | None = arguments.prompts
    return NewDevice(
        rig=stem or "device",
        command=arguments.program or "",
        folder=arguments.folder.absolute(),
        name=arguments.name or stem or "device",
        firmware=arguments.firmware,
        wake=arguments.wake,
        says=arguments.says,
        voice=arguments.voice,
        ready_s=arguments.ready_s,
        env={name: value for name, _, value in pairs},
        prompts=None if prompts is None else prompts.absolute(),
    )


def _asked(asker: Asker, usual: NewDevice) -> NewDevice:
    """The device as it is told by answers; `usual` is what an empty answer means."""
    while True:
        device = replace(
            usual,
            command=asker.ask("What starts it, as you would type it", usual.command),
            folder=Path(asker.ask("In which folder", str(usual.folder))).expanduser().absolute(),
        )
        try:
            device.words()
        except UserError as error:
            asker.tell(f"  {error}")
        else:
            break
    return replace(
        device,
        name=asker.ask("What rulings call it", usual.name),
        firmware=asker.ask("Its version", usual.firmware),
        wake=asker.ask("Its wake word", usual.wake),
        says=asker.ask("A question that it always answers", usual.says),
    )


def _tried(device: NewDevice, no_try: bool) -> tuple[Measured, Trial]:
    if no_try:
        device.words()
        return Measured(), Trial(True, ())
    newcomer = introduce(device, RealClock(), print)
    return measured(newcomer), trial_of(newcomer)


def _kept(asker: Asker, arguments: argparse.Namespace, trial: Trial) -> bool:
    """Whether the file is to be written. Raises `RigError` where it is not, and nobody is asked."""
    if arguments.program is None and trial.told:
        return asker.tried(trial)
    for line in trial.told:
        asker.tell(f"  {line}")
    if not (trial.works or arguments.keep):
        raise RigError(
            "this device cannot be tested so, and nothing was written: mend what is said above, "
            "or give --keep to write the file all the same (docs/device-new.md)"
        )
    return True


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    try:
        load_rig(path)
    except RigFileError as error:
        raise RigFileError(f"{path} was written, and is not right yet:\n{error}") from error


def _tell_next(path: Path, device: NewDevice) -> None:
    print(f"\n{path} is written. Next, is every control proven?")
    print(f"  sayso doctor {path}")
    if device.prompts is None:
        print("Until what it says is on file, it is read by ear (docs/learn-prompts.md):")
        print(f"  sayso learn-prompts {path} LESSON --out prompts")
    print("Scenes that any assistant can be played, or your own:")
    print(f"  sayso run {_found(_SCENES)} --rig {path}")


def _found(name: str) -> Path:
    """A shipped folder, as short as it can be typed here."""
    return Path(name) if Path(name).exists() else shipped(name)
