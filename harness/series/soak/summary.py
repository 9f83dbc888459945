"""What a night came to: counts, rates with their intervals, and a verdict."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from harness.model.ruling import Verdict
from harness.model.series import HourlyRate, PlayKind, Rate
from harness.report.series_words import hourly_words, rate_words
from harness.series.soak.journal import PlayLine
from harness.series.soak.night import Ended
from harness.series.statistics import hourly_rate, rate

_FAILED = (PlayKind.FAIL, PlayKind.MISSING)


@dataclass(frozen=True, slots=True)
class SceneCount:
    """One scene of the night: plays of each kind, and how often it failed."""

    scene: str
    kinds: dict[PlayKind, int]
    failures: Rate


@dataclass(frozen=True, slots=True)
class Summary:
    """A night. `failures`: of the conclusive plays. `activations`: accidental ones an hour of
    listening. `classes`: violations found, by plays that showed them.
    """

    verdict: Verdict
    reason: str
    plays: int
    kinds: dict[PlayKind, int]
    failures: Rate
    activations: HourlyRate
    classes: dict[str, int]
    scenes: tuple[SceneCount, ...]

    def as_json(self) -> dict[str, Any]:
        """As a program reads it."""
        interval = self.failures.interval
        return {
            "verdict": str(self.verdict),
            "reason": self.reason,
            "plays": self.plays,
            "kinds": {str(kind): count for kind, count in self.kinds.items()},
            "failures": self.failures.events,
            "conclusive": self.failures.trials,
            "failure_share_95": None if interval is None else [interval.low, interval.high],
            "activations": self.activations.events,
            "hours_heard": self.activations.hours,
            "classes": self.classes,
            "scenes": {
                each.scene: {str(kind): count for kind, count in each.kinds.items()}
                for each in self.scenes
            },
        }

    def as_markdown(self) -> str:
        """For people, a merge request, a mail."""
        lines = [f"**{str(self.verdict).upper()}**: {self.reason}", ""]
        lines.append(f"Failed {rate_words(self.failures)}.")
        lines.append(
            f"Accidental activations that sent something: {hourly_words(self.activations)}."
        )
        if self.classes:
            found = ", ".join(f"{cls} in {n}" for cls, n in sorted(self.classes.items()))
            lines.append(f"Violations, by plays: {found}.")
        kinds = [kind for kind in PlayKind if self.kinds.get(kind)]
        lines += ["", "| scene | " + " | ".join(kinds) + " | failed |"]
        lines.append("|---|" + "---|" * (len(kinds) + 1))
        for each in self.scenes:
            counts = " | ".join(str(each.kinds.get(kind, 0)) for kind in kinds)
            lines.append(f"| {each.scene} | {counts} | {rate_words(each.failures)} |")
        return "\n".join(lines) + "\n"


def summary_of(
    plays: Sequence[PlayLine], ended: Ended, why: str, inconclusive_at_most: float
) -> Summary:
    """What the plays came to. A night that ended before its time, without a conclusive play or with
    too many inconclusive ones proves nothing; one failure fails it.
    """
    kinds = Counter(play.kind for play in plays)
    by_scene: dict[str, list[PlayLine]] = {}
    for play in plays:
        by_scene.setdefault(play.scene, []).append(play)
    verdict, reason = _verdict(kinds, ended, why, inconclusive_at_most)
    return Summary(
        verdict,
        reason,
        len(plays),
        dict(kinds),
        _failures(plays),
        hourly_rate(sum(p.activations for p in plays), sum(p.heard_s for p in plays) / 3600),
        dict(Counter(cls for play in plays for cls in play.classes)),
        tuple(_scene(name, of) for name, of in sorted(by_scene.items())),
    )


def _verdict(
    kinds: Counter[PlayKind], ended: Ended, why: str, inconclusive_at_most: float
) -> tuple[Verdict, str]:
    failed = sum(kinds[kind] for kind in _FAILED)
    total, told = sum(kinds.values()), f"; {why}" if why else ""
    if failed:
        return Verdict.FAIL, f"{failed} of {total} plays failed; {ended}{told}."
    if ended not in (Ended.TIME, Ended.PLAYED):
        return Verdict.INCONCLUSIVE, f"{ended}{told}."
    if not any(kind.conclusive for kind in kinds):
        return Verdict.INCONCLUSIVE, f"no play of {total} was conclusive; {ended}."
    share = kinds[PlayKind.INCONCLUSIVE] / total
    if share > inconclusive_at_most:
        return (
            Verdict.INCONCLUSIVE,
            f"{kinds[PlayKind.INCONCLUSIVE]} of {total} plays were inconclusive, more than "
            f"{100 * inconclusive_at_most:g} %; {ended}.",
        )
    return Verdict.PASS, f"no play of {total} failed; {ended}."


def _failures(plays: Sequence[PlayLine]) -> Rate:
    conclusive = [play for play in plays if play.kind.conclusive]
    return rate(sum(play.kind in _FAILED for play in conclusive), len(conclusive))


def _scene(name: str, plays: Sequence[PlayLine]) -> SceneCount:
    return SceneCount(name, dict(Counter(play.kind for play in plays)), _failures(plays))
