"""Plays of other makers' assistants that anybody can judge again: docs/devices/evidence."""

from pathlib import Path

import pytest

from harness.evidence.read import read_ruling
from harness.evidence.redaction import read_redaction
from harness.evidence.rejudge import rejudge
from harness.evidence.verify import verify

PLAYS = sorted((Path(__file__).parents[2] / "docs" / "devices" / "evidence").iterdir())


@pytest.mark.parametrize("play", PLAYS, ids=lambda play: play.name)
def test_it_is_ruled_as_it_was_and_holds_no_recording_and_no_path(play: Path) -> None:
    assert verify(play) == []
    assert read_redaction(play) is not None
    ruled, recorded = rejudge(play), read_ruling(play)
    assert ruled.verdict is recorded.verdict
    assert [f.cls for f in ruled.findings] == [f.cls for f in recorded.findings]
    for path in play.iterdir():
        text = path.read_text(encoding="utf-8")
        assert len(text) < 100_000 and '"/' not in text, path


def test_each_is_named_on_a_page() -> None:
    pages = "".join(page.read_text() for page in PLAYS[0].parents[1].glob("*.md"))
    assert PLAYS and all(f"evidence/{play.name}" in pages for play in PLAYS)
