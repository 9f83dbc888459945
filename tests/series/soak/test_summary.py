"""A night passes only if it came to its end, showed something, and nothing failed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.ruling import Verdict
from harness.model.series import PlayKind
from harness.series.soak import Ended, PlayLine, summary_of

VERDICTS = {PlayKind.PASS: Verdict.PASS, PlayKind.INCONCLUSIVE: Verdict.INCONCLUSIVE}


def play(number: int, kind: PlayKind) -> PlayLine:
    return PlayLine(
        number=number,
        scene=f"portland/{number % 3}",
        kind=kind,
        verdict=VERDICTS.get(kind, Verdict.FAIL),
        classes=("V12",) if kind is PlayKind.FAIL else (),
        headline="",
        activations=0,
        heard_s=60.0,
        evidence=f"plays/{number}",
        manifest_sha256="",
        began_unix_s=0.0,
        took_s=60.0,
    )


def plays(*kinds: PlayKind) -> list[PlayLine]:
    return [play(number, kind) for number, kind in enumerate(kinds, 1)]


@given(st.lists(st.sampled_from(PlayKind), max_size=12), st.sampled_from(Ended), st.floats(0, 1))
def test_nothing_but_a_whole_night_without_a_failure_passes(
    kinds: list[PlayKind], ended: Ended, most: float
) -> None:
    summary = summary_of(plays(*kinds), ended, "", most)
    failed = {PlayKind.FAIL, PlayKind.MISSING} & set(kinds)
    whole = ended in (Ended.TIME, Ended.PLAYED)
    if summary.verdict is Verdict.PASS:
        assert whole and not failed and any(kind.conclusive for kind in kinds)
        assert kinds.count(PlayKind.INCONCLUSIVE) <= most * len(kinds)
    assert (summary.verdict is Verdict.FAIL) == bool(failed)
    assert sum(summary.kinds.values()) == summary.plays == len(kinds)
    assert summary.failures.events <= summary.failures.trials


@pytest.mark.parametrize(
    ("kinds", "verdict"),
    [
        ([], Verdict.INCONCLUSIVE),
        ([PlayKind.INCONCLUSIVE], Verdict.INCONCLUSIVE),
        ([PlayKind.NOT_PROVOKED] * 3, Verdict.INCONCLUSIVE),
        ([PlayKind.PASS] * 19 + [PlayKind.INCONCLUSIVE], Verdict.PASS),
        ([PlayKind.PASS] * 18 + [PlayKind.INCONCLUSIVE] * 2, Verdict.INCONCLUSIVE),
        ([PlayKind.KNOWN, PlayKind.PASS], Verdict.PASS),
        ([PlayKind.PASS] * 99 + [PlayKind.FAIL], Verdict.FAIL),
    ],
)
def test_what_a_night_comes_to(kinds: list[PlayKind], verdict: Verdict) -> None:
    summary = summary_of(plays(*kinds), Ended.TIME, "", 0.05)
    assert summary.verdict is verdict
    assert verdict.upper() in summary.as_markdown()
    assert summary.as_json()["verdict"] == verdict
