"""The kill matrix as Allure results: a test a device, a step for each of its plays and its twin's.

Passed is a device that was caught for what it does and whose twin is clean. Nothing else is;
skipped is one whose class the rig cannot show.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

import allure_commons.logger as _untyped_logger
import allure_commons.model2 as _untyped_model

from harness.evidence import layout
from harness.series.matrix import WRONG, Fate, Played, Row, summary, twin_fate_of
from harness.series.matrix_page import table

# allure-python ships no types; this is the one place that writes its files without pytest.
logger: Any = _untyped_logger
model: Any = _untyped_model

_LABELS = {"feature": "zoo", "story": "kill matrix", "parentSuite": "zoo"}
_TWIN_STATUS = {Fate.FALSE_ALARM: "failed", Fate.INCONCLUSIVE: "broken", Fate.UNSEEN: "skipped"}
_GRAVEST_FIRST = ("failed", "broken", "passed", "skipped")


def write_matrix(results: Path, rows: Sequence[Row], at_s: float) -> None:
    """Write a result for the whole and one for each row into `results`; `at_s`: Unix time of it."""
    written = logger.AllureFileLogger(str(results))
    at_ms = round(1000 * at_s)
    worst = min((status_of(row) for row in rows), key=_GRAVEST_FIRST.index, default="broken")
    whole = _result("zoo", "The kill matrix", worst, summary(rows), at_ms)
    whole.description = table(rows)
    written.report_result(whole)
    for row in rows:
        written.report_result(_device(written, row, at_ms))


def status_of(row: Row) -> str:
    """Allure's word for a row: passed, failed where it was ruled wrongly, broken where not, skipped
    where the rig cannot show it.
    """
    fates = {row.fate, row.twin_fate}
    if fates & WRONG:
        return "failed"
    if fates == {Fate.UNSEEN}:
        return "skipped"
    return "passed" if fates == {Fate.CAUGHT, Fate.CLEAN} else "broken"


def _device(written: Any, row: Row, at_ms: int) -> Any:
    device = row.device
    told = f"{row.fate}: named {' '.join(row.named) or 'nothing'}; its twin: {row.twin_fate}"
    title = f"{device.name}: {device.says}"
    result = _result(f"zoo/{device.name}", title, status_of(row), told, at_ms)
    result.description = f"Must be named: {' '.join(device.classes)}; {told}."
    result.steps = [*(_step(written, p) for p in row.plays), _twin_step(written, row.twin)]
    result.labels += [model.Label(name="tag", value=cls) for cls in device.classes]
    return result


def _result(name: str, title: str, status: str, told: str, at_ms: int) -> Any:
    identity = str(uuid5(NAMESPACE_URL, name))
    return model.TestResult(
        uuid=identity,
        historyId=identity,
        testCaseId=identity,
        fullName=name,
        name=title,
        status=status,
        statusDetails=None if status == "passed" else model.StatusDetails(message=told),
        stage="finished",
        labels=[model.Label(name=n, value=v) for n, v in _LABELS.items()],
        start=at_ms,
        stop=at_ms,
    )


def _step(written: Any, played: Played) -> Any:
    named = " ".join(played.classes) or "nothing named"
    name = f"{played.firmware}, seed {played.seed}: {played.verdict.value}, {named}. {played.why}"
    return model.TestStepResult(name=name, status="passed", attachments=_pages(written, played))


def _twin_step(written: Any, played: Played) -> Any:
    step = _step(written, played)
    step.name = f"its honest twin: {step.name}"
    fate = twin_fate_of(played)
    if fate is not Fate.CLEAN:
        step.status = _TWIN_STATUS[fate]
    return step


def _pages(written: Any, played: Played) -> list[Any]:
    """The ruling's page, where the evidence was kept."""
    page = None if played.evidence is None else played.evidence / layout.PAGE
    if page is None or not page.exists():
        return []
    name = f"{uuid5(NAMESPACE_URL, str(page))}-attachment.html"
    written.report_attached_file(str(page), name)
    return [model.Attachment(name="Ruling page", source=name, type="text/html")]
