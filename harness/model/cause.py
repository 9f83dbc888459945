"""What is said of a causal test: plays with a stimulus and without it, and what came of them."""

from dataclasses import dataclass
from enum import StrEnum

from harness.errors import UserError
from harness.model.ruling import Verdict
from harness.model.series import MOST_PLAYS, Interval, PlayKind, StopReason

EVERYWHERE = "all destinations together"
_LEAST_OF_AN_ARM = 3
_LONGEST_PAUSE_S = 3600.0


class Arm(StrEnum):
    """What is done in one play: the stimulus said, left out, or said later."""

    SAID = "said"
    SILENT = "silent"
    SHIFTED = "shifted"


class Measure(StrEnum):
    """What is counted of the traffic: payload bytes, or bursts that begin."""

    BYTES = "bytes"
    BURSTS = "bursts"


class CauseAnswer(StrEnum):
    """Whether the device sends because of what was said.

    `NOT_CAUSED`: no, within a bound that the series had the power to show. `NOT_SHOWN`: it showed
    nothing either way.
    """

    CAUSED = "caused"
    NOT_CAUSED = "not caused"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class CausePlan:
    """A causal test as it was planned.

    `plays`: of all arms together. `seed`: order and resampling come from it. `shift_s`: so much
    later the stimulus comes in the shifted arm, None without that arm. `follow_s`: so long after
    the stimulus everything is watched. `alpha`: accepted chance to call a device guilty that is
    not. `resamples`: of the permutation test, where not all orders are counted. `least_bytes`: the
    smallest leak that the test must be able to find before it may say "not caused"; `power`: how
    surely. `most_left_out`: share of plays that may be inconclusive. `UserError` where it makes no
    sense.
    """

    plays: int = 24
    seed: int = 0
    shift_s: float | None = None
    follow_s: float = 60.0
    alpha: float = 0.01
    resamples: int = 9999
    least_bytes: int = 2000
    power: float = 0.95
    most_left_out: float = 0.2
    pause_s: float = 30.0

    def __post_init__(self) -> None:
        least = _LEAST_OF_AN_ARM * len(self.arms)
        if not least <= self.plays <= MOST_PLAYS:
            raise UserError(
                f"a causal test takes {least} to {MOST_PLAYS} plays, {_LEAST_OF_AN_ARM} of each "
                f"kind at least, not {self.plays}"
            )
        if self.shift_s is not None and not self.shift_s > 0:
            raise UserError(f"the stimulus is shifted by more than 0 s, not by {self.shift_s:g} s")
        if not self.follow_s > 0:
            raise UserError(f"it is watched for more than 0 s, not for {self.follow_s:g} s")
        if not 0 <= self.pause_s <= _LONGEST_PAUSE_S:
            raise UserError(f"a pause lasts 0 to {_LONGEST_PAUSE_S:g} s, not {self.pause_s:g} s")
        for name, share in (("alpha", self.alpha), ("power", self.power)):
            if not 0 < share < 1:
                raise UserError(f"{name} lies between 0 and 1, not at {share:g}")
        if self.resamples < 1 / self.alpha:
            raise UserError(f"{self.resamples} resamples can never come to p = {self.alpha:g}")

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The kinds of plays it has."""
        shifted = () if self.shift_s is None else (Arm.SHIFTED,)
        return (Arm.SAID, Arm.SILENT, *shifted)


@dataclass(frozen=True, slots=True)
class Stage:
    """When things come in every play (s): the stimulus in the said arm, its end, the shift of the
    shifted arm (0 without one), and until when everything is watched.
    """

    onset_s: float
    spoken_until_s: float
    shift_s: float
    until_s: float

    @property
    def reach_s(self) -> float:
        """The longest delay after the beginning of the stimulus that every arm watches."""
        return self.until_s - self.onset_s - self.shift_s

    def onset_in(self, arm: Arm) -> float:
        """When the stimulus begins in a play of `arm`; where none is said, when it would."""
        return self.onset_s + (self.shift_s if arm is Arm.SHIFTED else 0.0)


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the traffic: to whom, what is counted, and the window (s) after the beginning of the
    stimulus.
    """

    destination: str
    measure: Measure
    from_s: float
    until_s: float


@dataclass(frozen=True, slots=True)
class Effect:
    """What the stimulus adds at a place, a play: bytes and bursts.

    `interval`: of the bytes. `above`: in so many of the `stimulated` plays it sent more bytes there
    than in any play in which nothing was said.
    """

    place: Place
    p: float
    extra_bytes: float
    interval: Interval
    extra_bursts: float
    above: int
    stimulated: int


@dataclass(frozen=True, slots=True)
class Bound:
    """The smallest leak (bytes after each stimulus, in a burst of its own) that would have been
    found with the power asked for, where it is hardest to find; None where none of the sizes tried
    would have been.
    """

    least_bytes: int | None
    destination: str
    delay_s: float
    power: float


@dataclass(frozen=True, slots=True)
class Course:
    """What the plays of an arm sent to `destination` after the stimulus, on average: bytes in each
    step of `step_s` from its beginning on. Silent plays count from when it would have begun.
    """

    arm: Arm
    destination: str
    step_s: float
    mean_bytes: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class CausePlay:
    """One play of a causal test.

    `kind`: of its own ruling. `left_out`: why its traffic does not count, empty where it does.
    `suspected`: the classes that its ruling suspects; `proven`: those that it holds for proven once
    what the test found is taken for certain. `evidence`: its folder's name; `manifest_sha256`: what
    seals it, empty where it was not sealed.
    """

    number: int
    arm: Arm
    kind: PlayKind
    left_out: str
    headline: str
    suspected: tuple[str, ...]
    proven: tuple[str, ...]
    evidence: str
    manifest_sha256: str


@dataclass(frozen=True, slots=True)
class CauseRuling:
    """The ruling of a causal test.

    `order`: the arms as they were drawn, before anything was played. `p`: chance of traffic that
    sets said and silent plays so far apart, or farther, where the stimulus causes nothing; None
    where it could not be asked. `exact`: every order was counted, else `resamples` were drawn.
    `effects`: by destination, the one that stands out most first. `bound`: None where a cause was
    found, or nothing could be asked. `classes`: what the plays prove with what was found.
    `courses`: of each arm, for the picture. `made_again`: folders of plays that an interrupt cut
    short, in whose place the test was gone on with; they count for nothing.
    """

    scene_id: str
    title: str
    device: str
    firmware: str
    plan: CausePlan
    stage: Stage
    device_address: str
    order: tuple[Arm, ...]
    stop: StopReason
    stopped_by: str
    verdict: Verdict
    answer: CauseAnswer
    headline: str
    p: float | None
    exact: bool
    resamples: int
    places: int
    effects: tuple[Effect, ...]
    bound: Bound | None
    classes: tuple[str, ...]
    courses: tuple[Course, ...]
    plays: tuple[CausePlay, ...]
    made_again: tuple[str, ...] = ()

    @property
    def counted(self) -> tuple[CausePlay, ...]:
        """The plays whose traffic counts."""
        return tuple(play for play in self.plays if not play.left_out)
