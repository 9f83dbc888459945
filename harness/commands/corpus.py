"""`sayso corpus build` and `sayso corpus verify`: the voices and sounds that scenes need."""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from harness.errors import CorpusError
from harness.model.script import Script
from harness.scene.corpus import SHIPPED_FOLDER, Corpus, Wanted, corpus_around
from harness.scene.corpus_build import (
    build,
    build_sounds,
    default_renderer,
    wanted_of_scripts,
)
from harness.scene.corpus_verify import verify
from harness.scene.loader import load_scene
from harness.scene.sources import NoClips


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the commands of this family."""
    parser = commands.add_parser("corpus", help="build and verify voices and sounds")
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    one = verbs.add_parser(
        "build",
        help="render the lines that scenes need and the corpus lacks",
        description="Renders speech in an environment of its own (set up on first use).",
    )
    one.add_argument("scenes", nargs="*", type=Path, help="scene files (default: what is shipped)")
    one.add_argument(
        "--folder", type=Path, help="corpus to add to (default: the scenes' own, else the shipped)"
    )
    one.add_argument("--force", action="store_true", help="render again what is there already")
    one.set_defaults(run=_build)
    two = verbs.add_parser("verify", help="check every clip against the manifest")
    two.add_argument("folders", nargs="*", type=Path, help="corpus folders (default: the shipped)")
    two.set_defaults(run=_verify)


def _build(arguments: argparse.Namespace) -> int:
    folder = arguments.folder or _nearest(arguments.scenes)
    wanted = list(_wanted(arguments.scenes)) or list(wanted_of_scripts(folder))
    renderer = default_renderer()
    made = build(
        folder,
        wanted,
        renderer,
        _say,
        force=arguments.force,
        search=() if arguments.force else (SHIPPED_FOLDER,),
    )
    sounds = () if arguments.scenes else build_sounds(folder, renderer, _say)
    print(f"{len(made)} lines and {len(sounds)} sounds rendered into {folder}")
    return 0


def _nearest(scenes: Sequence[Path]) -> Path:
    """The corpus around the scenes; `CorpusError` where each has another."""
    around = {corpus_around(scene) or SHIPPED_FOLDER for scene in scenes} or {SHIPPED_FOLDER}
    if len(around) > 1:
        raise CorpusError("these scenes have several corpora around them; say which with --folder")
    return around.pop()


def _wanted(scenes: Sequence[Path]) -> Iterable[Wanted]:
    for path in scenes:
        script = load_scene(path, NoClips(), require_clips=False)
        yield from _lines(script)


def _lines(script: Script) -> Iterable[Wanted]:
    for line in script.lines:
        yield script.member(line.who).voice, line.says


def _say(done: int, of: int, what: str) -> None:
    print(f"{done} of {of}: {what}", file=sys.stderr, flush=True)


def _verify(arguments: argparse.Namespace) -> int:
    corpus = Corpus.load(*arguments.folders)
    problems = verify(corpus)
    if problems:
        raise CorpusError("\n".join(str(problem) for problem in problems))
    print(f"corpus: {len(corpus.entries())} files are as the manifest says")
    return 0
