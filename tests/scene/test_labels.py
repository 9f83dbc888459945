"""What a scene file says for reports is read by itself, and nothing of it reaches the script."""

from pathlib import Path

import pytest

from harness.errors import SceneError
from harness.scene.labels import SceneLabels, Severity, labels_of

WHOLE = """
title: Something else is not looked at
report:
  owner: the kitchen team
  severity: critical
  links: [{url: "https://example.org/2018", name: the incident}]
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "a.scene.yaml"
    path.write_text(text)
    return path


def test_owner_severity_and_links_are_read(tmp_path: Path) -> None:
    labels = labels_of(written(tmp_path, WHOLE))
    assert (labels.owner, labels.severity) == ("the kitchen team", Severity.CRITICAL)
    assert [(link.name, link.url) for link in labels.links] == [
        ("the incident", "https://example.org/2018")
    ]


def test_a_scene_may_say_nothing(tmp_path: Path) -> None:
    assert labels_of(written(tmp_path, "title: x\n")) == SceneLabels()


@pytest.mark.parametrize(
    "wrong", ["severity: bad", "links: [{url: 'javascript:x'}]", "links: [{url: 'https://a b'}]"]
)
def test_what_cannot_be_shown_is_a_mistake(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(SceneError):
        labels_of(written(tmp_path, f"report: {{{wrong}}}\n"))
