"""From rulings to the ruling of a series: pure, like the judge.

One failure in a series is a failure, whatever the other plays did. An inconclusive play is counted
and makes the series inconclusive, unless fewer conclusive plays were said to be enough. A listed
violation may come in some plays only: over the series it is known when it came in any of them, and
vanished when it came in none although it was provoked.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from statistics import median

from harness.model.record import rounded
from harness.model.ruling import KnownOutcome, Ruling, Verdict
from harness.model.series import (
    ClassRate,
    Decision,
    PlayKind,
    Rate,
    SeriesPlan,
    SeriesPlay,
    SeriesRuling,
    StopReason,
)
from harness.report.series_words import headline
from harness.series.sequential import decide, error_rates, sequential_rate
from harness.series.statistics import hourly_rate, rate

_WHOLE = (StopReason.PLAYED, StopReason.SETTLED)
_IN_A_PASS = {PlayKind.PASS, PlayKind.INCONCLUSIVE}
_S_PER_HOUR = 3600.0


def play_of(
    number: int, ruling: Ruling, evidence: str, manifest_sha256: str, *, stopped: bool
) -> SeriesPlay:
    """One play as the series sees it. `stopped`: something cut it short."""
    return SeriesPlay(
        number=number,
        kind=kind_of(ruling, stopped=stopped),
        verdict=ruling.verdict,
        known=ruling.known,
        headline=ruling.headline,
        stopped=stopped,
        classes=tuple(dict.fromkeys(finding.cls for finding in ruling.findings)),
        unmet=bool(ruling.unmet),
        activations=sum(f.grade is not None for f in (*ruling.findings, *ruling.budgeted)),
        heard_s=ruling.scene_s + ruling.watched_s,
        evidence=evidence,
        manifest_sha256=manifest_sha256,
        pre_rolls_s=tuple(each.before_s for each in ruling.pre_rolls),
    )


def kind_of(ruling: Ruling, *, stopped: bool) -> PlayKind:
    """What a play adds. A proven failure stays one, even where the play was cut short."""
    failed = ruling.verdict is Verdict.FAIL
    as_listed = (KnownOutcome.EXACTLY, KnownOutcome.VANISHED, KnownOutcome.NOT_PROVOKED)
    if failed and ruling.known not in as_listed:
        return PlayKind.FAIL
    if stopped:
        return PlayKind.INCONCLUSIVE
    if ruling.known is KnownOutcome.NOT_PROVOKED:
        return PlayKind.NOT_PROVOKED
    if failed:
        exactly = ruling.known is KnownOutcome.EXACTLY
        return PlayKind.KNOWN if exactly else PlayKind.MISSING
    passed = ruling.verdict is Verdict.PASS and ruling.known is KnownOutcome.NONE_LISTED
    return PlayKind.PASS if passed else PlayKind.INCONCLUSIVE


def next_stop(
    plan: SeriesPlan, plays: Sequence[SeriesPlay], barren_limit: int
) -> StopReason | None:
    """Why no further play is made; None where one is.

    A play that was not provoked is made again and counts for none of those asked for;
    `barren_limit` plays in a row that show nothing end the series.
    """
    if _decision(plan, plays) not in (None, Decision.OPEN):
        return StopReason.SETTLED
    if sum(play.kind is not PlayKind.NOT_PROVOKED for play in plays) >= plan.plays:
        return StopReason.PLAYED
    last = plays[-barren_limit:]
    if len(last) == barren_limit and not any(play.kind.conclusive for play in last):
        return StopReason.BARREN
    return None


def rule_series(
    plan: SeriesPlan,
    listed: tuple[str, ...],
    stop: StopReason,
    rulings: Sequence[Ruling],
    plays: Sequence[SeriesPlay],
    stopped_by: str = "",
) -> SeriesRuling:
    """Rule on a series of at least one play; `rulings` and `plays` go together.

    `listed`: the violations that the rig is known for in this scene. `stopped_by`: what went
    wrong, in words.
    """
    told = [play for play in plays if play.kind.conclusive]
    decision = _decision(plan, plays)
    verdict, known = _verdict(listed, plays, whole=_is_whole(plan, stop, plays, decision))
    errors = error_rates(plan.question, plan.plays) if plan.question is not None else None
    counts = Counter(play.kind for play in plays)
    ruling = SeriesRuling(
        scene_id=rulings[0].scene_id,
        title=rulings[0].title,
        device=rulings[0].device,
        firmware=rulings[0].firmware,
        listed=listed,
        plan=plan,
        stop=stop,
        stopped_by=stopped_by,
        verdict=verdict,
        known=known,
        headline="",
        counts=tuple((kind, counts[kind]) for kind in PlayKind if counts[kind]),
        conclusive=len(told),
        failures=_failures(plan, told),
        shown=_shown(plan, listed, told),
        classes=_classes(plan, told),
        activations=hourly_rate(
            sum(play.activations for play in told),
            sum(play.heard_s for play in told) / _S_PER_HOUR,
        ),
        decision=decision,
        error_rates=errors,
        plays=tuple(plays),
        pre_roll_median_s=median(sent)
        if (sent := [s for p in plays for s in p.pre_rolls_s])
        else None,
    )
    return rounded(replace(ruling, headline=headline(ruling)))


def _decision(plan: SeriesPlan, plays: Sequence[SeriesPlay]) -> Decision | None:
    """What the sequential test says of the conclusive plays; None without a question."""
    if plan.question is None:
        return None
    failed = sum(play.kind is PlayKind.FAIL for play in plays)
    return decide(plan.question, failed, sum(play.kind.conclusive for play in plays))


def _failures(plan: SeriesPlan, told: Sequence[SeriesPlay]) -> Rate:
    failed = sum(play.kind is PlayKind.FAIL for play in told)
    if plan.question is None:
        return rate(failed, len(told))
    return sequential_rate(plan.question, failed, len(told))


def _shown(plan: SeriesPlan, listed: tuple[str, ...], told: Sequence[SeriesPlay]) -> Rate | None:
    """How often anything listed was found."""
    if not listed:
        return None
    found = sum(not set(listed).isdisjoint(play.classes) for play in told)
    return _side_rate(plan, found, len(told))


def _side_rate(plan: SeriesPlan, found: int, plays: int) -> Rate:
    """How often something was found that ends no series by itself.

    Without interval in a sequential series, which may have ended because of just these plays.
    """
    return rate(found, plays) if plan.question is None else Rate(found, plays, None)


def _classes(plan: SeriesPlan, told: Sequence[SeriesPlay]) -> tuple[ClassRate, ...]:
    """How often each class was found."""
    found = Counter(cls for play in told for cls in play.classes)
    return tuple(
        ClassRate(cls, _side_rate(plan, count, len(told))) for cls, count in sorted(found.items())
    )


def _is_whole(
    plan: SeriesPlan, stop: StopReason, plays: Sequence[SeriesPlay], decision: Decision | None
) -> bool:
    """Whether the series may say more than what it proved: that something does not happen."""
    if stop not in _WHOLE or decision not in (None, Decision.RARER):
        return False
    if stop is StopReason.SETTLED and decision is None:
        return False
    told = sum(play.kind.conclusive for play in plays)
    open_plays = sum(play.kind is PlayKind.INCONCLUSIVE for play in plays)
    if stop is StopReason.PLAYED and told + open_plays < plan.plays:
        return False
    return told >= plan.enough if plan.enough else told > 0 and open_plays == 0


def _verdict(
    listed: tuple[str, ...], plays: Sequence[SeriesPlay], *, whole: bool
) -> tuple[Verdict, KnownOutcome]:
    """The verdict, and how all that was found compares with the list."""
    kinds = {play.kind for play in plays}
    if PlayKind.FAIL in kinds:
        return Verdict.FAIL, KnownOutcome.NEW if listed else KnownOutcome.NONE_LISTED
    if listed:
        return _listed_verdict(set(listed), plays, whole=whole)
    if any(play.verdict is Verdict.FAIL for play in plays):
        return Verdict.FAIL, KnownOutcome.NEW
    passed = whole and PlayKind.PASS in kinds and kinds <= _IN_A_PASS
    return (Verdict.PASS if passed else Verdict.INCONCLUSIVE), KnownOutcome.NONE_LISTED


def _listed_verdict(
    listed: set[str], plays: Sequence[SeriesPlay], *, whole: bool
) -> tuple[Verdict, KnownOutcome]:
    """Nothing but listed violations: all of them in one play or another, or some never."""
    told = [play for play in plays if play.kind is not PlayKind.INCONCLUSIVE]
    if listed <= {cls for play in told for cls in play.classes}:
        if whole:
            return Verdict.FAIL, KnownOutcome.EXACTLY
        return Verdict.INCONCLUSIVE, KnownOutcome.UNPROVEN
    if any(play.kind is PlayKind.MISSING for play in plays):
        return Verdict.FAIL, KnownOutcome.VANISHED
    if any(play.verdict is Verdict.FAIL for play in plays):
        return Verdict.FAIL, KnownOutcome.NOT_PROVOKED
    return Verdict.INCONCLUSIVE, KnownOutcome.NOT_PROVOKED
