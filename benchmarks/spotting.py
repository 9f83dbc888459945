"""Measures how well and how fast 20 prompts on file are found, and what is taken for one.

python -m benchmarks.spotting [--quick]

Minutes of `benchmarks.spotting_hours` at 48 kHz: each prompt at five levels over talk; then talk
alone, and the same voice saying what is not on file. They are searched with prompts as they sound
at the listener's place ("known room") and as the device renders them ("unknown room"); and, as they
sound there, by normalised correlation (`benchmarks.spotting_baseline`). Correlation's threshold is
set afterwards, so that talk holds nothing; the spotter's is what it always is. Times are CPU
seconds on one core.
"""

import argparse
import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.signal import oaconvolve

from benchmarks.spotting_baseline import Correlator, best_apart
from benchmarks.spotting_hours import (
    NOT_ON_FILE,
    ON_FILE,
    RATE_HZ,
    Piece,
    Said,
    path,
    pieces,
    rendered,
    talk_at_listener,
    talk_only,
)
from benchmarks.table import Row, finish
from harness.bench.ports.sound import Samples
from harness.ears.band import band
from harness.ears.spotter import SpotLimits, Spotter, template

_OVER_DB = (10.0, 5.0, 0.0, -5.0, -10.0)
# Where the room is not known, an echo may be taken for the prompt.
_NEAR_S, _NEAR_ECHO_S = 0.01, 0.05
_SPEED_GOAL, _TIMING_GOAL_MS = 12.0, 0.15
_LEAST = 0.05
_CURVE = (0.06, 0.09, 0.12, 0.15, 0.18, 0.21, 0.25, 0.3, 0.4)
_KNOWN, _UNKNOWN, _CORRELATION = "known room", "unknown room", "correlation"
_OURS = (_KNOWN, _UNKNOWN)
_TALK, _NOT_ON_FILE = "talk", "what is not on file"


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found in a piece. `weight`: how much speaks for it, by each means' own
    measure.
    """

    text: str
    start_s: float
    weight: float


Search = Callable[[Samples], list[Found]]


@dataclass
class Told:
    """What a search made of some pieces.

    `hits`: for each prompt that was said its weight, 0 where it was missed; `off_s`: how far off
    those found were; `false`: what was found and not said.
    """

    near_s: float
    hits: list[float] = field(default_factory=list)
    off_s: list[float] = field(default_factory=list)
    false: list[Found] = field(default_factory=list)
    cpu_s: float = 0.0
    sound_s: float = 0.0

    def take(self, piece: Piece, search: Search) -> None:
        """Search one more piece."""
        before_s = time.process_time()
        found = search(piece.recording)
        self.cpu_s += time.process_time() - before_s
        self.sound_s += len(piece.recording) / RATE_HZ
        right = []
        for said in piece.said:
            same = [f for f in found if f.text == said.text and self._near(f, said)]
            right += same
            if said.text in ON_FILE:
                self.hits.append(max((f.weight for f in same), default=0.0))
                self.off_s += [abs(f.start_s - said.at_s) for f in same[:1]]
        self.false += [f for f in found if f not in right]

    def _near(self, found: Found, said: Said) -> bool:
        return abs(found.start_s - said.at_s) < self.near_s

    def recall(self, least: float = 0.0) -> float:
        """Share of the prompts that were found with more than `least`."""
        return float(np.mean([weight > least for weight in self.hits]))


# By the name of the search and of what was searched.
Results = dict[tuple[str, str], Told]


def main(arguments: Sequence[str] | None = None) -> int:
    """Mix, search, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="6 minutes of talk, not 60")
    chosen = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    searches = _searches()
    told: Results = {
        (name, part): Told(_NEAR_ECHO_S if name == _UNKNOWN else _NEAR_S)
        for name in searches
        for part in _parts()
    }
    for part, piece in _pieces(6 if chosen.quick else 60):
        for name, search in searches.items():
            # Correlation is slow: what it makes of the last part is known from the others.
            if name != _CORRELATION or told[name, part].sound_s < 400:
                told[name, part].take(piece, search)
    for name in searches:
        _print_curve(name, told)
    rows = [*_recall(told), *_false(told), *_speed(told), *_memory()]
    return finish("spotting", rows, {"prompts": f"{len(ON_FILE)} on file at {RATE_HZ} Hz"})


def _parts() -> list[str]:
    return [*(f"{over_db:+g} dB" for over_db in _OVER_DB), _NOT_ON_FILE, _TALK]


def _pieces(talk_minutes: int) -> Iterator[tuple[str, Piece]]:
    for number, over_db in enumerate(_OVER_DB):
        for piece in pieces(ON_FILE, over_db, number):
            yield f"{over_db:+g} dB", piece
    for number, over_db in enumerate((10.0, 0.0)):
        for piece in pieces(NOT_ON_FILE, over_db, 100 + number):
            yield _NOT_ON_FILE, piece
    for piece in talk_only(talk_minutes, 200):
        yield _TALK, piece


def _searches() -> dict[str, Search]:
    through = path()
    direct = int(np.argmax(np.abs(through)))
    dry = [rendered(text) for text in ON_FILE]
    wet = [oaconvolve(one, through[direct:])[: len(one)].astype(np.float32) for one in dry]
    correlator = Correlator(wet, RATE_HZ)

    def correlated(recording: Samples) -> list[Found]:
        matches = best_apart(correlator.matches(recording, _LEAST))
        return [Found(ON_FILE[m.which], m.start_s, m.weight) for m in matches]

    return {_KNOWN: _spotter(wet), _UNKNOWN: _spotter(dry), _CORRELATION: correlated}


def _spotter(prompts: Sequence[Samples]) -> Search:
    templates = [template(t, p, RATE_HZ) for t, p in zip(ON_FILE, prompts, strict=True)]
    # All that the curve wants to know of; what counts is sorted out by its weight afterwards.
    spotter = Spotter(templates, replace(SpotLimits(), weight=_LEAST))

    def search(recording: Samples) -> list[Found]:
        found = spotter.spot(band(recording, RATE_HZ))
        return [Found(f.key, f.start_s, f.weight) for f in found]

    return search


def _least(name: str, told: Results) -> float:
    """The weight that counts: the spotter's own; correlation's is set to what talk reaches."""
    if name != _CORRELATION:
        return SpotLimits().weight
    return max((f.weight for f in told[name, _TALK].false), default=0.0)


def _recall(told: Results) -> list[Row]:
    rows = []
    for over_db in _OVER_DB:
        part = f"{over_db:+g} dB"
        theirs = told[_CORRELATION, part].recall(_least(_CORRELATION, told))
        for name in (*_OURS, _CORRELATION):
            share = told[name, part].recall(_least(name, told))
            goal = "as much as correlation" if name == _KNOWN else ""
            holds = share >= theirs if name == _KNOWN else None
            rows.append(Row(f"found at {part}, {name}", 100 * share, "%", goal, holds))
    return rows


def _false(told: Results) -> list[Row]:
    rows = []
    for name in (*_OURS, _CORRELATION):
        for part, goal in ((_TALK, 0.1), (_NOT_ON_FILE, None)):
            heard = told[name, part]
            false = [f for f in heard.false if f.weight > _least(name, told)]
            an_hour = len(false) / (heard.sound_s / 3600)
            figure, holds = f"false in {part}, {name}", None if goal is None else an_hour <= goal
            told_goal = "" if goal is None else f"at most {goal:g}"
            if part == _TALK:
                rows.append(Row(figure, an_hour, "an hour", told_goal, holds))
            else:
                share = 100 * len(false) / (len(NOT_ON_FILE) * 2)
                rows.append(Row(figure, share, "%", told_goal, holds))
    return rows


def _speed(told: Results) -> list[Row]:
    def times_real(name: str) -> float:
        own = [one for (which, _), one in told.items() if which == name]
        return sum(one.sound_s for one in own) / sum(one.cpu_s for one in own)

    ours, theirs = times_real(_OURS[0]), times_real(_CORRELATION)
    rows = [Row("speed, known room", ours, "x real", "", None),
            Row("speed, correlation", theirs, "x real", "", None),
            Row("times as fast as correlation", ours / theirs, "", f"at least {_SPEED_GOAL:g}",
                ours >= _SPEED_GOAL * theirs)]  # fmt: skip
    off_ms = [1e3 * off_s for part in _parts() for off_s in told[_KNOWN, part].off_s]
    late_ms = float(np.quantile(off_ms, 0.95))
    rows.append(Row("start, 95 % off by at most", late_ms, "ms", f"at most {_TIMING_GOAL_MS:g}",
                    late_ms <= _TIMING_GOAL_MS))  # fmt: skip
    return rows


def _memory() -> list[Row]:
    """Most that a search takes beside what it searches: a minute, and ten."""
    search = _searches()[_OURS[0]]
    minute = talk_at_listener(np.random.default_rng(300))
    search(minute)
    rows = []
    for minutes in (1, 10):
        recording = np.tile(minute, minutes)
        tracemalloc.start()
        search(recording)
        peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
        tracemalloc.stop()
        rows.append(Row(f"memory of a search of {minutes} min", peak_mb, "MB", "", None))
    return rows


def _print_curve(name: str, told: Results) -> None:
    """Recall against false alarms an hour, by the score that is asked for."""
    talk = told[name, _TALK]
    print(f"{name}: weight / found at {', '.join(f'{o:+g}' for o in _OVER_DB)} dB / false an hour")
    for least in _CURVE:
        shares = [told[name, f"{over_db:+g} dB"].recall(least) for over_db in _OVER_DB]
        false = sum(f.weight > least for f in talk.false) / (talk.sound_s / 3600)
        print(f"  {least:.2f}  {'  '.join(f'{100 * s:5.1f}' for s in shares)}  {false:7.1f}")


if __name__ == "__main__":
    sys.exit(main())
