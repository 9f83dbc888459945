"""The tables of docs/statistics.md, held against the code."""

import re
from pathlib import Path

import pytest

import harness
from harness.model.series import Question
from harness.report.series_words import percent
from harness.series.sequential import error_rates, fewest_plays
from harness.series.statistics import plays_for_bound

PAGE = Path(harness.__file__).parents[1] / "docs" / "statistics.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in PAGE.read_text().splitlines()
    if re.match(r"\| [\d.]+ % \|", line)
]
BOUNDS = [row for row in ROWS if len(row) == 3]
QUESTIONS = [row for row in ROWS if len(row) == 7]


def share(cell: str) -> float:
    return float(cell.removesuffix(" %")) / 100


def one_decimal(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def test_both_tables_are_there() -> None:
    assert (len(BOUNDS), len(QUESTIONS)) == (9, 4)


@pytest.mark.parametrize("row", BOUNDS, ids=lambda row: row[0])
def test_how_many_plays(row: list[str]) -> None:
    bound, *plays = row
    assert [int(n) for n in plays] == [plays_for_bound(share(bound), c) for c in (0.95, 0.99)]


@pytest.mark.parametrize("row", QUESTIONS, ids=lambda row: "-".join(row[:2]))
def test_real_error_rates(row: list[str]) -> None:
    question = Question(share(row[0]), share(row[1]))
    fewest = fewest_plays(question)
    rates = error_rates(question, 2 * fewest)
    opens = [one_decimal(100 * part) + " %" for part in (rates.open_p0, rates.open_p1)]
    assert row[2:] == [
        f"{fewest}, {2 * fewest}",
        f"{percent(rates.alpha)} %",
        f"{percent(rates.beta)} %",
        ", ".join(opens),
        f"{one_decimal(rates.mean_plays_p0)}, {one_decimal(rates.mean_plays_p1)}",
    ]
