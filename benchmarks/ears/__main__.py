"""All figures of the ears in one run: `python -m benchmarks.ears [--quick] [--only ROW ...]`.

Measured on the test part of the generated set (`audio_corpus/prompts/`), of which the lines that
are rendered are used; `python -m audio_corpus.prompts` renders all. `--quick`: every eighth prompt
and a tenth of the hours. `--tune`: on the part that thresholds were set on.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence

from audio_corpus.prompts.clips import Store, differing
from audio_corpus.prompts.texts import prompts, talk
from benchmarks.ears.rooms import ROOMS
from benchmarks.ears.takes import Part, takes
from benchmarks.table import finish

_QUICK_STEP = 8


def main(arguments: Sequence[str] | None = None) -> int:
    """Mix, subtract, show every room what it wants, print; see the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ears", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a small share of everything")
    parser.add_argument("--tune", action="store_true", help="the tune part, not the test part")
    parser.add_argument("--only", nargs="+", choices=sorted(ROOMS), metavar="ROW")
    parser.add_argument("--step", type=int, help="every so many prompts only (1; quick: 8)")
    chosen = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    step = chosen.step or (_QUICK_STEP if chosen.quick else 1)
    part = Part("tune" if chosen.tune else "test", Store.default(), step)
    if missing := missing_talk(part):
        print(f"{missing}; render the test set first: python -m audio_corpus.prompts")
        return 2
    rooms = [ROOMS[name](chosen.quick) for name in chosen.only or ROOMS]
    facts = _facts(part)
    for group in dict.fromkeys(group for room in rooms for group in room.groups):
        started_s, sound_s = time.monotonic(), 0.0
        wanting = [room for room in rooms if group in room.groups]
        beside = any(room.beside for room in wanting)
        for take in takes(part.recordings(group), part.store, beside=beside):
            sound_s += take.seconds
            for room in wanting:
                room.see(group, take)
        print(f"{group}: {sound_s / 60:.0f} min of sound in {time.monotonic() - started_s:.0f} s")
    rows = [row for room in rooms for row in room.rows()]
    for room in rooms:
        facts |= room.facts
    return finish("ears", rows, facts)


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
