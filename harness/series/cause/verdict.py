"""From the evidence of the plays to the ruling of a causal test: no device, no clock, no chance.

What is drawn is drawn from the plan's seed, so the same plays give the same ruling.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from harness.evidence.read import read_case
from harness.model.case import Case
from harness.model.cause import (
    EVERYWHERE,
    Arm,
    Bound,
    CauseAnswer,
    CausePlan,
    CausePlay,
    CauseRuling,
    Course,
    Effect,
    Stage,
)
from harness.model.record import rounded
from harness.model.ruling import Ruling, Verdict
from harness.model.series import PlayKind, StopReason
from harness.model.timeline import LineSpoken, Watched
from harness.report.cause_words import headline
from harness.series.cause.effect import effects
from harness.series.cause.order import resampling_rng
from harness.series.cause.permutation import permuted
from harness.series.cause.power import bound
from harness.series.cause.proven import taken_for_certain, without_suspicion
from harness.series.cause.traffic import play_traffic
from harness.series.cause.windows import PlayTraffic, table
from harness.series.verdict import kind_of

LEAST_OF_AN_ARM = 3
CUT_SHORT = "it was cut short"
"""Why a play is left out that did not come to its end."""
_STEPS = 60
"""Of the courses in the picture."""
_LATE_S = 0.25
"""A stimulus that began so much before or after its time is at another delay."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What is known before anything is played."""

    scene_id: str
    title: str
    device: str
    firmware: str
    plan: CausePlan
    stage: Stage
    device_address: str
    order: tuple[Arm, ...]


@dataclass(frozen=True, slots=True)
class Played:
    """One play: its arm, evidence folder, the SHA-256 of what seals it, its own ruling, and whether
    something cut it short.
    """

    arm: Arm
    folder: Path
    manifest_sha256: str
    ruling: Ruling
    stopped: bool


@dataclass(frozen=True, slots=True)
class _Told:
    """A play whose traffic counts."""

    number: int
    case: Case
    traffic: PlayTraffic


@dataclass(frozen=True, slots=True)
class _Answered:
    """What the test came to."""

    answer: CauseAnswer = CauseAnswer.NOT_SHOWN
    p: float | None = None
    exact: bool = False
    resamples: int = 0
    places: int = 0
    effects: tuple[Effect, ...] = ()
    bound: Bound | None = None
    courses: tuple[Course, ...] = ()


def rule_cause(
    setup: Setup,
    played: Sequence[Played],
    stop: StopReason,
    stopped_by: str = "",
    made_again: tuple[str, ...] = (),
) -> CauseRuling:
    """Rule on a causal test. The test is made only of a series that came to its end.

    `made_again`: names of folders of plays that were cut short and have another in their place.
    Raises `RigError` where evidence cannot be read.
    """
    cases = [read_case(play.folder, torn_end=True) for play in played]
    plays = [
        _play(setup, number, play, case)
        for number, (play, case) in enumerate(zip(played, cases, strict=True), 1)
    ]
    answered, proven = _Answered(), dict[int, tuple[str, ...]]()
    if stop is StopReason.PLAYED and _enough(setup.plan, plays):
        told = [
            _Told(
                play.number,
                cases[play.number - 1],
                play_traffic(
                    played[play.number - 1].folder, play.arm, setup.stage, setup.device_address
                ),
            )
            for play in plays
            if not play.left_out
        ]
        answered = _answer(setup, told)
        proven = _proven(setup, told, answered)
    made = tuple(replace(p, proven=proven.get(p.number, ())) for p in plays)
    classes = tuple(sorted({cls for found in proven.values() for cls in found}))
    ruling = CauseRuling(
        scene_id=setup.scene_id,
        title=setup.title,
        device=setup.device,
        firmware=setup.firmware,
        plan=setup.plan,
        stage=setup.stage,
        device_address=setup.device_address,
        order=setup.order,
        stop=stop,
        stopped_by=stopped_by,
        verdict=_verdict(answered.answer, classes, made),
        answer=answered.answer,
        headline="",
        p=answered.p,
        exact=answered.exact,
        resamples=answered.resamples,
        places=answered.places,
        effects=answered.effects,
        bound=answered.bound,
        classes=classes,
        courses=answered.courses,
        plays=made,
        made_again=made_again,
    )
    return rounded(replace(ruling, headline=headline(ruling)))


def _play(setup: Setup, number: int, played: Played, case: Case) -> CausePlay:
    ruling = played.ruling
    return CausePlay(
        number=number,
        arm=played.arm,
        kind=kind_of(ruling, stopped=played.stopped),
        left_out=_left_out(setup.stage, played, case),
        headline=ruling.headline,
        suspected=tuple(dict.fromkeys(finding.cls for finding in ruling.suspected)),
        proven=(),
        evidence=played.folder.name,
        manifest_sha256=played.manifest_sha256,
    )


def _left_out(stage: Stage, played: Played, case: Case) -> str:
    """Why the traffic of a play does not count; empty where it does.

    That something is suspected in it is no reason: that is what the test is about.
    """
    if played.stopped:
        return CUT_SHORT
    if why := without_suspicion(case).reasons:
        return why[0]
    watched_s = max((e.until_s for e in case.events if isinstance(e, Watched)), default=0.0)
    if watched_s < stage.until_s - _LATE_S:
        return f"it was watched until {watched_s:.1f} s only, not {stage.until_s:.1f} s"
    begun_s = min((e.start_s for e in case.events if isinstance(e, LineSpoken)), default=None)
    due_s = stage.onset_in(played.arm)
    if begun_s is not None and abs(begun_s - due_s) > _LATE_S:
        return f"the stimulus began at {begun_s:.1f} s, not at {due_s:.1f} s"
    return ""


def _enough(plan: CausePlan, plays: Sequence[CausePlay]) -> bool:
    """Whether so many plays count that the test may be made."""
    counted = Counter(play.arm for play in plays if not play.left_out)
    left_out = len(plays) - counted.total()
    of_each = all(counted[arm] >= LEAST_OF_AN_ARM for arm in plan.arms)
    return of_each and left_out <= plan.most_left_out * len(plays)


def _answer(setup: Setup, told: Sequence[_Told]) -> _Answered:
    plan, rng = setup.plan, resampling_rng(setup.plan)
    counted = table(setup.stage, [each.traffic for each in told])
    tested = permuted(counted, plan.resamples, rng)
    found = effects(counted, tested, plan.alpha, rng) if tested.p <= plan.alpha else ()
    reach, answer = None, CauseAnswer.CAUSED
    if tested.p > plan.alpha:
        reach = bound(counted, plan, rng)
        sure = reach.least_bytes is not None and reach.least_bytes <= plan.least_bytes
        answer = CauseAnswer.NOT_CAUSED if sure else CauseAnswer.NOT_SHOWN
    return _Answered(
        answer=answer,
        p=tested.p,
        exact=tested.exact,
        resamples=len(tested.maxima),
        places=len(counted.places),
        effects=found,
        bound=reach,
        courses=_courses(setup.stage, told, found[0].place.destination if found else EVERYWHERE),
    )


def _courses(stage: Stage, told: Sequence[_Told], destination: str) -> tuple[Course, ...]:
    """The mean course of each arm. Silent plays count from when the said ones begin."""
    edges = np.linspace(0.0, stage.reach_s, _STEPS + 1)
    found: list[Course] = []
    for arm in Arm:
        mine = [each.traffic for each in told if each.traffic.arm is arm]
        if mine:
            total = sum(
                np.histogram(sends.at_s - stage.onset_in(arm), edges, weights=sends.payload)[0]
                for traffic in mine
                for name, sends in traffic.sent.items()
                if destination in (EVERYWHERE, name)
            )
            mean = np.zeros(_STEPS) + np.asarray(total) / len(mine)
            step_s = stage.reach_s / _STEPS
            found.append(Course(arm, destination, step_s, tuple(map(float, mean))))
    return tuple(found)


def _proven(setup: Setup, told: Sequence[_Told], answered: _Answered) -> dict[int, tuple[str, ...]]:
    """What the plays prove in which the cause shows most, by their numbers."""
    if not answered.effects:
        return {}
    found: dict[int, tuple[str, ...]] = {}
    for each in _showing(setup.stage, told, answered.effects[0]):
        ruling = taken_for_certain(each.case, each.traffic, setup.stage, answered.effects)
        found[each.number] = tuple(dict.fromkeys(f.cls for f in ruling.findings))
    return found


def _showing(stage: Stage, told: Sequence[_Told], effect: Effect) -> list[_Told]:
    """The plays with the stimulus that sent more there than any silent one; else the loudest."""
    silent = [each for each in told if each.traffic.arm is Arm.SILENT]
    said = [each for each in told if each.traffic.arm is not Arm.SILENT]
    most = max((_sent(each, stage, effect, arm) for each in silent for arm in Arm), default=0.0)
    amounts = [_sent(each, stage, effect, each.traffic.arm) for each in said]
    showing = [each for each, amount in zip(said, amounts, strict=True) if amount > most]
    return showing or [said[int(np.argmax(amounts))]]


def _sent(told: _Told, stage: Stage, effect: Effect, by: Arm) -> float:
    """Bytes at the effect's place, by the time at which the stimulus comes in an arm."""
    onset_s = stage.onset_in(by)
    from_s, until_s = onset_s + effect.place.from_s, onset_s + effect.place.until_s
    wanted = effect.place.destination
    return sum(
        float(sends.payload[(sends.at_s >= from_s) & (sends.at_s < until_s)].sum())
        for name, sends in told.traffic.sent.items()
        if wanted in (EVERYWHERE, name)
    )


def _verdict(answer: CauseAnswer, classes: tuple[str, ...], plays: Sequence[CausePlay]) -> Verdict:
    """A failure of one play stays one. What is not caused by words may still be what it should not
    be: as long as anything is suspected, nothing passes.
    """
    kinds = {play.kind for play in plays}
    if classes or kinds & {PlayKind.FAIL, PlayKind.KNOWN, PlayKind.MISSING}:
        return Verdict.FAIL
    doubted = any(play.suspected for play in plays) or kinds != {PlayKind.PASS}
    clean = answer is CauseAnswer.NOT_CAUSED and not doubted
    return Verdict.PASS if clean else Verdict.INCONCLUSIVE
