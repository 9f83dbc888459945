"""The tutorial, as somebody would follow it: files as they stand there, each command in turn."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import harness

ROOT = Path(harness.__file__).parents[1]
PAGE = ROOT / "docs" / "tutorial.md"
_BLOCK = re.compile(r"(?:`([^`\n]+\.yaml)`:\n\n)?```(yaml|console)\n(.*?)```", re.DOTALL)
_ENDS = re.compile(r"# ends with (\d)")
_SAYSO = """#!/bin/sh
exec {python} -m harness.cli "$@"
"""


def blocks() -> list[tuple[str, str, str]]:
    """Each block of the page: the file it is to be put into, its kind, its text."""
    return [(file, kind, text) for file, kind, text in _BLOCK.findall(PAGE.read_text())]


def environment(folder: Path) -> dict[str, str]:
    """One in which `sayso` is this checkout's, wherever one stands."""
    program = folder / "bin" / "sayso"
    program.parent.mkdir()
    program.write_text(_SAYSO.format(python=sys.executable))
    program.chmod(0o755)
    path = f"{program.parent}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}


@pytest.mark.slow
def test_every_command_of_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    around, here = environment(tmp_path), tmp_path
    for file, kind, text in blocks():
        if kind == "yaml":
            (here / file).write_text(text)
            continue
        for line in text.splitlines():
            assert line.startswith("$ "), line
            if line.startswith("$ cd "):
                here /= line.removeprefix("$ cd ")
                continue
            wanted = int(found[1]) if (found := _ENDS.search(line)) else 0
            done = subprocess.run(
                line.removeprefix("$ "), shell=True, cwd=here, env=around, text=True,
                capture_output=True, timeout=120,
            )  # fmt: skip
            assert done.returncode == wanted, f"{line}\n{done.stdout}\n{done.stderr}"
    assert (here / "wanted-message.wav").exists() and (here / "wanted-message.svg").exists()


def test_the_files_of_the_tutorial_have_their_places() -> None:
    files = [file for file, kind, _ in blocks() if kind == "yaml"]
    assert files == ["scenarios/first/overheard.scene.yaml", "rigs/careless.yaml"]
