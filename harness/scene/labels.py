"""What a scene file says for those who read reports: whose it is, how grave, where to read on.

It is no part of the script: nothing of it is played, and the judge never sees it.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from harness.errors import SceneError
from harness.forms.fields import Text
from harness.forms.strict import StrictModel, validated
from harness.forms.yaml_positions import read_yaml


class Severity(StrEnum):
    """How grave a failure of the scene is, in Allure's words, gravest first."""

    BLOCKER = "blocker"
    CRITICAL = "critical"
    NORMAL = "normal"
    MINOR = "minor"
    TRIVIAL = "trivial"


class LinkText(StrictModel):
    """Where to read on."""

    url: Annotated[Text, Field(pattern=r"^https?://\S+$")]
    """An address that begins with `https://` or `http://`."""
    name: Text | None = None
    """What the link says; default: the address itself."""


class SceneLabels(StrictModel):
    """What reports say of a scene beside its ruling."""

    owner: Text | None = None
    """Who looks after the scene."""
    severity: Severity | None = None
    """How grave a failure is: blocker, critical, normal, minor or trivial."""
    links: tuple[LinkText, ...] = ()
    """Where to read on: the incident, the requirement, the ticket."""


class _Labelled(StrictModel, extra="ignore"):
    report: SceneLabels = SceneLabels()


def labels_of(path: Path) -> SceneLabels:
    """What a scene file says for reports; the rest of it is not looked at.

    Raises `SceneError` where it cannot be read.
    """
    document, problems = read_yaml(path, SceneError)
    found = validated(_Labelled, document, problems)
    problems.raise_if_any()
    assert found is not None
    return found.report
