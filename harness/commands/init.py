"""`sayso init`: a folder of one's own, with a first scene and rigs, outside of any checkout."""

import argparse
from pathlib import Path
from typing import Any

from harness.errors import UserError
from harness.forms.shipped import shipped
from harness.scene.corpus_build import empty_corpus

_FIRST = "scenarios/portland/wanted-message.scene.yaml"
_RIG = """\
# Your device. docs/rigs.md of Sayso explains every key; what is not said here is the shipped rig's.
extends: "sayso:{base}"
name: {name}
evidence: {{folder: evidence}}
"""
_CONFTEST = '''\
"""Hands pytest the plugin that collects scenes, and the one that never lets an interrupt pass."""

pytest_plugins = ["harness.plugin", "harness.report.pytest_interrupts"]
'''
_INI = """\
[pytest]
addopts = --import-mode=importlib
testpaths = scenarios
timeout_method = signal
"""
_IGNORED = "/evidence/\n/allure-results/\n/allure-report/\n"
_FILES = {
    "conftest.py": _CONFTEST,
    "pytest.ini": _INI,
    ".gitignore": _IGNORED,
    "rigs/simulated.yaml": _RIG.format(base="simulated.yaml", name="my-simulated"),
    "rigs/virtual.yaml": _RIG.format(base="virtual.yaml", name="my-virtual"),
}


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser(
        "init",
        help="make a folder for scenes and rigs of your own",
        description="Writes a first scene, two rig files that extend the shipped ones, a corpus "
        "for lines of your own, and what pytest needs. Nothing that is there is written over.",
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), help="default: here")
    parser.set_defaults(run=_init)


def _init(arguments: argparse.Namespace) -> int:
    folder: Path = arguments.folder
    scene = folder / "scenarios" / "first" / "wanted-message.scene.yaml"
    targets = [*(folder / name for name in _FILES), scene, folder / "audio_corpus"]
    there = [str(path) for path in targets if path.exists()]
    if there:
        raise UserError(f"{', '.join(there)}: there already; nothing was written")
    try:
        _write(folder, scene)
    except OSError as error:
        raise UserError(f"{error.filename}: cannot be written there ({error.strerror})") from error
    rig, played = folder / "rigs" / "simulated.yaml", scene.relative_to(folder)
    print(f"{folder / ''} is ready. Try, there:\n  sayso scene preview {played}")
    print(f"  sayso run scenarios --rig {rig.relative_to(folder)}")
    return 0


def _write(folder: Path, scene: Path) -> None:
    for name, text in _FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    scene.parent.mkdir(parents=True)
    _write_scene(scene)
    empty_corpus(folder / "audio_corpus")


def _write_scene(path: Path) -> None:
    """The first scene, less the line that points an editor at a schema of the checkout."""
    text = shipped(_FIRST).read_text(encoding="utf-8")
    path.write_text("".join(text.splitlines(keepends=True)[1:]), encoding="utf-8")
