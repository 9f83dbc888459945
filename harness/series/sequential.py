"""A sequential test: stops a series as soon as its question is settled.

Wald's sequential probability ratio test (A. Wald, Sequential Analysis, 1947, chapters 3 and 5) for
a share p of plays: after each play the likelihood of what was seen under p1 is divided by that
under p0; at (1 - beta) / alpha or more it says "more often than p0", at beta / (1 - alpha) or less
"rarer than p1". Cut off after a last play it may end without an answer, which is never taken for
one.

Wald's bounds on the error rates are approximations, and cutting off moves them. So the paths to
every possible end are counted, exactly, and the real rates follow from these counts. So does the
interval: after a series that ended *because of* what was seen, that of Clopper and Pearson no
longer holds. Ends are put in the order in which they speak for a higher share (stage-wise: earlier
at a boundary speaks louder; Jennison and Turnbull, Technometrics 25, 1983), and the interval is
read off the chances of an end at least as far out.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy

from harness.model.series import Decision, ErrorRates, Interval, Question, Rate, Sides
from harness.series.statistics import CONFIDENCE

Chances = np.ndarray[tuple[int], np.dtype[np.float64]]
STAGE_WISE = "exact after a sequential test, stage-wise order"


def decide(question: Question, events: int, plays: int) -> Decision:
    """What `events` in `plays` say."""
    passes = plays - events
    ratio = events * math.log(question.p1 / question.p0) + passes * (
        math.log1p(-question.p1) - math.log1p(-question.p0)
    )
    if ratio >= math.log((1 - question.beta) / question.alpha):
        return Decision.OFTENER
    if ratio <= math.log(question.beta / (1 - question.alpha)):
        return Decision.RARER
    return Decision.OPEN


def fewest_plays(question: Question) -> int:
    """How many plays without an event it takes to say "rarer than p1"."""
    step = math.log1p(-question.p1) - math.log1p(-question.p0)
    plays = max(1, math.floor(math.log(question.beta / (1 - question.alpha)) / step) - 1)
    while decide(question, 0, plays) is not Decision.RARER:
        plays += 1
    return plays


@dataclass(frozen=True, slots=True)
class End:
    """A way a test can end: after so many plays with so many events, reached by `paths` orders."""

    plays: int
    events: int
    decision: Decision
    paths: int

    @property
    def rank(self) -> tuple[int, int]:
        """Its place in the stage-wise order: the higher, the louder it speaks for a high share."""
        match self.decision:
            case Decision.RARER:
                return 0, self.plays
            case Decision.OPEN:
                return 1, self.events
            case Decision.OFTENER:
                return 2, -self.plays


@lru_cache(maxsize=4)
def ends(question: Question, most: int) -> tuple[End, ...]:
    """Every way the test can end when it is cut off after `most` plays, in stage-wise order."""
    found: list[End] = []
    going = Counter({0: 1})
    for plays in range(1, most + 1):
        reached: Counter[int] = Counter()
        for events, paths in going.items():
            reached[events] += paths
            reached[events + 1] += paths
        going = Counter()
        for events, paths in reached.items():
            decision = decide(question, events, plays)
            if decision is Decision.OPEN and plays < most:
                going[events] = paths
            else:
                found.append(End(plays, events, decision, paths))
        if not going:
            break
    return tuple(sorted(found, key=lambda end: end.rank))


def chances(of: Sequence[End], p: float) -> Chances:
    """The chance of each end where the true share is `p` (0..1)."""
    logs = np.array([math.log(end.paths) for end in of])
    events = np.array([end.events for end in of])
    passes = np.array([end.plays - end.events for end in of])
    whole = logs + scipy.special.xlogy(events, p) + scipy.special.xlog1py(passes, -p)
    return np.asarray(np.exp(whole), dtype=np.float64)


def error_rates(question: Question, most: int) -> ErrorRates:
    """The real error rates of the test when it is cut off after `most` plays."""
    every = ends(question, most)
    plays = np.array([end.plays for end in every])
    at_p0, at_p1 = chances(every, question.p0), chances(every, question.p1)
    is_open = np.array([end.decision is Decision.OPEN for end in every])
    often = np.array([end.decision is Decision.OFTENER for end in every])
    rare = np.array([end.decision is Decision.RARER for end in every])
    return ErrorRates(
        alpha=float(at_p0[often].sum()),
        beta=float(at_p1[rare].sum()),
        open_p0=float(at_p0[is_open].sum()),
        open_p1=float(at_p1[is_open].sum()),
        mean_plays_p0=float(at_p0 @ plays),
        mean_plays_p1=float(at_p1 @ plays),
    )


def sequential_rate(
    question: Question, events: int, plays: int, confidence: float = CONFIDENCE
) -> Rate:
    """A share with its interval, where the series may have ended because of what was seen.

    `ValueError` where the test would have ended before, so that it cannot have come to this.
    """
    if plays == 0:
        return Rate(events, plays, None)
    # What could have come after the last play changes nothing of the chances up to it.
    every = ends(question, plays)
    at = next((n for n, e in enumerate(every) if (e.plays, e.events) == (plays, events)), None)
    if at is None:
        raise ValueError(f"{events} of {plays}: this test would have ended before")
    sides = Sides.TWO if events else Sides.ONE
    tail = (1 - confidence) / 2 if events else 1 - confidence
    low = _root(every[at:], tail) if at > 0 else 0.0
    high = 1.0 - _root(every[: at + 1], tail, falling=True) if at + 1 < len(every) else 1.0
    return Rate(events, plays, Interval(low, high, confidence, sides, STAGE_WISE))


def _root(of: Sequence[End], tail: float, *, falling: bool = False) -> float:
    """The share (or, falling, its complement) at which the chance of these ends is `tail`."""

    def excess(x: float) -> float:
        return float(chances(of, 1.0 - x if falling else x).sum()) - tail

    return float(scipy.optimize.brentq(excess, 0.0, 1.0, xtol=1e-12, rtol=1e-12))
