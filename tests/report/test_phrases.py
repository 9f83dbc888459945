"""Times, sizes and lists."""

import pytest

from harness.report.phrases import clock_time, count, listing, sentence, shortened, size, span


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00.0"), (4.5, "0:04.5"), (19.46, "0:19.5"), (59.96, "1:00.0"), (75.0, "1:15.0"),
     (-1.2, "-0:01.2"), (-0.01, "0:00.0"), (3599.9, "59:59.9"), (3600.0, "1:00:00.0"),
     (86_808.2, "24:06:48.2")],
)  # fmt: skip
def test_clock_time(seconds: float, text: str) -> None:
    assert clock_time(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(28.04, "28 s"), (0.4, "0.4 s"), (8.0, "8 s"), (9.97, "10 s"),
                          (125.2, "2 min 5 s"), (600, "10 min")],
)  # fmt: skip
def test_span(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 B"), (812, "812 B"), (3200, "3.2 kB"), (212_000, "212 kB"),
                         (999_600, "1.0 MB"), (1_400_000, "1.4 MB"), (5e9, "5000 MB")],
)  # fmt: skip
def test_size(number: float, text: str) -> None:
    assert size(number) == text


def test_lists_and_counts() -> None:
    assert listing([]) == ""
    assert listing(["Thomas"]) == "Thomas"
    assert listing(["Thomas", "Mia", "Thomas"]) == "Thomas (2) and Mia"
    assert count(0, "message") == "no message"
    assert count(2, "inbox", "inboxes") == "2 inboxes"


def test_shortening_never_exceeds_the_width() -> None:
    text = "Send a message and tell them that the floors are fine"
    assert shortened(text, 34) == "Send a message and tell them ..."
    for width in range(6, 60):
        assert len(shortened(text, width)) <= width
    assert len(shortened("x" * 80, 20)) <= 20


def test_sentences() -> None:
    assert sentence("the tap saw it") == "The tap saw it."
    assert sentence("Why?") == "Why?"
    assert sentence("") == ""
