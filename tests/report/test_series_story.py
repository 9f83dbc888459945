"""A series in words: aligned, at most 100 columns, the same on the terminal and in HTML."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

from harness.model.ruling import PreRoll
from harness.model.series import HourlyRate, Interval, Question, SeriesPlan, Sides, StopReason
from harness.report.series_story import play_line, sentences, series_html, series_text
from harness.report.series_words import hourly_words, percent
from harness.series.statistics import hourly_rate
from tests.series.plays import DOUBT, KNOWN, LEAK, NEW, NOT_PROVOKED, PARTLY, PASS, series

RECORD = Path("evidence/run-1.series.json")


def test_the_plays_stand_under_one_another() -> None:
    ruled = series(PASS, LEAK, DOUBT, plan=SeriesPlan(100), stop=StopReason.INTERRUPTED)
    lines = [play_line(play, ruled.plan) for play in ruled.plays]
    assert lines == [
        "play   1 of 100  pass               run-1",
        "play   2 of 100  fail               V04 V07 V08 V11 V20 V25  run-2",
        "play   3 of 100  inconclusive       run-3",
    ]
    asked = SeriesPlan(58, Question())
    assert play_line(ruled.plays[0], asked).startswith("play  1 of at most 58  pass ")


def test_classes_found_as_often_are_told_together() -> None:
    said = sentences(series(KNOWN, PARTLY))
    assert "V04 in 2 of 2 plays, 15.8-100 % (95 %)." in said
    assert "V07, V08, V11, V20 and V25 in 1 of 2 plays, 1.3-98.7 % (95 %)." in said
    assert "Listed as known: V04, V07, V08, V11, V20, V25." in said


def test_no_line_is_longer_than_100_columns_but_for_paths() -> None:
    for rulings in ((PASS,) * 29, (KNOWN, NEW, PARTLY, NOT_PROVOKED), (DOUBT,) * 5):
        for plan in (SeriesPlan(60), SeriesPlan(60, Question())):
            text = series_text(series(*rulings, plan=plan), RECORD)
            for line in text.splitlines():
                assert len(line) <= 100 or "evidence/" in line, line


def test_what_to_read_first_is_what_went_wrong() -> None:
    assert "sayso explain evidence/run-3\n" in series_text(series(PASS, DOUBT, LEAK), RECORD)
    assert "sayso explain evidence/run-2\n" in series_text(series(PASS, DOUBT), RECORD)
    assert "sayso explain evidence/run-1\n" in series_text(series(PASS, PASS), RECORD)
    assert "sayso explain run-1\n" in series_text(series(PASS), None)


def test_colours_only_where_they_are_welcome() -> None:
    ruled = series(KNOWN, KNOWN)
    assert series_text(ruled, RECORD).startswith("FAIL (known)  tests/scene ")
    assert series_text(ruled, RECORD, colour=True).startswith("\x1b[1;35mFAIL (known)\x1b[0m  ")


def test_html_holds_every_play_and_escapes_what_it_says() -> None:
    ruled = replace(series(PASS, LEAK), scene_id="<b>&")
    root = ElementTree.fromstring(series_html(ruled))
    assert len(root.findall(".//tr")) == 2 and "<b>&" in "".join(root.itertext())
    assert ruled.headline in [each.text for each in root.iter("strong")]


def test_numbers_are_short_and_bounds_hold_as_printed() -> None:
    assert [percent(x) for x in (0, 0.5, 1, 0.2039, 0.00841, 0.0000123)] == [
        "0", "50", "100", "20.4", "0.84", "0.0012",
    ]  # fmt: skip
    assert percent(0.0996, up=True) == "10" and percent(0.00996912, up=True) == "1"
    assert percent(0.01000237, up=True) == "1.1"


def test_events_by_the_hour() -> None:
    assert hourly_words(hourly_rate(2, 31 / 60)) == "2 in 31 min: 3.9 per hour, 0.47-14 (95 %)"
    assert hourly_words(hourly_rate(0, 3.0)) == "0 in 3.0 h: below 1 per hour (95 %, one-sided)"
    assert hourly_words(hourly_rate(0, 0.0)) == "0 in 0 s"
    exact = Interval(0.0, 2.0, 0.95, Sides.ONE, "Garwood")
    assert "below 2 per hour" in hourly_words(HourlyRate(0, 1.5, exact))


def test_sound_from_before_wake_words_is_told_by_its_median_and_its_most() -> None:
    assert "before the wake word" not in " ".join(sentences(series(PASS)))
    sent = [replace(PASS, pre_rolls=(PreRoll(2.0, 2.0 - s),)) for s in (-0.5, 0.25, 0.125)]
    told = "Sound from before the wake word, in 3 activations: median 0.12 s, at most 0.25 s."
    ruled = series(*sent)
    assert ruled.pre_roll_median_s == 0.125 and told in sentences(ruled)
    assert sentences(series(sent[0]))[-1] == (
        "Sound from before the wake word, in 1 activation: "
        "none (it begins 0.50 s after the word does)."
    )
