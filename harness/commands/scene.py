"""`sayso scene`: write a scene by asking, check it, hear and see it without a bench."""

import argparse
import random
import secrets
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from harness.bench.rigfile import RigFile, load_rig
from harness.commands.asking import ask
from harness.errors import UserError
from harness.forms.shipped import shipped
from harness.model.script import Script
from harness.report.scene_picture import scene_picture
from harness.scene.corpus import Corpus
from harness.scene.loader import check_positions, load_scene
from harness.scene.scene_writer import scene_text
from harness.scene.session_canary import drawn, scene_of
from harness.stage.clips import cast_for
from harness.stage.preview import preview, write_preview
from harness.stage.rehearsal import Kind, Moment, length_s, rehearse

_RATE_HZ = 48_000


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser("scene", help="write, check, hear and see scenes, no bench needed")
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    new = actions.add_parser(
        "new",
        help="write a scene by asking",
        description="Asks who is in the room and what is said, writes the scene file, and checks "
        "it as any scene is checked.",
    )
    new.add_argument("file", type=Path, help="the file to write, NAME.scene.yaml")
    new.set_defaults(run=_new)
    canary = actions.add_parser(
        "canary",
        help="write a session's own scene, with words that nobody says elsewhere",
        description="Puts words that no other session says in place of {canary} in a template, and "
        "checks what comes of it as any scene. Read in a transcript of the account's history or "
        "export, they show whose it is (docs/account.md).",
    )
    canary.add_argument("template", type=Path, help="a scene with {canary} in it")
    canary.add_argument("file", type=Path, help="the file to write, NAME.scene.yaml")
    canary.add_argument("--seed", type=int, help="draw the same words again (default: by chance)")
    canary.set_defaults(run=_canary)
    check = actions.add_parser(
        "check",
        help="say what is wrong with scenes, or that nothing is",
        description="Reads scene files (or folders of them) as a play does, without a bench: every "
        "mistake is told with its line. Exit code 3 when there is one.",
    )
    check.add_argument("scenes", nargs="+", type=Path, help="scene files or folders")
    check.add_argument("--rig", type=Path, help="also: has this rig a place for everybody?")
    check.set_defaults(run=_check)
    show = actions.add_parser(
        "preview",
        help="render a scene to a sound file and a picture",
        description="Writes NAME.wav, the scene as it would sound at the listener's place, and "
        "NAME.svg. No device answers: where one is waited for, it is taken to think for 0.8 s and "
        "to speak for 2 s.",
    )
    show.add_argument("scene", type=Path, help="a scene file")
    show.add_argument("--rig", type=Path, help="whose room (default: rigs/virtual.yaml)")
    show.add_argument("--out", type=Path, default=Path(), metavar="DIR", help="default: here")
    show.set_defaults(run=_preview)


def _new(arguments: argparse.Namespace) -> int:
    path = _free(arguments.file)
    return _write_scene(path, scene_text(ask, print))


def _canary(arguments: argparse.Namespace) -> int:
    path, template = _free(arguments.file), arguments.template
    try:
        text = template.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{template}: cannot be read ({error}); name a scene file") from error
    seed = secrets.randbits(32) if arguments.seed is None else arguments.seed
    canary = drawn(random.Random(seed))
    print(f"Seed {seed}: {canary}")
    return _write_scene(path, scene_of(text, canary))


def _free(path: Path) -> Path:
    """The path where a new scene may be written."""
    if not path.name.endswith(".scene.yaml"):
        raise UserError(f"a scene file is called NAME.scene.yaml, not {path.name}")
    if path.exists():
        raise UserError(f"{path} is there already; give another name")
    return path


def _write_scene(path: Path, text: str) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    script = load_scene(path, Corpus.around(path), require_clips=False)
    print(f"\n{path} is written: {_in_short(script)}.")
    if any(not line.clip for line in script.lines):
        print(f"Next: sayso corpus build {path}   renders the lines that are not on file")
    print(f"Then: sayso scene preview {path}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    file = load_rig(arguments.rig) if arguments.rig else None
    for path in _scenes(arguments.scenes):
        script = load_scene(path, Corpus.around(path))
        if file is not None:
            check_positions(script, file.positions)
        print(f"{path}: good. {_in_short(script)}")
    return 0


def _scenes(given: list[Path]) -> list[Path]:
    found: list[Path] = []
    for path in given:
        below = sorted(path.rglob("*.scene.yaml")) if path.is_dir() else [path]
        if not below:
            raise UserError(f"there is no scene (NAME.scene.yaml) in {path}")
        found += below
    return found


def _in_short(script: Script) -> str:
    """`5 lines by Dana (table) and Mark (window), 2 to the device; nothing may leave`."""
    spoken = Counter(line.who for line in script.lines)
    people = " and ".join(f"{m.name} ({m.position})" for m in script.cast if spoken[m.name])
    to_device = sum(line.to == "device" for line in script.lines)
    parts = [f"{_counted(script.lines, 'line')} by {people}, {to_device} to the device"]
    if script.doings:
        parts.append(_counted(script.doings, "deed"))
    to = " and ".join(message.to for message in script.expected_messages)
    parts.append(f"a message to {to} is wanted" if to else "nothing may leave")
    return "; ".join(parts)


def _counted(things: Sequence[object], what: str) -> str:
    return f"{len(things)} {what}{'' if len(things) == 1 else 's'}"


def _preview(arguments: argparse.Namespace) -> int:
    path: Path = arguments.scene
    corpus = Corpus.around(path)
    script = load_scene(path, corpus)
    file = load_rig(arguments.rig or shipped("rigs/virtual.yaml"))
    moments = _write(script, file, corpus, arguments.out, path.name.removesuffix(".scene.yaml"))
    for moment in moments:
        who = {Kind.PROMPT: "(the device)", Kind.DEED: "(deed)"}.get(moment.kind, moment.who)
        print(f"  {moment.start_s:6.1f} s  {who:14} {moment.text}")
    print(f"About {length_s(moments):.0f} s, if the device answers at once.")
    return 0


def _write(
    script: Script, file: RigFile, corpus: Corpus, out: Path, name: str
) -> tuple[Moment, ...]:
    """Write both files and say so; returns the reckoned times."""
    cast = cast_for(script, file, corpus, _RATE_HZ)
    moments = rehearse(script, {k: len(sound) / _RATE_HZ for k, sound in cast.lines.items()})
    out.mkdir(parents=True, exist_ok=True)
    sound, picture = out / f"{name}.wav", out / f"{name}.svg"
    write_preview(preview(script, cast, moments, file, _RATE_HZ), _RATE_HZ, sound)
    picture.write_text(scene_picture(script, moments), encoding="utf-8")
    print(f"{sound}, {picture}")
    return moments
