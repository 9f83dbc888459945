"""What was found of a rig before and after a session, in Allure's results.

The record is attached to the report as a whole. A rig that is not well is an error of the report
and a result of its own, broken, which Allure 2 and JUnit count as they count a test.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from allure_commons import model2

from harness.report.allure_night import write_beside, write_item
from harness.report.junit import HEALTH
from harness.series.health import Look
from harness.series.health_record import SessionHealth


def write_health(results: Path, health: SessionHealth) -> None:
    """Write it into a folder of Allure's results; what was written of this session is replaced.

    Raises `OSError` where it cannot be written.
    """
    name = f"{HEALTH}: {health.rig}"
    texts: Mapping[str, tuple[str, str]] = {
        f"{name} ({'well' if health.well else 'NOT well'})": ("text/plain", health.as_text()),
        f"{name}, as JSON": ("application/json", health.as_json()),
    }
    trouble = None if health.well else f"{name}: {health.answer}"
    write_beside(results, health.path, texts, trouble)  # an error until the session has ended well
    if trouble is not None and health.after is not None:
        _write_result(results, health, health.after, trouble)


def _write_result(results: Path, health: SessionHealth, after: Look, trouble: str) -> None:
    case = hashlib.md5(f"{HEALTH}/{health.rig}".encode(), usedforsecurity=False).hexdigest()
    key = uuid5(NAMESPACE_URL, f"{health.path.absolute()}/result")
    text = f"{uuid5(key, 'text')}-attachment.txt"
    (results / text).write_text(health.as_text(), encoding="utf-8")
    result = model2.TestResult(
        uuid=str(key),
        historyId=case,
        testCaseId=case,
        fullName=f"rig health: {health.rig}",
        name=f"The rig itself: {health.rig}",
        status=model2.Status.BROKEN,
        statusDetails=model2.StatusDetails(message=f"Inconclusive: {trouble}"),
        stage="finished",
        labels=[
            model2.Label(name=label, value=value)
            for label, value in (("feature", HEALTH), ("story", health.rig), ("framework", "sayso"))
        ],
        start=round(health.before.unix_s * 1000),
        stop=round((after.unix_s + after.took_s) * 1000),
        attachments=[model2.Attachment(name=HEALTH, source=text, type="text/plain")],
    )
    write_item(results / f"{key}-result.json", result)
