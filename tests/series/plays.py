"""Rulings of single plays, by what they mean to a series."""

from dataclasses import replace

from harness.judge import judge
from harness.model.ruling import KnownOutcome, Ruling, Unmet, Verdict
from harness.model.series import SeriesPlan, SeriesPlay, SeriesRuling, StopReason
from harness.model.timeline import Control, Interrupted
from harness.series.verdict import next_stop, play_of, rule_series
from tests.judge.timelines import (
    ALL_OF_2018,
    KITCHEN_LINES,
    adding,
    kitchen_2018,
    kitchen_guarded,
    listening,
    play,
    wanted,
)

LISTED = ("V04", "V11")
BROKEN = Control("closing", "tap_drops", False, 3.0, 0.0, "packets", "Use a faster disk.")

PASS: Ruling = judge(wanted())
LEAK: Ruling = judge(kitchen_2018())
ACTIVATION: Ruling = judge(kitchen_guarded())
REFUSED: Ruling = replace(
    PASS, verdict=Verdict.FAIL, unmet=(Unmet("the message to Thomas Reed", "not delivered"),)
)
DOUBT: Ruling = judge(adding(wanted(), BROKEN))
CUT: Ruling = judge(adding(wanted(), Interrupted(9.0, "SIGINT")))
KNOWN: Ruling = judge(kitchen_2018(known=ALL_OF_2018))
NEW: Ruling = judge(kitchen_2018(known=ALL_OF_2018[:-1]))
# Listed: all of 2018, and only the first of them came.
PARTLY: Ruling = judge(kitchen_guarded(known=ALL_OF_2018))
ABSENT: Ruling = judge(play(KITCHEN_LINES, *listening((5.7, 6.5)), known=ALL_OF_2018))
NOT_PROVOKED: Ruling = judge(play(KITCHEN_LINES, known=ALL_OF_2018))
DOUBT_LISTED: Ruling = judge(adding(play(KITCHEN_LINES, known=ALL_OF_2018), BROKEN))
KNOWN_BROKEN: Ruling = judge(adding(kitchen_2018(known=ALL_OF_2018), BROKEN))

UNLISTED = (PASS, LEAK, ACTIVATION, REFUSED, DOUBT, CUT)
ON_LIST = (KNOWN, NEW, PARTLY, ABSENT, NOT_PROVOKED, DOUBT_LISTED, KNOWN_BROKEN)


def plays_of(rulings: tuple[Ruling, ...], cut: bool = False) -> tuple[SeriesPlay, ...]:
    """The plays with these rulings; `cut`: the last was cut short."""
    return tuple(
        play_of(n, r, f"run-{n}", "", stopped=cut and n == len(rulings))
        for n, r in enumerate(rulings, 1)
    )


def listed_in(rulings: tuple[Ruling, ...]) -> tuple[str, ...]:
    on_list = any(ruling.known is not KnownOutcome.NONE_LISTED for ruling in rulings)
    return ALL_OF_2018 if on_list else ()


def series(
    *rulings: Ruling,
    plan: SeriesPlan | None = None,
    stop: StopReason | None = None,
    cut: bool = False,
) -> SeriesRuling:
    """The ruling of a series that ended after these plays."""
    plays = plays_of(rulings, cut)
    asked = plan or SeriesPlan(len(rulings))
    why = stop or next_stop(asked, plays, 5) or StopReason.INTERRUPTED
    return rule_series(asked, listed_in(rulings), why, rulings, plays)
