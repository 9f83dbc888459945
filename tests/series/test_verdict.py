"""From rulings to the ruling of a series: one failure is a failure, and nothing is lost."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.model.record import series_from_json, series_to_json
from harness.model.ruling import KnownOutcome, Ruling, Verdict
from harness.model.series import (
    Decision,
    PlayKind,
    Question,
    SeriesPlan,
    SeriesRuling,
    Sides,
    StopReason,
)
from harness.series.verdict import kind_of, next_stop, rule_series
from tests.judge.timelines import ALL_OF_2018
from tests.series.plays import (
    ABSENT,
    ACTIVATION,
    CUT,
    DOUBT,
    DOUBT_LISTED,
    KNOWN,
    KNOWN_BROKEN,
    LEAK,
    NEW,
    NOT_PROVOKED,
    ON_LIST,
    PARTLY,
    PASS,
    REFUSED,
    UNLISTED,
    plays_of,
    series,
)

# A busy machine is no failure.

unlisted = st.lists(st.sampled_from(UNLISTED), min_size=1, max_size=12).map(tuple)
on_list = st.lists(st.sampled_from(ON_LIST), min_size=1, max_size=12).map(tuple)


def counts(ruling: SeriesRuling) -> dict[PlayKind, int]:
    return dict(ruling.counts)


def test_what_a_play_adds() -> None:
    kinds = [kind_of(ruling, stopped=False) for ruling in (*UNLISTED, *ON_LIST)]
    assert kinds == [
        PlayKind.PASS, PlayKind.FAIL, PlayKind.FAIL, PlayKind.FAIL,
        PlayKind.INCONCLUSIVE, PlayKind.INCONCLUSIVE,
        PlayKind.KNOWN, PlayKind.FAIL, PlayKind.MISSING, PlayKind.MISSING,
        PlayKind.NOT_PROVOKED, PlayKind.INCONCLUSIVE, PlayKind.FAIL,
    ]  # fmt: skip


def test_a_play_cut_short_shows_nothing_but_what_it_proved() -> None:
    assert kind_of(PASS, stopped=True) is PlayKind.INCONCLUSIVE
    assert kind_of(NOT_PROVOKED, stopped=True) is PlayKind.INCONCLUSIVE
    assert kind_of(PARTLY, stopped=True) is PlayKind.INCONCLUSIVE
    assert kind_of(LEAK, stopped=True) is PlayKind.FAIL


def test_an_activation_that_a_budget_covers_still_happened() -> None:
    assert ACTIVATION.findings, "an accidental activation, graded"
    budgeted = replace(PASS, budgeted=tuple(f for f in ACTIVATION.findings if f.grade is not None))
    play, covered = plays_of((ACTIVATION, budgeted))
    assert (covered.kind, covered.activations) == (PlayKind.PASS, play.activations)
    assert play.activations > 0


@pytest.mark.parametrize("known", KnownOutcome)
@pytest.mark.parametrize("verdict", Verdict)
def test_only_a_whole_pass_adds_a_pass(verdict: Verdict, known: KnownOutcome) -> None:
    passed = verdict is Verdict.PASS and known is KnownOutcome.NONE_LISTED
    kind = kind_of(replace(PASS, verdict=verdict, known=known), stopped=False)
    assert (kind is PlayKind.PASS) == passed


def test_an_intermittent_leak_is_a_failure_with_its_interval() -> None:
    ruled = series(*(LEAK if n % 13 == 7 else PASS for n in range(40)))
    assert (ruled.outcome, counts(ruled)) == ("fail", {PlayKind.PASS: 37, PlayKind.FAIL: 3})
    assert ruled.headline == "Leaks in 3 of 40 plays, 1.6-20.4 % (95 %)."
    by_class = {each.cls: each.rate for each in ruled.classes}
    assert set(by_class) == set(ALL_OF_2018) and by_class["V04"].events == 3


def test_all_pass_gives_the_one_sided_bound() -> None:
    ruled = series(*[PASS] * 299)
    assert ruled.outcome == "pass"
    assert ruled.headline == "Fails in 0 of 299 plays: below 1 % (95 %, one-sided)."
    interval = ruled.failures.interval
    assert interval is not None and interval.sides is Sides.ONE


def test_refusals_and_leaks_are_told_apart() -> None:
    assert series(REFUSED, PASS).headline.startswith("Wrongly refuses in 1 of 2 plays")
    assert series(REFUSED, LEAK).headline.startswith("Fails in 2 of 2 plays")


def test_an_inconclusive_play_in_the_middle_is_counted_and_no_pass() -> None:
    ruled = series(PASS, PASS, DOUBT, PASS)
    assert (ruled.outcome, ruled.conclusive) == ("inconclusive", 3)
    assert ruled.failures.trials == 3
    assert "only 3 of 4 plays were conclusive, not all" in ruled.headline
    assert "Besides: 1 inconclusive." in ruled.headline
    assert series(PASS, DOUBT, LEAK).outcome == "fail"


def test_fewer_conclusive_plays_may_be_said_to_be_enough() -> None:
    enough = series(PASS, DOUBT, PASS, PASS, plan=SeriesPlan(4, None, 3))
    assert enough.outcome == "pass" and "1 inconclusive" in enough.headline
    too_few = series(PASS, DOUBT, DOUBT, PASS, plan=SeriesPlan(4, None, 3))
    assert too_few.outcome == "inconclusive"
    assert "only 2 of 4 plays were conclusive, not 3" in too_few.headline
    assert series(LEAK, PASS, PASS, PASS, plan=SeriesPlan(4, None, 3)).outcome == "fail"


def test_a_series_of_known_failures_stays_known() -> None:
    ruled = series(*[KNOWN] * 5)
    assert ruled.outcome == "fail (known)"
    assert ruled.headline == (
        "Fails as listed in 5 of 5 plays, 47.8-100 % (95 %); "
        "otherwise in 0 of 5 plays: below 45.1 % (95 %, one-sided)."
    )


def test_a_known_violation_in_some_plays_only_is_known() -> None:
    ruled = series(PARTLY, KNOWN, ABSENT, PARTLY)
    assert ruled.outcome == "fail (known)"
    assert counts(ruled) == {PlayKind.KNOWN: 1, PlayKind.MISSING: 3}
    assert ruled.shown is not None and ruled.shown.events == 3
    assert {each.cls: each.rate.events for each in ruled.classes}["V11"] == 1
    assert "Besides: 3 without all that is listed." in ruled.headline


def test_a_known_violation_in_no_play_has_vanished() -> None:
    ruled = series(PARTLY, PARTLY, ABSENT)
    assert (ruled.outcome, ruled.known) == ("fail", KnownOutcome.VANISHED)
    assert "V07, V08, V11, V20 and V25 did not happen in any play. Fixed?" in ruled.headline


@pytest.mark.parametrize("other", [NEW, KNOWN_BROKEN])
def test_one_that_is_not_as_listed_fails_the_series(other: Ruling) -> None:
    ruled = series(KNOWN, KNOWN, other, KNOWN)
    assert (ruled.outcome, ruled.known) == ("fail", KnownOutcome.NEW)
    assert ruled.headline.startswith("Leaks otherwise than listed in 1 of 4 plays")


def test_known_failures_with_a_doubtful_play_prove_nothing_more() -> None:
    ruled = series(KNOWN, DOUBT_LISTED, KNOWN)
    assert (ruled.verdict, ruled.known) == (Verdict.INCONCLUSIVE, KnownOutcome.UNPROVEN)


def test_what_was_not_provoked_is_counted_apart_and_made_again() -> None:
    plan = SeriesPlan(2)
    plays = plays_of((NOT_PROVOKED, KNOWN, NOT_PROVOKED))
    assert next_stop(plan, plays, 5) is None
    ruled = series(NOT_PROVOKED, KNOWN, NOT_PROVOKED, KNOWN, plan=plan)
    assert (ruled.outcome, ruled.stop) == ("fail (known)", StopReason.PLAYED)
    assert ruled.shown is not None and (ruled.shown.events, ruled.shown.trials) == (2, 2)
    assert "Besides: 2 not provoked." in ruled.headline


def test_never_provoked_is_inconclusive_after_five() -> None:
    plays = plays_of((NOT_PROVOKED,) * 5)
    assert next_stop(SeriesPlan(1), plays[:4], 5) is None
    assert next_stop(SeriesPlan(1), plays, 5) is StopReason.BARREN
    ruled = series(*[NOT_PROVOKED] * 5, plan=SeriesPlan(3))
    assert (ruled.outcome, ruled.known) == ("inconclusive", KnownOutcome.NOT_PROVOKED)
    assert ruled.headline.startswith("Not provoked: nothing is known of V04, V07")


def test_five_plays_in_a_row_that_show_nothing_end_a_series() -> None:
    plays = plays_of((PASS, DOUBT, DOUBT, PASS, *[DOUBT] * 4))
    assert next_stop(SeriesPlan(20), plays, 5) is None
    ruled = series(PASS, *[DOUBT] * 5, plan=SeriesPlan(20))
    assert (ruled.stop, ruled.outcome) == (StopReason.BARREN, "inconclusive")
    assert "Ended after 6 plays, 20 plays asked for" in ruled.headline


CUT_SHORT = [s for s in StopReason if s not in (StopReason.PLAYED, StopReason.SETTLED)]


@pytest.mark.parametrize("stop", CUT_SHORT)
def test_a_series_that_did_not_come_to_its_end_is_never_a_pass(stop: StopReason) -> None:
    for plan in (SeriesPlan(4), SeriesPlan(40), SeriesPlan(40, None, 2)):
        assert series(*[PASS] * 4, plan=plan, stop=stop).outcome == "inconclusive"
        assert series(*[KNOWN] * 4, plan=plan, stop=stop).outcome == "inconclusive"
        assert series(PASS, LEAK, plan=plan, stop=stop).outcome == "fail"


def test_a_series_that_claims_more_than_its_plays_is_no_pass() -> None:
    short = series(PASS, PASS, plan=SeriesPlan(40), stop=StopReason.PLAYED)
    settled = series(PASS, PASS, plan=SeriesPlan(2), stop=StopReason.SETTLED)
    assert short.outcome == settled.outcome == "inconclusive"


@pytest.mark.parametrize("other", ON_LIST)
def test_what_is_on_a_list_that_the_series_does_not_have_never_passes(other: Ruling) -> None:
    rulings = (PASS, PASS, other)
    ruled = rule_series(SeriesPlan(2), (), StopReason.PLAYED, rulings, plays_of(rulings))
    assert ruled.outcome in ("fail", "inconclusive")


def test_an_interrupted_play_is_one_of_the_series() -> None:
    ruled = series(PASS, PASS, CUT, plan=SeriesPlan(10), stop=StopReason.INTERRUPTED, cut=True)
    assert (ruled.outcome, ruled.conclusive, len(ruled.plays)) == ("inconclusive", 2, 3)
    assert "Ended after 3 plays, 10 plays asked for: interrupted." in ruled.headline


# --- until settled --------------------------------------------------------------------------------

USUAL = SeriesPlan(60, Question())


def test_a_leak_settles_the_usual_question_at_once() -> None:
    assert next_stop(USUAL, plays_of((PASS, PASS)), 5) is None
    ruled = series(PASS, PASS, LEAK, plan=USUAL)
    assert (ruled.outcome, ruled.stop) == ("fail", StopReason.SETTLED)
    assert ruled.decision is Decision.OFTENER
    assert "Settled after 3 plays: more often than in 0.1 % of all plays" in ruled.headline
    assert all(each.rate.interval is None for each in ruled.classes)


def test_29_passes_settle_it_and_inconclusive_plays_count_for_nothing() -> None:
    ruled = series(*[PASS] * 29, plan=USUAL)
    assert (ruled.outcome, ruled.stop) == ("pass", StopReason.SETTLED)
    assert ruled.headline.startswith("Fails in 0 of 29 plays: below 9.9 % (95 %, one-sided).")
    assert "rarer than in 10 % of all plays" in ruled.headline
    assert ruled.error_rates is not None and ruled.error_rates.beta < 0.05
    assert next_stop(USUAL, plays_of((*[PASS] * 28, DOUBT)), 5) is None
    doubtful = series(*[PASS] * 28, DOUBT, PASS, plan=USUAL)
    assert (doubtful.stop, doubtful.outcome) == (StopReason.SETTLED, "inconclusive")
    tolerant = series(*[PASS] * 28, DOUBT, PASS, plan=SeriesPlan(60, Question(), 29))
    assert tolerant.outcome == "pass"


def test_a_question_that_was_not_settled_is_no_pass() -> None:
    plan = SeriesPlan(30, Question(), 20)
    ruled = series(*[PASS] * 28, DOUBT, DOUBT, plan=plan)
    assert (ruled.stop, ruled.decision) == (StopReason.PLAYED, Decision.OPEN)
    assert ruled.outcome == "inconclusive"
    assert "28 conclusive plays did not settle the question" in ruled.headline


def test_the_question_of_a_listed_scene_is_whether_anything_else_happens() -> None:
    ruled = series(*[KNOWN, PARTLY] * 14, KNOWN, plan=USUAL)
    assert (ruled.outcome, ruled.decision) == ("fail (known)", Decision.RARER)
    assert series(KNOWN, NEW, plan=USUAL).stop is StopReason.SETTLED


# --- laws -----------------------------------------------------------------------------------------


@given(st.one_of(unlisted, on_list), st.permutations(range(12)))
def test_the_order_of_plays_changes_no_verdict(
    rulings: tuple[Ruling, ...], order: list[int]
) -> None:
    shuffled = [rulings[n] for n in order if n < len(rulings)]
    one = series(*rulings, stop=StopReason.PLAYED)
    other = series(*shuffled, stop=StopReason.PLAYED)
    assert (one.outcome, one.known, one.counts) == (other.outcome, other.known, other.counts)
    assert one.failures == other.failures


@given(unlisted, st.sampled_from((LEAK, ACTIVATION, REFUSED)), st.integers(0, 12))
def test_a_failure_anywhere_is_a_failure(
    rulings: tuple[Ruling, ...], failing: Ruling, at: int
) -> None:
    with_it = (*rulings[:at], failing, *rulings[at:])
    for stop in StopReason:
        assert series(*with_it, stop=stop).outcome == "fail"


@given(st.one_of(unlisted, on_list))
def test_a_pass_needs_every_play_and_nothing_is_lost(rulings: tuple[Ruling, ...]) -> None:
    ruled = series(*rulings, stop=StopReason.PLAYED)
    assert sum(counts(ruled).values()) == len(rulings) == len(ruled.plays)
    assert (ruled.outcome == "pass") == all(ruling is PASS for ruling in rulings)
    if ruled.outcome == "fail (known)":
        assert set(counts(ruled)) <= {PlayKind.KNOWN, PlayKind.MISSING, PlayKind.NOT_PROVOKED}


@given(st.one_of(unlisted, on_list), st.sampled_from(StopReason))
def test_a_doubtful_play_never_makes_it_better(
    rulings: tuple[Ruling, ...], stop: StopReason
) -> None:
    rank = ["pass", "fail (known)", "inconclusive", "fail"]
    before = series(*rulings, stop=stop)
    doubt = DOUBT if before.listed == () else DOUBT_LISTED
    after = series(*rulings, doubt, stop=stop)
    assert rank.index(after.outcome) >= rank.index(before.outcome)


@settings(max_examples=40)
@given(st.one_of(unlisted, on_list), st.sampled_from(StopReason), st.booleans())
def test_written_and_read_it_is_the_same(
    rulings: tuple[Ruling, ...], stop: StopReason, asks: bool
) -> None:
    plan = SeriesPlan(60, Question() if asks and all(r is PASS for r in rulings) else None)
    ruled = series(*rulings, stop=stop, plan=plan)
    assert series_from_json(series_to_json(ruled)) == ruled


def test_every_combination_of_four_plays_keeps_the_worst() -> None:
    for rulings in product((PASS, LEAK, DOUBT), repeat=4):
        expected = "fail" if LEAK in rulings else "inconclusive" if DOUBT in rulings else "pass"
        assert series(*rulings).outcome == expected
