"""The page's colours against WCAG 2.2: text 4.5 to 1 (1.4.3), marks 3 to 1 (1.4.11)."""

import re

import pytest

from harness.report.style import CSS

_TEXTS = (
    ("ink", "paper"), ("ink", "panel"), ("soft", "paper"), ("soft", "panel"), ("bad", "paper"),
    ("good", "paper"), ("unsure", "paper"), ("unsure", "panel"), ("known", "paper"),
    ("bad-ink", "bad"),
)  # fmt: skip
_MARKS = ("voice", "device", "device-line", "wire", "wave", "bad", "good", "soft")
_THEMES = {"light": 0, "dark": 1, "paper": 2}


def _colours(theme: str) -> dict[str, str]:
    """The names and values of a theme; print and dark lie over the light one."""
    blocks = [
        dict(re.findall(r"--([a-z-]+):(#[0-9a-f]{3,6})\b", block))
        for block in re.findall(r":root\{([^}]*)\}", CSS)
    ]
    assert len(blocks) == len(_THEMES)
    return blocks[0] | blocks[_THEMES[theme]]


def _luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = (int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_as_wcag_has_it() -> None:
    assert _contrast("#000", "#ffffff") == pytest.approx(21.0)
    assert _contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", _THEMES)
def test_every_text_can_be_read(theme: str) -> None:
    colours = _colours(theme)
    low = {
        pair: round(_contrast(colours[pair[0]], colours[pair[1]]), 2)
        for pair in _TEXTS
        if _contrast(colours[pair[0]], colours[pair[1]]) < 4.5
    }
    assert not low
    assert _contrast("#1c1b19", colours["light"]) >= 4.5, "the word on the listening light"


@pytest.mark.parametrize("theme", _THEMES)
def test_every_mark_can_be_seen(theme: str) -> None:
    colours = _colours(theme)
    low = {
        name: round(_contrast(colours[name], colours["paper"]), 2)
        for name in _MARKS
        if _contrast(colours[name], colours["paper"]) < 3.0
    }
    assert not low


def test_colours_have_names_wherever_they_are_used() -> None:
    rules = re.sub(r":root\{[^}]*\}", "", CSS)
    assert set(re.findall(r"#[0-9a-f]{3,6}\b", rules)) <= {"#1c1b19"}
