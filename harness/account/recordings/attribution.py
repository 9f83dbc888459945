"""Ours, foreign or unknown: one recording held against the log.

`Limits` were set on one set of recordings and are measured on another (`benchmarks.account`).
What is in between is unknown, and unknown is never taken for ours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from harness.account.recordings.holding import PIECE, SLACK, Held, hold, loud_pieces
from harness.account.recordings.landmarks import HOP, Index, of_log, of_query, seconds_of
from harness.account.recordings.log import Gap, OpenLog, RunLine
from harness.ears.band import RATE_HZ, Samples
from harness.model.account import Whose


@dataclass(frozen=True, slots=True)
class Limits:
    """When a recording is ours, and when it is not.

    `piece`: power from which on a piece of it (0.5 s) is found, if it has no less than a share
    `fades` of what its good pieces have. `ours`: share of its loud pieces that must be found;
    `missing`: so many in a row may not. `foreign`: with a smaller share it is a stranger's. Of a
    short recording more is asked: with fewer than `short` loud pieces no more than `missing_short`
    may miss in a row; with fewer than `shortest` it is a stranger's only below `foreign_shortest`.
    `pieces`: with fewer loud ones nothing is said. `places`: so many are looked at at most, those
    that share at least `votes` landmarks.
    """

    piece: float = 13.0
    fades: float = 0.1
    ours: float = 0.72
    missing: int = 2
    foreign: float = 0.6
    short: int = 13
    missing_short: int = 1
    shortest: int = 8
    foreign_shortest: float = 0.35
    pieces: int = 2
    places: int = 3
    votes: int = 5

    def is_ours(self, share: float, missing: int, pieces: int) -> bool:
        """Whether so much of so many loud pieces is enough."""
        may_miss = self.missing_short if pieces < self.short else self.missing
        return share >= self.ours and missing <= may_miss

    def is_foreign(self, share: float, pieces: int) -> bool:
        """Whether so much is no more than a word or two that others say too."""
        return share < (self.foreign_shortest if pieces < self.shortest else self.foreign)


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whose a recording is, and why in one sentence.

    `share`: of its loud pieces, how many were found at the best place. `run`, `at_s`: where that
    is, on the run's clock; None where there is none.
    """

    whose: Whose
    why: str
    share: float = 0.0
    run: str | None = None
    at_s: float | None = None


@dataclass(frozen=True, slots=True)
class _Place:
    run: RunLine
    at_s: float
    share: float
    missing: int
    pieces: int


class Attributor:
    """Says whose recordings are.

    `elsewhere`: logs of other accounts, on which the same may have been played.
    """

    def __init__(
        self,
        log: OpenLog,
        gaps: Sequence[Gap] = (),
        elsewhere: Sequence[OpenLog] = (),
        limits: Limits | None = None,
    ) -> None:
        self._log = log
        self._gaps = tuple(gaps)
        self._elsewhere = tuple(elsewhere)
        self._limits = limits or Limits()

    def of(
        self, recording: Samples, recorded_unix_s: float | None = None, unsure_s: float = 0.0
    ) -> Attribution:
        """Whose a recording (8 kHz, from `band`) is.

        `recorded_unix_s` +- `unsure_s`: when it was recorded, where that is known; it only tells
        whether the log has a gap there.
        """
        starts = loud_pieces(recording)
        if len(starts) < self._limits.pieces:
            return Attribution(Whose.UNKNOWN, "too little sounds in it to tell")
        best = self._best(self._log, recording, starts)
        others = [self._best(log, recording, starts) for log in self._elsewhere]
        played_elsewhere = any(other and self._is_ours(other) for other in others)
        if best is not None and self._is_ours(best):
            return _ours(best, played_elsewhere)
        if played_elsewhere:
            share = best.share if best else 0.0
            return Attribution(Whose.FOREIGN, "it was played on another account", share)
        return self._not_ours(best, recorded_unix_s, unsure_s)

    def _is_ours(self, place: _Place) -> bool:
        return self._limits.is_ours(place.share, place.missing, place.pieces)

    def _not_ours(
        self, best: _Place | None, recorded_unix_s: float | None, unsure_s: float
    ) -> Attribution:
        for gap in self._gaps:
            if gap.may_hold(recorded_unix_s, unsure_s):
                why = f"it is not in the log, which has a gap: {gap.why}"
                return Attribution(Whose.UNKNOWN, why, best.share if best else 0.0)
        if best is None:
            return Attribution(Whose.FOREIGN, "nothing in the log is like it")
        if self._limits.is_foreign(best.share, best.pieces):
            why = f"{best.share:.0%} of it is in the log at most, as a word or two may be"
            return Attribution(Whose.FOREIGN, why, best.share)
        why = f"{best.share:.0%} of it is in the log: neither all of it nor little enough"
        return Attribution(Whose.UNKNOWN, why, best.share, best.run.run, best.at_s)

    def _best(self, log: OpenLog, recording: Samples, starts: tuple[int, ...]) -> _Place | None:
        best: _Place | None = None
        for place in self._places(log, recording, starts):
            if best is None or (place.share, -place.missing) > (best.share, -best.missing):
                best = place
            if self._is_ours(best):
                break
        return best

    def _places(
        self, log: OpenLog, recording: Samples, starts: tuple[int, ...]
    ) -> Iterator[_Place]:
        limits = self._limits
        for frame, _ in log.index.places(of_query(recording), limits.places, limits.votes):
            track = log.track_at(frame)
            if track is None:
                continue
            start = (frame - track.base) * HOP
            around = log.sound(track, start - SLACK, len(recording) + 2 * SLACK + PIECE)
            held = hold(recording, around, starts)
            at_s = track.starts_at_s + seconds_of(frame - track.base) + held.lag / RATE_HZ
            yield _Place(track.run, at_s, *_found(held, limits), len(starts))


def found_in(recording: Samples, sound: Samples, limits: Limits | None = None) -> int | None:
    """From which sample on a recording lies in a sound, by the limits for what is ours.

    Both at 8 kHz, from `band`. None where it does not, or where too little sounds in it to tell.
    """
    limits, starts = limits or Limits(), loud_pieces(recording)
    if len(starts) < limits.pieces:
        return None
    over = SLACK + PIECE + len(recording)
    padded = np.pad(sound, over)
    marks = of_log(sound)
    index = Index(lambda: [marks], len(sound) // HOP)
    for frame, _ in index.places(of_query(recording), limits.places, limits.votes):
        first = max(0, over + frame * HOP - SLACK)
        around = padded[first : first + len(recording) + 2 * SLACK + PIECE]
        if len(around) < len(recording) + 2 * SLACK + PIECE:
            continue
        held = hold(recording, around, starts)
        share, missing = _found(held, limits)
        if limits.is_ours(share, missing, len(starts)):
            return frame * HOP + held.lag
    return None


def _found(held: Held, limits: Limits) -> tuple[float, int]:
    """The share of pieces found, and how many are missing in a row at most."""
    least = max(limits.piece, limits.fades * float(np.quantile(held.pieces, 0.75)))
    found = np.array(held.pieces) >= least
    longest = row = 0
    for is_found in found:
        row = 0 if is_found else row + 1
        longest = max(longest, row)
    return float(found.mean()), longest


def _ours(place: _Place, played_elsewhere: bool) -> Attribution:
    where = (place.share, place.run.run, place.at_s)
    if played_elsewhere:
        why = "it was played here and on another account: whose this one is nothing tells"
        return Attribution(Whose.UNKNOWN, why, *where)
    return Attribution(Whose.OURS, f"it was played or heard in {place.run.run}", *where)
