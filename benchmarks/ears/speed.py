"""Everything but transcription: how fast, and how much memory it takes for one hour and for ten.

Each length runs in a process of its own, from a loop of sound that is mixed beforehand, so that
what is measured is the ears and not the mixing; memory is what the process had at most.
"""

import json
import subprocess
import sys
import time
from pathlib import Path

from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.mix import Mix
from audio_corpus.prompts.recordings import Conditions, Recording
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import RATE_HZ, Take
from benchmarks.table import Row
from harness.bench.ports.sound import Samples
from harness.ears.cancel import Canceller
from harness.ears.speech import Finder

_SPEED_GOAL, _MEMORY_GOAL_MB, _GROWTH_GOAL = 200.0, 300.0, 1.2
_LOOP_S = 60.0
_HOURS = (1.0, 10.0)
_QUICK_HOURS = (0.1, 0.5)


class Speed(Room):
    """Subtraction and finding of a stream at 48 kHz."""

    def see(self, group: str, take: Take) -> None:
        """It makes its own sound."""

    def rows(self) -> list[Row]:
        """Speed and memory of two lengths, the second against the first."""
        lengths = _QUICK_HOURS if self.quick else _HOURS
        short, long = (_measured(hours) for hours in lengths)
        growth = long["memory_mb"] / short["memory_mb"]
        said = " and ".join(f"{hours:g} h" for hours in lengths)
        self.facts["memory was measured on"] = said
        return [
            at_least("subtraction and finding, x real time", long["times"], "", _SPEED_GOAL),
            plain("of it subtraction, x real time", long["cancel_times"], ""),
            at_most(f"memory, {lengths[1]:g} h", long["memory_mb"], "MB", _MEMORY_GOAL_MB),
            at_most(f"memory, {lengths[1]:g} h to {lengths[0]:g} h", growth, "", _GROWTH_GOAL),
        ]


def _measured(hours: float) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.ears.speed", str(hours)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main(hours: float) -> None:
    """Run so many hours through the ears and print what it took, as JSON."""
    loop = _loop()
    places = tuple(loop[0][1])
    canceller, finder = Canceller(places, RATE_HZ), Finder()
    sound_s = cancel_s = find_s = 0.0
    while sound_s < hours * 3600:
        for recording, references in loop:
            started_s = time.process_time()
            left = canceller.push(recording, references)
            subtracted_s = time.process_time()
            finder.push(left)
            find_s += time.process_time() - subtracted_s
            cancel_s += subtracted_s - started_s
            sound_s += len(recording) / RATE_HZ
    told = {
        "times": sound_s / (cancel_s + find_s),
        "cancel_times": sound_s / cancel_s,
        "memory_mb": _most_mb(),
    }
    print(json.dumps(told))


def _most_mb() -> float:
    """The most memory that this process had. `getrusage` would tell that of its parent, if larger:
    it outlasts the call by which a process becomes another program.
    """
    status = Path("/proc/self/status").read_text()
    [held] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(held.split()[1]) / 1024


def _loop() -> list[tuple[Samples, dict[str, Samples]]]:
    """A minute of two talkers: what was recorded, and what was played, piece by piece."""
    minute = Recording("speed", "test", _LOOP_S, Conditions())
    pieces = Mix(minute, Store.default(), RATE_HZ).pieces()
    return [(piece.recording, piece.references) for piece in pieces]


if __name__ == "__main__":
    main(float(sys.argv[1]))
