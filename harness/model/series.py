"""What is said of many plays of one scene: how many, how often, how sure, and what it comes to."""

from dataclasses import dataclass
from enum import StrEnum

from harness.errors import UserError
from harness.model.ruling import KnownOutcome, Verdict

MOST_PLAYS = 10_000
_LEAST_SHARE = 1e-6


class Sides(StrEnum):
    """Whether an interval bounds a number from both sides, or from above alone."""

    TWO = "two-sided"
    ONE = "one-sided"


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a number lies, with a confidence of 0..1; `method` is the name in the literature."""

    low: float
    high: float
    confidence: float
    sides: Sides
    method: str


@dataclass(frozen=True, slots=True)
class Rate:
    """`events` in `trials` plays. `interval`: of the share (0..1), None without any trial."""

    events: int
    trials: int
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class HourlyRate:
    """`events` in `hours`. `interval`: of events per hour, None where no time passed."""

    events: int
    hours: float
    interval: Interval | None


@dataclass(frozen=True, slots=True)
class ClassRate:
    """How often one violation class was found, in the conclusive plays."""

    cls: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Question:
    """What a sequential test settles: does it happen in at most `p0` of all plays, or in `p1`?

    `alpha`: accepted chance to say "more often than p0" of a device that does it in p0 of its
    plays; `beta`: to say "more rarely than p1" of one that does it in p1. `UserError` where they
    make no sense.
    """

    p0: float = 0.001
    p1: float = 0.1
    alpha: float = 0.05
    beta: float = 0.05

    def __post_init__(self) -> None:
        if not _LEAST_SHARE <= self.p0 < self.p1 <= 1 - _LEAST_SHARE:
            raise UserError(f"p0 and p1 must be 0 < p0 < p1 < 1, not {self.p0:g} and {self.p1:g}")
        for name, value in (("alpha", self.alpha), ("beta", self.beta)):
            if not _LEAST_SHARE <= value < 0.5:
                raise UserError(f"{name} must lie between 0 and 0.5, not at {value:g}")


class Decision(StrEnum):
    """What a sequential test says so far."""

    RARER = "rarer than p1"
    OFTENER = "more often than p0"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """What a sequential test really does, cut off after its last play; all computed, none claimed.

    `alpha`: chance of "more often" at p0; `beta`: of "rarer" at p1; `open_p0`, `open_p1`: of no
    answer; `mean_plays_p0`, `mean_plays_p1`: conclusive plays until it ends, on average.
    """

    alpha: float
    beta: float
    open_p0: float
    open_p1: float
    mean_plays_p0: float
    mean_plays_p1: float


@dataclass(frozen=True, slots=True)
class SeriesPlan:
    """How long to go on.

    `plays`: as many, or at most as many where `question` is to be settled. `enough`: so many of
    them must be conclusive for a pass; 0 means every one. `UserError` where they make no sense.
    """

    plays: int = 1
    question: Question | None = None
    enough: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.plays <= MOST_PLAYS:
            raise UserError(f"a series has 1 to {MOST_PLAYS} plays, not {self.plays}")
        if not 0 <= self.enough <= self.plays:
            raise UserError(
                f"{self.enough} conclusive plays cannot come of {self.plays}: ask for more plays, "
                "or for fewer conclusive ones"
            )


class PlayKind(StrEnum):
    """What one play adds to a series.

    `KNOWN`: exactly the listed violations. `MISSING`: nothing but listed ones, and one of them
    absent although provoked.
    """

    PASS = "pass"
    FAIL = "fail"
    KNOWN = "fail (known)"
    MISSING = "known one missing"
    NOT_PROVOKED = "not provoked"
    INCONCLUSIVE = "inconclusive"

    @property
    def conclusive(self) -> bool:
        """Whether such a play showed anything."""
        return self not in (PlayKind.NOT_PROVOKED, PlayKind.INCONCLUSIVE)


@dataclass(frozen=True, slots=True)
class SeriesPlay:
    """One play of a series.

    `verdict`, `known`, `headline`: as ruled; the series changes nothing of it. `stopped`: something
    cut it short. `classes`: the violations found, each once. `unmet`: something that was wanted did
    not happen. `activations`: accidental ones, graded discarded or full. `heard_s`: scene and
    watch, in seconds. `evidence`: its folder's name; `manifest_sha256`: what seals it, empty where
    it was not sealed. `pre_rolls_s`: how much sound from before each wake word was sent, negative
    where what was sent begins after the wake word does.
    """

    number: int
    kind: PlayKind
    verdict: Verdict
    known: KnownOutcome
    headline: str
    stopped: bool
    classes: tuple[str, ...]
    unmet: bool
    activations: int
    heard_s: float
    evidence: str
    manifest_sha256: str
    pre_rolls_s: tuple[float, ...] = ()


class StopReason(StrEnum):
    """Why a series ended."""

    PLAYED = "every play asked for was played"
    SETTLED = "the question is settled"
    BARREN = "too many plays in a row showed nothing"
    TROUBLE = "the rig could not go on"
    INTERRUPTED = "interrupted"
    UNFINISHED = "not ended yet, or cut short"


@dataclass(frozen=True, slots=True)
class SeriesRuling:
    """The ruling of a series.

    `listed`: violations known for the scene. `stop`, `stopped_by`: why it ended; the latter in
    words, empty where nothing went wrong. `counts`: plays of each kind. `failures`: of the
    conclusive plays, those that failed otherwise than listed. `shown`: those in which a listed
    violation was found; None where none is listed. `decision`, `error_rates`: of the sequential
    test, None without one. `pre_roll_median_s`: of all plays' `pre_rolls_s`, None where there are
    none.
    """

    scene_id: str
    title: str
    device: str
    firmware: str
    listed: tuple[str, ...]
    plan: SeriesPlan
    stop: StopReason
    stopped_by: str
    verdict: Verdict
    known: KnownOutcome
    headline: str
    counts: tuple[tuple[PlayKind, int], ...]
    conclusive: int
    failures: Rate
    shown: Rate | None
    classes: tuple[ClassRate, ...]
    activations: HourlyRate
    decision: Decision | None
    error_rates: ErrorRates | None
    plays: tuple[SeriesPlay, ...]
    pre_roll_median_s: float | None = None

    @property
    def outcome(self) -> str:
        """`pass`, `inconclusive`, `fail`, or `fail (known)`."""
        if self.verdict is Verdict.FAIL and self.known is KnownOutcome.EXACTLY:
            return "fail (known)"
        return self.verdict.value
