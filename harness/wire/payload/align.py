"""Where in a recording of the room a sound was heard, to the sample.

The recording is what the device's own microphone heard. A sound that the device sent is a copy of
part of it: resampled, encoded, louder or softer, a little faster or slower, perhaps cut together.
So both are brought to 16 kHz and to speech's band and their spectra made flat, which turns the
likeness of all speech into the sameness of one; then the sound is looked for by normalised
cross-correlation, in blocks that are each shown to lie where the whole says they do. What no block
of the recording explains is said to be unexplained. Method: whitened (PHAT-like) correlation,
Knapp & Carter 1976; the limits are measured by `python -m benchmarks.wire_payload`.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy.fft
import scipy.ndimage
import scipy.signal
import scipy.stats
import soxr

from harness.wire.payload.sounds import Samples

RATE_HZ = 16_000
BLOCK_S = 0.25
SEARCH_SCORE, SHORT_SCORE = 0.30, 0.45
"""A search over the whole recording must correlate so well at its best place; one for half a second
as well as the second figure says, for the shorter a sound, the better some place fits by chance."""
BLOCK_SCORE = 0.20
"""A block must correlate so well near the place where the whole puts it."""
EDGE_S = 0.01
"""How far (s) a block may lie from where its neighbours put it: clocks drift, codecs delay."""
_LONGEST_SEARCH_S = 4.0
_SHORTEST_SEARCH_S = 0.5
_BAND_HZ = 150.0, 3_700.0
_FRAME = 512
_SMOOTH_BINS = 9
_FLOOR = 1e-4
_QUIET_DB = -30.0
_AMBIGUOUS = 2.0
_APART_S = 0.05
_TELLING = 0.15
_SILENT = 1e-6
_CLOCK_S = 0.05
_MOST_SEARCHES = 24
Flat = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a sound, and where it was heard: both in seconds, of the sound and of the room.

    `score`: the median correlation of its blocks, 0 to 1.
    """

    at_s: float
    until_at_s: float
    from_s: float
    until_s: float
    score: float


@dataclass(frozen=True, slots=True)
class Alignment:
    """What of a sound the room explains, in the order of the sound.

    `length_s`: the sound's, without the digital silence at its ends. `unexplained_s`: how much
    of it, in one stretch, neither lies in the room nor is quiet. `ambiguous`: it lies as well in
    another place. `tried`: the best correlation that any place gave.
    """

    pieces: tuple[Piece, ...]
    length_s: float
    unexplained_s: float
    ambiguous: bool
    tried: float

    @property
    def trouble(self) -> str:
        """Why the span is not known; empty where it is."""
        if not self.pieces:
            return f"it is nothing that the microphone heard (correlation {self.tried:.2f})"
        if self.unexplained_s > BLOCK_S:
            return f"{self.unexplained_s:.1f} s of it are nothing that the microphone heard"
        if self.ambiguous:
            return "the microphone heard the same twice, and it could be either"
        return ""

    @property
    def in_order(self) -> bool:
        """Whether each piece was heard after the one before it."""
        pairs = pairwise(self.pieces)
        return all(later.from_s >= piece.until_s - EDGE_S for piece, later in pairs)

    @property
    def from_s(self) -> float:
        """When the earliest of it was heard, in seconds of the room's recording."""
        return min(piece.from_s for piece in self.pieces)

    @property
    def until_s(self) -> float:
        """When the latest of it had been heard."""
        return max(piece.until_s for piece in self.pieces)


class Room:
    """The recording of the device's microphone, ready to be searched many times."""

    def __init__(self, samples: Samples, rate_hz: int) -> None:
        """`samples`: mono, at any rate; times are counted from the first of them."""
        self._flat = flat(samples, rate_hz)
        self._level = _levels(_resampled(samples, rate_hz))
        size = len(self._flat) + round(_LONGEST_SEARCH_S * RATE_HZ)
        self._size = scipy.fft.next_fast_len(max(size, 2), real=True)
        self._spectrum = scipy.fft.rfft(self._flat, self._size)
        self._energy = np.concatenate(([0.0], np.cumsum(self._flat.astype(np.float64) ** 2)))

    @property
    def length_s(self) -> float:
        """How long the recording is, in seconds."""
        return len(self._flat) / RATE_HZ

    def align(self, samples: Samples, rate_hz: int, until_s: float | None = None) -> Alignment:
        """Find a sound. `until_s`: it had left by then, so nothing later can be in it."""
        start, end = _loud_ends(samples)
        if end - start < _SHORTEST_SEARCH_S / 2 * rate_hz or len(self._flat) < RATE_HZ * BLOCK_S:
            return Alignment((), 0.0, 0.0, False, 0.0)
        return _Search(self, samples[start:end], rate_hz, start / rate_hz, until_s).run()

    def places(self, part: Flat, last: int) -> list[tuple[int, float]]:
        """The best place of `part` and the best one apart from it: (index, correlation).

        Places at which it would end after index `last` are left out.
        """
        count = min(len(self._flat), last) - len(part) + 1
        norm = float(np.sqrt(np.dot(part, part)))
        if count < 1 or norm <= 0.0:
            return []
        spectrum = self._spectrum * np.conj(scipy.fft.rfft(part, self._size))
        found = scipy.fft.irfft(spectrum, self._size)[:count]
        heard = np.sqrt(np.maximum(self._energy[len(part) :][:count] - self._energy[:count], 1e-9))
        scores = found / (norm * heard)
        best = int(np.argmax(scores))
        places = [(best, float(scores[best]))]
        apart = round(_APART_S * RATE_HZ)
        scores[max(0, best - apart) : best + apart] = -1.0
        other = int(np.argmax(scores))
        return [*places, (other, float(scores[other]))]

    def near(self, part: Flat, at: int) -> tuple[float, float]:
        """Where near index `at` a block lies best, to a part of a sample, and its correlation."""
        reach = round(EDGE_S * RATE_HZ)
        low = max(0, at - reach)
        heard = self._flat[low : at + reach + len(part)]
        if len(heard) < len(part):
            return float(at), 0.0
        found = scipy.signal.correlate(heard, part, "valid", "fft")
        energy = self._energy[low + len(part) :][: len(found)] - self._energy[low:][: len(found)]
        norm = float(np.sqrt(np.dot(part, part)))
        scores = found / np.maximum(norm * np.sqrt(np.maximum(energy, 1e-9)), 1e-9)
        best = int(np.argmax(scores))
        return low + best + _peak(scores, best), float(scores[best])

    def is_quiet(self, at: int, count: int) -> bool:
        """Whether nothing loud was heard from index `at` on."""
        return _is_quiet(self._level, at, count)


class _Search:
    """One sound that is looked for in one room."""

    def __init__(
        self, room: Room, samples: Samples, rate_hz: int, start_s: float, until_s: float | None
    ) -> None:
        self._room, self._start_s = room, start_s
        plain = _resampled(samples, rate_hz)
        self._flat = flat(samples, rate_hz)
        self._length_s = len(samples) / rate_hz
        last_s = room.length_s if until_s is None else until_s + _CLOCK_S
        self._last = round(last_s * RATE_HZ)
        level = _levels(plain)
        step = round(BLOCK_S * RATE_HZ)
        count = max(1, len(self._flat) // step)
        starts = [number * step for number in range(count)]
        self._blocks = list(zip(starts, [*starts[1:], len(self._flat)], strict=True))
        self._quiet = [_is_quiet(level, a, b - a) for a, b in self._blocks]
        self._places: list[tuple[float, float] | None] = [None] * count
        self._tried, self._ambiguous, self._searches = 0.0, False, 0

    def run(self) -> Alignment:
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
        longest = round(_LONGEST_SEARCH_S / BLOCK_S)
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
            least = round(_SHORTEST_SEARCH_S / BLOCK_S)
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
        """The longest stretch of loud blocks that nothing explains."""
        bad = [p is None and not q for p, q in zip(self._places, self._quiet, strict=True)]
        gaps = _gaps(bad, 0, len(bad))
        loud = [self._blocks[end - 1][1] - self._blocks[first][0] for first, end in gaps]
        # Quiet ones that the room was not quiet at are as unexplained as loud ones.
        loud += [
            self._blocks[end - 1][1] - self._blocks[first][0]
            for first, end in _gaps([p is None for p in self._places], 0, len(bad))
            if end - first > 2 * round(_SHORTEST_SEARCH_S / BLOCK_S)
        ]
        return max(loud, default=0) / RATE_HZ

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


def flat(samples: Samples, rate_hz: int) -> Flat:
    """A sound at 16 kHz, in speech's band, every stretch and every part of its spectrum as loud."""
    sound = _resampled(samples, rate_hz)
    window = np.sqrt(scipy.signal.get_window("hann", _FRAME)).astype(np.float32)
    hop = _FRAME // 2
    padded = np.pad(sound, (hop, _FRAME + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::hop] * window
    spectra = scipy.fft.rfft(frames, axis=1)
    loud = scipy.ndimage.uniform_filter1d(np.abs(spectra), _SMOOTH_BINS, axis=1)
    spectra /= loud + _FLOOR * _FRAME / 32
    hz = np.fft.rfftfreq(_FRAME, 1 / RATE_HZ)
    spectra[:, (hz < _BAND_HZ[0]) | (hz > _BAND_HZ[1])] = 0.0
    frames = scipy.fft.irfft(spectra, _FRAME, axis=1) * window
    out = np.zeros((len(frames) + 1, hop), dtype=np.float32)
    out[:-1] += frames[:, :hop]
    out[1:] += frames[:, hop:]
    whitened: Flat = out.reshape(-1)[hop : hop + len(sound)]
    return whitened


def _resampled(samples: Samples, rate_hz: int) -> Samples:
    if rate_hz == RATE_HZ:
        return samples.astype(np.float32)
    resampled: Samples = soxr.resample(samples.astype(np.float32), rate_hz, RATE_HZ)
    return resampled


def _levels(sound: Samples) -> Samples:
    """RMS of each block of the sound, over the loudest's."""
    step = round(BLOCK_S * RATE_HZ) // 4
    whole = len(sound) // step * step
    if not whole:
        return np.ones(1, np.float32)
    power = np.mean(sound[:whole].reshape(-1, step).astype(np.float64) ** 2, axis=1)
    level: Samples = np.sqrt(power / max(float(power.max()), 1e-12)).astype(np.float32)
    return level


def _is_quiet(level: Samples, at: int, count: int) -> bool:
    step = round(BLOCK_S * RATE_HZ) // 4
    some = level[max(0, at // step) : max(0, at + count) // step + 1]
    return bool(len(some) == 0 or some.max() < 10 ** (_QUIET_DB / 20))


def _loud_ends(samples: Samples) -> tuple[int, int]:
    """Where digital silence ends and begins again."""
    loud = float(np.abs(samples).max(initial=0.0))
    there = np.flatnonzero(np.abs(samples) > _SILENT * loud)
    return (int(there[0]), int(there[-1]) + 1) if len(there) else (0, 0)


def _peak(scores: Samples, best: int) -> float:
    """How far from a sample the peak lies, by the parabola through it and its neighbours."""
    if not 0 < best < len(scores) - 1:
        return 0.0
    left, here, right = (float(scores[best + step]) for step in (-1, 0, 1))
    bend = left - 2 * here + right
    return 0.0 if bend >= 0.0 else max(-0.5, min(0.5, 0.5 * (left - right) / bend))


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
