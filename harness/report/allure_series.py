"""A series as one Allure result: the sentence, a step a play, and the play to look at first."""

from collections.abc import Sequence
from pathlib import Path

from harness.errors import ConsentViolation, Inconclusive
from harness.evidence import layout
from harness.evidence.read import read_script_and_rig
from harness.model.ruling import Ruling
from harness.model.script import Script
from harness.model.series import PlayKind, SeriesPlay, SeriesRuling
from harness.report.allure_results import allure, attach_evidence, label_test
from harness.report.series_story import series_html, worth_reading

_FAILED = (PlayKind.FAIL, PlayKind.KNOWN, PlayKind.MISSING)


def attach_series(
    series: SeriesRuling,
    plays: Sequence[tuple[Path, Ruling]],
    record: Path | None,
    script: Script,
) -> None:
    """Attach a series to the running test.

    `plays`: evidence folder and ruling of each, in order; only read here. Every play is a step with
    its ruling in words. Page and recordings are attached for the play worth reading first: those
    of all of them stay in the evidence. `record`: the series as JSON.
    """
    first = worth_reading(series)
    classes = [cls for play in sorted(series.plays, key=lambda each: each is not first)
               for cls in play.classes]  # fmt: skip
    rig = read_script_and_rig(plays[0][0])[1].rig
    label_test(script, rig, series.device, series.firmware, series_html(series), classes)
    for play, (folder, ruling) in zip(series.plays, plays, strict=True):
        _step(play, folder, ruling, whole=play is first)
    if record is not None and record.exists():
        name = "Series"
        allure.attach.file(record, name, attachment_type="application/json", extension="json")


def _step(play: SeriesPlay, folder: Path, ruling: Ruling, *, whole: bool) -> None:
    """A step with the play's own outcome, which does not fail the test by itself."""
    found = f" {' '.join(play.classes)}" if play.classes else ""
    step = allure.step(f"play {play.number}: {play.kind}{found}")
    step.__enter__()
    if whole:
        attach_evidence(folder, ruling)
    elif (folder / layout.RULING_TEXT).exists():
        path = folder / layout.RULING_TEXT
        allure.attach.file(path, "Ruling in words", attachment_type="text/plain", extension="txt")
    trouble = _trouble(play)
    step.__exit__(type(trouble) if trouble else None, trouble, None)


def _trouble(play: SeriesPlay) -> ConsentViolation | Inconclusive | None:
    """What Allure is to make of the step: failed, broken, or neither."""
    if play.kind in _FAILED:
        return ConsentViolation(play.headline)
    return None if play.kind is PlayKind.PASS else Inconclusive(play.headline)
