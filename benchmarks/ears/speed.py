"""Everything but transcription: how fast, and how much memory it takes for one hour and for ten.

Each length runs in a process of its own, from a loop of sound that is mixed beforehand, so that
what is measured is the ears and not the mixing; memory is what the process had at most. Two talkers
play, the device speaks twice a minute, and twenty prompts are on file. It is gone through as in a
play, but for the first pass over it, which is subtraction once more.
"""

import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.mix import Mix
from audio_corpus.prompts.recordings import Conditions, Recording, Said
from audio_corpus.prompts.texts import Line
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import RATE_HZ, Part, Take
from benchmarks.table import Row
from harness.bench.ports.sound import Samples
from harness.ears.apart import in_chunks
from harness.ears.band import band
from harness.ears.cancel import RATE_HZ as LOW_HZ
from harness.ears.cancel import Cancelled, Canceller
from harness.ears.hearing import Asked, hear
from harness.ears.speech import Finder
from harness.ears.spotter import Spotter, template
from harness.ears.talkover import talked_over

_SPEED_GOAL, _MEMORY_GOAL_MB, _GROWTH_GOAL = 200.0, 300.0, 1.2
_LOOP_S = 60.0
_HOURS = (1.0, 10.0)
_QUICK_HOURS = (0.1, 0.5)
_ON_FILE, _SAID_S = 20, (15.0, 45.0)
_CHUNK, _OVERLAP = 60 * LOW_HZ, 9 * LOW_HZ
_PARTS = ("subtraction", "finding", "spotting", "audibility")
Loop = list[tuple[Samples, dict[str, Samples]]]


class Speed(Room):
    """Subtraction, finding, spotting and audibility of a stream at 48 kHz."""

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
            at_least("all but transcription, x real time", long["times"], "", _SPEED_GOAL),
            *(plain(f"of it {part}, x real time", long[part], "") for part in _PARTS),
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
    store = Store.default()
    lines = Part("test", store).lines[:_ON_FILE]
    took_s = defaultdict[str, float](float)
    sounds = {str(line): store.speech(line, LOW_HZ) for line in lines}
    spotter = Spotter([template(key, sound, LOW_HZ) for key, sound in sounds.items()])
    stream = _stream(_loop(lines, store), hours, took_s)
    started_s = time.process_time()
    for piece in in_chunks(stream, _CHUNK + _OVERLAP, _OVERLAP):
        begun_s = time.process_time()
        found = spotter.spot(band(piece.residual, LOW_HZ))
        spotted_s = time.process_time()
        for one in found:
            heard = hear(piece, Asked(sounds[one.key]), round(one.start_s * LOW_HZ))
            if heard.speech is not None:
                talked_over(piece, heard.speech)
        took_s["spotting"] += spotted_s - begun_s
        took_s["audibility"] += time.process_time() - spotted_s
    sound_s = hours * 3600
    told = {part: sound_s / max(took_s[part], 1e-9) for part in _PARTS}
    # What lies between the parts counts too.
    times = sound_s / (time.process_time() - started_s)
    print(json.dumps({"times": times, "memory_mb": _most_mb(), **told}))


def _stream(loop: Loop, hours: float, took_s: defaultdict[str, float]) -> Iterator[Cancelled]:
    """What subtraction leaves, piece by piece, while a finder listens."""
    canceller, finder = Canceller(tuple(loop[0][1]), RATE_HZ), Finder()
    sound_s = 0.0
    while sound_s < hours * 3600:
        for recording, references in loop:
            started_s = time.process_time()
            left = canceller.push(recording, references)
            subtracted_s = time.process_time()
            finder.push(left)
            took_s["finding"] += time.process_time() - subtracted_s
            took_s["subtraction"] += subtracted_s - started_s
            sound_s += len(recording) / RATE_HZ
            yield left


def _most_mb() -> float:
    """The most memory that this process had. `getrusage` would tell that of its parent, if larger:
    it outlasts the call by which a process becomes another program.
    """
    status = Path("/proc/self/status").read_text()
    [held] = [line for line in status.splitlines() if line.startswith("VmHWM:")]
    return int(held.split()[1]) / 1024


def _loop(lines: list[Line], store: Store) -> Loop:
    """A minute of two talkers and the device: what was recorded and played, piece by piece."""
    said = tuple(Said(at_s, line) for at_s, line in zip(_SAID_S, lines, strict=False))
    minute = Recording("speed", "test", _LOOP_S, Conditions(), said)
    pieces = Mix(minute, store, RATE_HZ).pieces()
    return [(piece.recording, piece.references) for piece in pieces]


if __name__ == "__main__":
    main(float(sys.argv[1]))
