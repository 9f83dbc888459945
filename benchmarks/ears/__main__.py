"""All figures of the ears in one run.

python -m benchmarks.ears [--quick] [--only ROW ...] [--step N] [--minutes M [--resume]] [--tune]

Measured on the test part of the generated set (`audio_corpus/prompts/`), of which the lines that
are rendered are used; `python -m audio_corpus.prompts` renders all. `--quick`: every eighth prompt
and a tenth of the hours. `--tune`: on the part that thresholds were set on. `--minutes`: as much of
every group as that time allows; `--resume` goes on where such a run ended, or was ended.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from audio_corpus.prompts.clips import Store, differing
from audio_corpus.prompts.texts import prompts, talk
from benchmarks.ears.progress import Progress, Wanted, in_turns
from benchmarks.ears.rooms import ROOMS
from benchmarks.ears.takes import Part, take
from benchmarks.table import finish

_QUICK_STEP = 8
_KEPT = Path(__file__).parents[1] / "out" / "ears-progress.pickle"


def main(arguments: Sequence[str] | None = None) -> int:
    """Mix, subtract, show every room what it wants, print; see the module's docstring."""
    chosen = _parser().parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    step = chosen.step or (_QUICK_STEP if chosen.quick else 1)
    part = Part("tune" if chosen.tune else "test", Store.default(), step)
    if missing := missing_talk(part):
        print(f"{missing}; render the test set first: python -m audio_corpus.prompts")
        return 2
    names = chosen.only or list(ROOMS)
    asked = (part.split, step, chosen.quick, tuple(sorted(names)))
    if chosen.resume:
        progress = Progress.kept(_KEPT, asked)
    else:
        progress = Progress(asked, {name: ROOMS[name](chosen.quick) for name in names})
    rooms = progress.rooms.values()
    groups = dict.fromkeys(group for room in rooms for group in room.groups)
    wanted = in_turns({group: part.recordings(group) for group in groups})
    _listen(progress, wanted, part, 60.0 * chosen.minutes)
    whole = not progress.left(wanted)
    rows = [row for room in rooms if whole or room.groups for row in room.rows()]
    facts = _facts(part) | {"recordings": progress.told(wanted)}
    for room in rooms:
        facts |= room.facts
    return finish("ears", rows, facts)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ears", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small share of everything")
    parser.add_argument("--tune", action="store_true", help="the tune part, not the test part")
    parser.add_argument("--only", nargs="+", choices=sorted(ROOMS), metavar="ROW")
    parser.add_argument("--step", type=int, help="every so many prompts only (1; quick: 8)")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="for recordings; then "
                        "what was seen is told, without `speed`, until all were")  # fmt: skip
    parser.add_argument("--resume", action="store_true", help="go on with the run before")
    return parser


def _listen(progress: Progress, wanted: Sequence[Wanted], part: Part, most_s: float) -> None:
    """Show the rooms what they have not seen yet, as far as the time goes."""
    begun_s = time.monotonic()
    for group, recording in progress.left(wanted):
        if time.monotonic() - begun_s > most_s:
            break
        wanting = [room for room in progress.rooms.values() if group in room.groups]
        beside = any(room.beside for room in wanting)
        heard = take(recording, part.store, beside=beside)
        for room in wanting:
            room.see(group, heard)
        progress.done.add(recording.name)
        progress.sound_s[group] = progress.sound_s.get(group, 0.0) + heard.seconds
        progress.keep(_KEPT)
    for group, sound_s in progress.sound_s.items():
        print(f"{group}: {sound_s / 60:.0f} min of sound")


def missing_talk(part: Part) -> str | None:
    """What stands in the way of mixing any recording of a part; None where nothing does."""
    without = [line.text for line in talk(part.split) if not part.store.has(line)]
    if without:
        return f"{len(without)} lines of talk and television are not rendered"
    return None if part.lines else "no prompt is rendered"


def _facts(part: Part) -> dict[str, str]:
    """Which part of the set was there, and whether it is what the manifest says."""
    whole, lines = prompts(part.split), part.lines
    other = len(differing(lines, part.store))
    voices = dict.fromkeys(line.voice for line in lines)
    return {
        "part": f"{part.split}: {len(lines)} of {len(whole)} prompts, {', '.join(voices)}",
        "clips": f"{len(lines) - other} of {len(lines)} sample for sample as in the manifest",
    }


if __name__ == "__main__":
    sys.exit(main())
