"""JUnit XML of Allure's results, a test case for each result: the two agree to the test."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from harness.errors import RigError
from harness.report.allure_attempts import told_apart

_FORBIDDEN = {c: "�" for c in range(32) if c not in (9, 10, 13)}
"""Characters that XML cannot hold at all."""

HEALTH = "Rig health"
"""What the name of a record of a rig's health begins with."""

_TAGS = {"failed": "failure", "broken": "error", "skipped": "skipped"}


def junit_of_results(results: Path) -> str:
    """The XML text. Raises `RigError` where there are no results, or one cannot be read."""
    read = read_results(results)
    if not read:
        raise RigError(f"{results}: no Allure results there; play a scene first (`sayso run`)")
    cases = [_case(result) for result in told_apart(read).values()]
    suite = ElementTree.Element("testsuite", name="sayso", tests=str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")
    if told := _health(results):
        properties = ElementTree.SubElement(suite, "properties")
        for name, value in told:
            ElementTree.SubElement(properties, "property", name=_clean(name), value=_clean(value))
    suite.extend(sorted(cases, key=lambda case: (case.get("classname", ""), case.get("name", ""))))
    whole = ElementTree.Element("testsuites")
    whole.append(suite)
    ElementTree.indent(whole)
    text = ElementTree.tostring(whole, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def read_results(results: Path) -> dict[Path, dict[str, Any]]:
    """Allure's results by file. Raises `RigError` for one that cannot be read."""
    found = {}
    for path in sorted(results.glob("*-result.json")):
        try:
            found[path] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RigError(f"{path}: cannot be read as a result ({error}); remove it") from error
    return found


def _health(results: Path) -> list[tuple[str, str]]:
    """Of each record of a rig's health: its name, and what it comes to."""
    found = []
    for path in sorted(results.glob("*-globals.json")):
        try:
            attached = json.loads(path.read_text(encoding="utf-8")).get("attachments", ())
            texts = [each for each in attached if _is_health(each)]
            lines = [(results / each["source"]).read_text(encoding="utf-8") for each in texts]
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise RigError(f"{path}: cannot be read as Allure's ({error}); remove it") from error
        named = zip(texts, lines, strict=True)
        found += [(str(each["name"]), text.partition("\n")[0]) for each, text in named]
    return found


def _is_health(attached: Mapping[str, Any]) -> bool:
    return attached["type"] == "text/plain" and str(attached["name"]).startswith(HEALTH)


def _case(result: Mapping[str, Any]) -> ElementTree.Element:
    took_s = max(0.0, (result.get("stop", 0) - result.get("start", 0)) / 1000)
    labels = {label["name"]: label["value"] for label in result.get("labels", ())}
    case = ElementTree.Element(
        "testcase",
        classname=_clean(labels.get("feature", "sayso")),
        name=_clean(f"{result.get('name', '')} [{result.get('fullName', '')}]"),
        time=f"{took_s:.3f}",
    )
    status = result.get("status", "broken")
    if status != "passed":
        message = _clean((result.get("statusDetails") or {}).get("message", status))
        tag = _TAGS.get(status, "error")
        ElementTree.SubElement(case, tag, message=message.partition("\n")[0]).text = message
    return case


def _clean(text: str) -> str:
    return text.translate(_FORBIDDEN)
