"""`sayso sound-alikes`: what sounds nearly like a wake word, ranked, and rendered to be played."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from harness.errors import UserError
from harness.scene.corpus import SHIPPED_FOLDER
from harness.scene.corpus_build import build, default_renderer
from harness.scene.manifest import read_manifest
from harness.scene.voices import parse_voice
from harness.series.sound_alikes.phones import has_espeak
from harness.series.sound_alikes.ranking import SoundAlike, ranked

_DICTIONARIES = (
    Path("/usr/share/dict/words"),
    Path("/usr/share/dict/american-english"),
    Path("/usr/share/hunspell/en_US.dic"),
)
_VOICES = ("kokoro:af_heart", "kokoro:am_michael")


def add_commands(commands: "argparse._SubParsersAction[Any]") -> None:
    """Add the command."""
    parser = commands.add_parser(
        "sound-alikes",
        help="words and phrases that sound nearly like a wake word, ranked and rendered",
        description="Ranks words and short phrases by their weighted phone distance to a wake "
        "word, and with --out renders the nearest in the corpus's voices, into a folder that "
        "`sayso background` plays. See docs/background.md.",
    )
    parser.add_argument("word", help="the wake word, as it is spelt")
    parser.add_argument(
        "--words",
        type=Path,
        action="append",
        metavar="FILE",
        help="words, or lines that people say (default: the system's dictionary, the corpus)",
    )
    parser.add_argument("--most", type=int, default=50, help="how many (50)")
    parser.add_argument("--out", type=Path, metavar="DIR", help="render them into this folder")
    parser.add_argument("--voice", action="append", help=f"voices ({', '.join(_VOICES)})")
    parser.set_defaults(run=_sound_alikes)


def _sound_alikes(arguments: argparse.Namespace) -> int:
    if arguments.most < 1:
        raise UserError("--most is at least 1")
    voices = tuple(arguments.voice or _VOICES)
    for voice in voices:
        parse_voice(voice)
    if not has_espeak():
        print(
            "espeak-ng is not installed, so phones come from spelling rules and are rough; "
            "apt-get install espeak-ng",
            file=sys.stderr,
        )
    found = ranked(arguments.word, _lines(arguments.words), arguments.most)
    for each in found:
        print(f"{each.distance:.3f}  {each.text:<28} {each.phones}")
    if arguments.out is not None:
        _render(arguments.out, found, voices)
    return 0


def _lines(files: Sequence[Path] | None) -> Iterator[str]:
    if files:
        for path in files:
            yield from _lines_of(path)
        return
    there = [path for path in _DICTIONARIES if path.is_file()]
    if there:
        # A dictionary of hunspell has flags after a stroke.
        yield from (line.partition("/")[0] for line in _lines_of(there[0]))
    else:
        print(
            "no dictionary is installed, so only the corpus's own lines are searched; "
            "apt-get install wamerican, or give --words",
            file=sys.stderr,
        )
    yield from (clip.text for clip in read_manifest(SHIPPED_FOLDER).clips)
    for path in sorted((SHIPPED_FOLDER / "scripts").glob("*.json")):
        yield from (text for _, text in json.loads(path.read_text("utf-8"))["lines"])


def _lines_of(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); give a text file") from error


def _render(folder: Path, found: Sequence[SoundAlike], voices: Sequence[str]) -> None:
    """Each in each voice, with its words beside it, and the ranking."""
    wanted = [(voice, _sentence(each.text)) for each in found for voice in voices]
    build(folder, wanted, default_renderer(), _say)
    for clip in read_manifest(folder).clips:
        (folder / clip.file).with_suffix(".txt").write_text(clip.text + "\n", encoding="utf-8")
    ranking = [{"text": e.text, "phones": e.phones, "distance": e.distance} for e in found]
    listing = json.dumps(ranking, indent=1, ensure_ascii=False) + "\n"
    (folder / "sound-alikes.json").write_text(listing, encoding="utf-8")
    print(f"{len(wanted)} clips in {folder}; play them: sayso background RIG {folder} --out OUT")


def _sentence(text: str) -> str:
    """As a line of a scene is written, so that a voice ends it."""
    return f"{text[:1].upper()}{text[1:]}."


def _say(done: int, of: int, what: str) -> None:
    print(f"{done} of {of}: {what}", file=sys.stderr, flush=True)
