"""The golden rulings are what the judge rules today, to the letter."""

from functools import cache
from pathlib import Path

import pytest

from tests.judge.golden_plays import FOLDER, plays, texts

REWRITE = "read the difference, then: python -m tests.judge.golden_plays --write"


@cache
def today() -> dict[Path, str]:
    """What the files would hold if they were written now."""
    return texts()


@pytest.mark.parametrize("name", plays())
def test_the_ruling_is_the_one_kept(name: str) -> None:
    kept = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob(f"{name}.*")}
    made = {file.name: text for file, text in today().items() if file.stem == name}
    assert made == kept, REWRITE


def test_every_file_belongs_to_a_play() -> None:
    assert {file.stem for file in FOLDER.iterdir()} == set(plays()), REWRITE


def test_every_outcome_is_among_them() -> None:
    explained = "".join(text for file, text in today().items() if file.suffix == ".txt")
    for word in ("PASS", "FAIL", "INCONCLUSIVE", "FAIL (known)"):
        assert word in explained
