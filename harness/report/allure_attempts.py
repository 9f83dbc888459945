"""What was played again stays beside what it was played again for.

Allure takes results of one test for attempts at it and counts the last alone, so that a pass would
hide the failure before it. Here each attempt becomes a test of its own: all of them are counted.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

Result = Mapping[str, Any]


def told_apart(results: Mapping[Path, Result]) -> dict[Path, Result]:
    """The same results; of those that Allure would take for one test, the second and all after it
    (by when they began) are named as attempts, with a history of their own.
    """
    attempts: dict[str, list[Path]] = {}
    for path, result in results.items():
        attempts.setdefault(_test(result), []).append(path)
    told = dict(results)
    for paths in attempts.values():
        paths.sort(key=lambda path: (results[path].get("start", 0), path.name))
        for number, path in enumerate(paths[1:], 2):
            told[path] = _attempt(results[path], number)
    return told


def _test(result: Result) -> str:
    """What Allure knows a test by: its case and its parameters, less those that are excluded."""
    case = result.get("testCaseId") or result.get("fullName") or result.get("uuid")
    told = sorted(
        (str(each.get("name")), str(each.get("value")))
        for each in result.get("parameters") or ()
        if not each.get("excluded")
    )
    return f"{case} {told}"


def _attempt(result: Result, number: int) -> Result:
    named = f"attempt {number}"
    renamed = {key: f"{result[key]}, {named}" for key in ("name", "fullName") if key in result}
    digests = {
        key: hashlib.md5(f"{result[key]}/{named}".encode(), usedforsecurity=False).hexdigest()
        for key in ("historyId", "testCaseId")
        if result.get(key)
    }
    return {**result, **renamed, **digests}
