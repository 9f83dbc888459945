"""One sound looked for in one recording: the whole of it first, then what that leaves, by halves.

The best place of the whole is shown block by block, and drift followed on the way; what no block of
the recording explains is said to be unexplained.
"""

import math
from dataclasses import replace

import numpy as np
import scipy

from harness.wire.payload.alignment import EDGE_S, Alignment, Piece
from harness.wire.payload.flat import BLOCK_S, RATE_HZ, at_rate, flat, is_quiet, levels
from harness.wire.payload.recording import LONGEST_SEARCH_S, Recording
from harness.wire.payload.sounds import Samples

SEARCH_SCORE, SHORT_SCORE = 0.30, 0.45
"""A search over the whole recording must correlate so well at its best place; one for half a second
as well as the second figure says, for the shorter a sound, the better some place fits by chance."""
BLOCK_SCORE = 0.20
"""A block must correlate so well near the place where the whole puts it."""
SHORTEST_SEARCH_S = 0.5
_QUARTER_REACH_S = 5e-4
_LOUD = 10 ** (-25 / 20)
"""From this level below the loudest on, even little of a codec's bits goes into a sound."""
_MOST_UNEXPLAINED = 0.15
"""This share of what is loud may be quarters of blocks that nothing explains: Opus at 7 kbit/s
spoils up to 0.08. Sound with another in every quarter second has twice as much at least."""
_AMBIGUOUS = 2.0
_TELLING = 0.15
_CLOCK_S = 0.05
_MOST_SEARCHES = 24


class Search:
    """One sound that is looked for in one recording."""

    def __init__(
        self, room: Recording, samples: Samples, rate_hz: int, start_s: float, until_s: float | None
    ) -> None:
        self._room, self._start_s = room, start_s
        plain = at_rate(samples, rate_hz)
        self._flat = flat(samples, rate_hz)
        self._length_s = len(samples) / rate_hz
        last_s = room.length_s if until_s is None else until_s + _CLOCK_S
        self._last = round(last_s * RATE_HZ)
        self._level = level = levels(plain)
        step = round(BLOCK_S * RATE_HZ)
        count = max(1, len(self._flat) // step)
        starts = [number * step for number in range(count)]
        self._blocks = list(zip(starts, [*starts[1:], len(self._flat)], strict=True))
        self._quiet = [is_quiet(level, a, b - a) for a, b in self._blocks]
        self._places: list[tuple[float, float] | None] = [None] * count
        self._tried, self._ambiguous, self._searches = 0.0, False, 0

    def run(self) -> Alignment:
        """Look for all of it; what was found."""
        waiting = [(0, len(self._blocks))]
        while waiting and self._searches < _MOST_SEARCHES:
            first, end = waiting.pop()
            if all(self._quiet[first:end]) and (first, end) != (0, len(self._blocks)):
                continue
            waiting += self._explain(first, end)
        self._bridge()
        pieces = self._pieces()
        return Alignment(
            pieces, self._length_s, self._unexplained_s(), self._ambiguous, self._tried
        )

    def _explain(self, first: int, end: int) -> list[tuple[int, int]]:
        """Find a stretch of blocks; which stretches of it are to be looked at on their own."""
        longest = round(LONGEST_SEARCH_S / BLOCK_S)
        if end - first > longest:
            middle = (first + end) // 2
            low = max(first, middle - longest // 2)
        else:
            low = first
        high = min(end, low + longest)
        part = self._flat[self._blocks[low][0] : self._blocks[high - 1][1]]
        self._searches += 1
        places = self._room.places(part, self._last)
        best = places[0] if places else (0, 0.0)
        self._tried = max(self._tried, best[1])
        if best[1] < least_score(len(part)) or not self._track(
            best[0] - self._blocks[low][0], first, end
        ):
            halves = [(first, (first + end) // 2), ((first + end) // 2, end)]
            least = round(SHORTEST_SEARCH_S / BLOCK_S)
            return [(a, b) for a, b in halves if b - a >= least and (a, b) != (first, end)]
        self._compare(places, low, high)
        return _gaps([place is None for place in self._places], first, end)

    def _track(self, lag: float, first: int, end: int) -> int:
        """Show block by block that they lie at `lag`; how many do. Clocks may drift on the way."""
        shown = 0
        seed = self._seed(lag, first, end)
        for way in (range(seed, end), range(seed - 1, first - 1, -1)):
            here = lag
            for number in way:
                start, stop = self._blocks[number]
                place, score = self._room.near(self._flat[start:stop], round(start + here))
                if score >= BLOCK_SCORE and self._places[number] is None:
                    here = place - start
                    self._places[number] = here, score
                    shown += 1
        return shown

    def _seed(self, lag: float, first: int, end: int) -> int:
        """The block that lies best at `lag`: from there on drift is followed both ways."""
        scores = [self._score(number, lag) for number in range(first, end)]
        return first + int(np.argmax(scores))

    def _score(self, number: int, lag: float) -> float:
        start, stop = self._blocks[number]
        return self._room.near(self._flat[start:stop], round(start + lag))[1]

    def _compare(self, places: list[tuple[int, float]], low: int, high: int) -> None:
        """Whether the second place explains the blocks about as well as the first."""
        if len(places) < 2 or places[1][1] < max(SEARCH_SCORE, places[0][1] / _AMBIGUOUS):
            return
        lag = places[1][0] - self._blocks[low][0]
        better = [
            place[1] - self._score(number, lag)
            for number in range(low, high)
            if (place := self._places[number]) is not None
        ]
        self._ambiguous |= bool(better) and max(better) < _TELLING

    def _bridge(self) -> None:
        """Quiet blocks beside explained ones lie where those do, if it was quiet there too."""
        for way in (range(len(self._places)), range(len(self._places) - 1, -1, -1)):
            beside: tuple[float, float] | None = None
            for number in way:
                if self._places[number] is not None:
                    beside = self._places[number]
                elif beside is not None and self._quiet[number]:
                    start, stop = self._blocks[number]
                    if self._room.is_quiet(round(start + beside[0]), stop - start):
                        self._places[number] = beside
                    else:
                        beside = None
                else:
                    beside = None

    def _unexplained_s(self) -> float:
        """The longest stretch of loud blocks that nothing explains, or all such quarters of blocks
        where they are too many.
        """
        bad = [p is None and not q for p, q in zip(self._places, self._quiet, strict=True)]
        gaps = _gaps(bad, 0, len(bad))
        loud = [self._blocks[end - 1][1] - self._blocks[first][0] for first, end in gaps]
        loud.append(self._foreign())
        # Quiet ones that the room was not quiet at are as unexplained as loud ones.
        loud += [
            self._blocks[end - 1][1] - self._blocks[first][0]
            for first, end in _gaps([p is None for p in self._places], 0, len(bad))
            if end - first > 2 * round(SHORTEST_SEARCH_S / BLOCK_S)
        ]
        return max(loud) / RATE_HZ

    def _foreign(self) -> int:
        """Samples in loud quarters of blocks that do not lie where their block does; 0 for few."""
        step, foreign, count = round(BLOCK_S * RATE_HZ) // 4, 0, 0
        for (start, stop), place in zip(self._blocks, self._places, strict=True):
            for at in range(start, stop - step + 1, step):
                if self._level[min(at // step, len(self._level) - 1)] < _LOUD:
                    continue
                count += 1
                part = self._flat[at : at + step]
                foreign += place is None or (
                    self._room.near(part, round(at + place[0]), _QUARTER_REACH_S)[1] < BLOCK_SCORE
                )
        return foreign * step if foreign > _MOST_UNEXPLAINED * count else 0

    def _pieces(self) -> tuple[Piece, ...]:
        runs: list[list[int]] = []
        for number, place in enumerate(self._places):
            if place is None:
                continue
            if runs and abs(place[0] - self._lag(runs[-1][-1])) <= EDGE_S * RATE_HZ:
                runs[-1].append(number)
            else:
                runs.append([number])
        pieces = [self._piece(run) for run in runs]
        return tuple(self._to_the_ends(pieces))

    def _lag(self, number: int) -> float:
        place = self._places[number]
        assert place is not None
        return place[0]

    def _piece(self, run: list[int]) -> Piece:
        """Blocks in one run: a straight line through their places, so that drift is in it."""
        at = np.array([self._blocks[n][0] for n in run], dtype=np.float64)
        lags = np.array([self._lag(n) for n in run])
        first, last = self._blocks[run[0]][0], self._blocks[run[-1]][1]
        slope = float(scipy.stats.theilslopes(lags, at)[0]) if len(run) >= 8 else 0.0
        level = float(np.median(lags - slope * at))
        scores = [place[1] for n in run if (place := self._places[n]) is not None]
        return Piece(
            self._start_s + first / RATE_HZ,
            self._start_s + last / RATE_HZ,
            (first + level + slope * first) / RATE_HZ,
            (last + level + slope * last) / RATE_HZ,
            float(np.median(scores)),
        )

    def _to_the_ends(self, pieces: list[Piece]) -> list[Piece]:
        """What little of the sound lies beyond the first and the last piece belongs to them."""
        if not pieces:
            return []
        first, last = pieces[0], pieces[-1]
        before_s = first.at_s - self._start_s
        pieces[0] = replace(first, at_s=self._start_s, from_s=first.from_s - before_s)
        after_s = self._start_s + self._length_s - last.until_at_s
        last = pieces[-1]
        pieces[-1] = replace(
            last, until_at_s=last.until_at_s + after_s, until_s=last.until_s + after_s
        )
        return pieces


def least_score(count: int) -> float:
    """How well so many samples must correlate at their best place in a recording."""
    shorter = 0.5 * RATE_HZ / max(count, 1)
    return max(SEARCH_SCORE, SHORT_SCORE * math.sqrt(shorter))


def _gaps(missing: list[bool], first: int, end: int) -> list[tuple[int, int]]:
    """The stretches in which something is missing."""
    found: list[tuple[int, int]] = []
    for number in range(first, end):
        if not missing[number]:
            continue
        if found and found[-1][1] == number:
            found[-1] = found[-1][0], number + 1
        else:
            found.append((number, number + 1))
    return found
