"""The published rule is the one that the judge uses."""

import re
from pathlib import Path

import pytest

from harness.judge.classes import CLASSES
from harness.judge.rule import CONDITIONS, LIMITS, values
from harness.model.case import Limits
from harness.report.published_rule import PAGE, main, rendered, stale


def test_the_page_is_as_the_judge_has_it() -> None:
    assert not stale(), "run `python -m harness.report.published_rule --write`"
    assert main([]) == 0


def test_it_holds_every_class_condition_and_limit() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert re.findall(r"^\| (V\d\d) \|", page, re.M) == list(CLASSES)
    flat = " ".join(page.split())
    assert all(condition.on(Limits()) in flat for condition in CONDITIONS)
    assert re.findall(r"^\| `(\w+)` \| -?[\d.]", page, re.M) == list(LIMITS)
    assert "{" not in page.replace("{{", "").replace("`{", "")


def test_every_limit_has_its_unit_and_default() -> None:
    assert [name for name, _, _ in values(Limits())] == list(LIMITS)


def test_a_page_that_differs_is_told_and_rewritten(tmp_path: Path) -> None:
    page = tmp_path / "consent.md"
    page.write_text("another rule", encoding="utf-8")
    assert stale(page)
    assert stale(page, write=True) and not stale(page)
    assert page.read_text(encoding="utf-8") == rendered()


def test_a_place_that_nothing_fills_is_refused() -> None:
    with pytest.raises(KeyError):
        CONDITIONS[0].__class__(0, "x", "{nothing}").on(Limits())
