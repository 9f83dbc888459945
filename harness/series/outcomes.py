"""From a ruling to what pytest and the shell are told: nothing but a pass is ever a pass."""

from pathlib import Path
from typing import Any

import pytest

from harness.errors import ConsentViolation, ExpectationUnmet, Inconclusive
from harness.model.ruling import KnownOutcome, Ruling, Verdict
from harness.model.series import SeriesRuling
from harness.series.play import Outcome
from harness.series.repeat import Series


def interrupt_of(series: Series) -> BaseException | None:
    """What asked this process to end while the series went on; None where nothing did."""
    stopped_by = series.stopped_by
    return None if isinstance(stopped_by, Exception) else stopped_by


def raise_for_series(series: Series) -> None:
    """Turn a series into what pytest understands; returns only for a pass.

    Where one play was asked for, its ruling stands (the last one's, where those before were not
    provoked); otherwise that of the series. An interrupt comes first, whatever was ruled.
    """
    if (interrupt := interrupt_of(series)) is not None:
        raise interrupt
    ruling = series.ruling
    if ruling.plan.plays == 1 and series.stopped_by is None:
        raise_for(series.outcomes[-1])
        return
    where = f"{ruling.headline} Evidence: {series.record or series.outcomes[-1].evidence}"
    failed = [play for play in ruling.plays if play.verdict is Verdict.FAIL]
    _raise(
        ruling,
        where,
        tuple(dict.fromkeys(cls for play in failed for cls in play.classes)),
        series.stopped_by,
    )


def raise_for(outcome: Outcome) -> None:
    """Turn an outcome into what pytest understands; returns only for a pass.

    An interrupt comes first, whatever was ruled. Known violations, exactly, are an expected
    failure: reported as such, never as passed.
    """
    if outcome.stopped_by is not None and not isinstance(outcome.stopped_by, Exception):
        raise outcome.stopped_by
    ruling = outcome.ruling
    where = f"{ruling.headline} Evidence: {outcome.evidence}"
    found = tuple(dict.fromkeys(finding.cls for finding in ruling.findings))
    _raise(ruling, where, found, outcome.stopped_by)


def _raise(
    ruling: Ruling | SeriesRuling,
    where: str,
    found: tuple[str, ...],
    stopped_by: BaseException | None,
) -> None:
    if ruling.verdict is Verdict.FAIL and ruling.known is KnownOutcome.EXACTLY:
        pytest.xfail(f"fail (known): {', '.join(found)}. {where}")
    if ruling.verdict is Verdict.FAIL:
        broken = ConsentViolation if found else ExpectationUnmet
        raise broken(where) from stopped_by
    if ruling.verdict is not Verdict.PASS or stopped_by is not None:
        raise Inconclusive(where) from stopped_by


def row_of(series: Series) -> dict[str, Any]:
    """What `--sayso-results` says of a scene."""
    last = series.outcomes[-1]
    if series.ruling.plan.plays == 1:
        found = tuple(finding.cls for finding in last.ruling.findings)
        return _row(last.ruling, last.ruling.outcome, found, last.evidence)
    classes = tuple(each.cls for each in series.ruling.classes)
    row = _row(series.ruling, series.ruling.outcome, classes, series.record or last.evidence)
    return {**row, "plays": len(series.outcomes), "series": series.ruling.headline}


def _row(
    ruling: Ruling | SeriesRuling, outcome: str, findings: tuple[str, ...], evidence: Path
) -> dict[str, Any]:
    return {
        "scene": ruling.scene_id,
        "outcome": outcome,
        "findings": list(findings),
        "evidence": str(evidence),
    }
