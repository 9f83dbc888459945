"""What failed and was played again stays failed: in Allure, in its history, in JUnit XML."""

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.report_nights import MADE_KINDS
from harness.errors import RigError
from harness.report.allure_attempts import told_apart
from harness.report.allure_build import build, copy_told_apart, find_allure, forget_results
from harness.report.junit import junit_of_results
from tests.report.test_allure_night import night, played

PASS, FAIL, KNOWN, INCONCLUSIVE = MADE_KINDS
needs_allure = pytest.mark.skipif(find_allure() is None, reason="Allure is not installed here")


def result(start: int, status: str = "passed", test: str = "t", **more: Any) -> dict[str, Any]:
    return {"uuid": f"u{start}", "name": test, "fullName": test, "historyId": test,
            "testCaseId": test, "start": start, "status": status, **more}  # fmt: skip


def write(folder: Path, *results: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for each in results:
        (folder / f"{each['uuid']}-result.json").write_text(json.dumps(each))
    return folder


RESULTS = st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 5), st.sampled_from("xy")))


@given(RESULTS)
def test_no_two_results_are_one_test_and_first_ones_stay_what_they_are(
    drawn: list[tuple[str, int, str]],
) -> None:
    read = {
        Path(f"{number:03}"): result(start, test=test, parameters=[{"name": "p", "value": value}])
        for number, (test, start, value) in enumerate(drawn)
    }
    told = told_apart(read)
    keys = [(each["testCaseId"], each["parameters"][0]["value"]) for each in told.values()]
    assert len(set(keys)) == len(read)
    assert [each["status"] for each in told.values()] == [e["status"] for e in read.values()]
    groups = {(test, value) for test, _, value in drawn}
    assert sum(told[path] == each for path, each in read.items()) == len(groups)


def test_parameters_that_are_excluded_do_not_tell_tests_apart() -> None:
    firmware = {"name": "firmware", "value": "1", "excluded": True}
    other = {**firmware, "value": "2"}
    read = {Path("a"): result(1, parameters=[firmware]), Path("b"): result(2, parameters=[other])}
    assert told_apart(read)[Path("b")]["name"] == "t, attempt 2"


def test_plays_of_a_night_are_no_attempts_at_each_other(tmp_path: Path) -> None:
    results = tmp_path / "results"
    night(results, [played(1, FAIL), played(2, PASS), played(3, PASS)])
    read = {path: json.loads(path.read_text()) for path in results.glob("*-result.json")}
    assert told_apart(read) == read


def test_junit_counts_what_allure_counts(tmp_path: Path) -> None:
    results = tmp_path / "results"
    night(results, [played(n, kind) for n, kind in enumerate(MADE_KINDS, 1)])
    write(results, result(1, "failed"), result(2), result(3, "unknown", statusDetails=None))
    suite = ElementTree.fromstring(junit_of_results(results).encode()).find("testsuite")
    assert suite is not None
    told = {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")}
    # Known violations are skipped; what nobody knows the outcome of is an error, never a pass.
    assert told == {"tests": "7", "failures": "2", "errors": "2", "skipped": "1"}
    names = [case.get("name", "") for case in suite.iter("testcase")]
    assert len(set(names)) == 7 and "t, attempt 2 [t, attempt 2]" in names
    failed = next(c for c in suite.iter("testcase") if c.get("name", "").startswith("t ["))
    assert failed.find("failure") is not None


def test_junit_is_xml_whatever_a_device_is_called(tmp_path: Path) -> None:
    bad = result(1, "failed", statusDetails={"message": "\x00\x1b[31m<&>\nand more"})
    text = junit_of_results(write(tmp_path, bad))
    failure = ElementTree.fromstring(text.encode()).find(".//failure")
    assert failure is not None and failure.get("message", "").endswith("[31m<&>")


def test_results_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    (tmp_path / "a-result.json").write_text("{")
    with pytest.raises(RigError, match=r"a-result\.json"):
        junit_of_results(tmp_path)
    with pytest.raises(RigError, match="no Allure results"):
        junit_of_results(tmp_path / "nothing")


def test_the_same_results_stand_in_the_history_once(tmp_path: Path) -> None:
    history = tmp_path / "history.jsonl"
    items = [{"fullName": "t", "start": start, "status": "passed"} for start in (1, 2)]
    lines = [json.dumps({"testResults": {"t": item}}) for item in items]
    history.write_text("\n".join(lines) + "\n")
    forget_results(history, [result(2)])
    assert history.read_text() == lines[0] + "\n"
    history.write_text("something else\n")
    with pytest.raises(RigError, match="move it away"):
        forget_results(history, [result(2)])


@pytest.mark.slow
@needs_allure
def test_allure_keeps_a_failure_that_was_played_again_and_its_history_over_nights(
    tmp_path: Path,
) -> None:
    history, points = tmp_path / "history.jsonl", []
    for number, began_s in enumerate((1e9, 1.1e9)):
        results = tmp_path / f"results-{number}"
        night(results, [played(1, FAIL, began_s=began_s), played(2, PASS, began_s=began_s)])
        write(results, result(1 + number, "failed"), result(10 + number))
        assert build(results, tmp_path / "out", history=history) is not None
        points = [json.loads(line)["testResults"] for line in history.read_text().splitlines()]
    statuses = [sorted(item["status"] for item in point.values()) for point in points]
    assert statuses == 2 * [["failed", "failed", "passed", "passed"]]
    assert points[0].keys() == points[1].keys()


def test_a_copy_for_another_allure_keeps_the_failed_attempt(tmp_path: Path) -> None:
    results = write(tmp_path / "results", result(1, "failed"), result(2, "passed"))
    (results / "environment.properties").write_text("rig = kitchen")
    copy = tmp_path / "copy"
    for _ in range(2):  # a second time over its own copy
        copy_told_apart(results, copy)
        told = [json.loads(path.read_text()) for path in sorted(copy.glob("*-result.json"))]
        assert [each["status"] for each in told] == ["failed", "passed"]
        assert len({each["historyId"] for each in told}) == 2
        assert (copy / "environment.properties").exists()


def test_a_copy_for_another_allure_takes_no_folder_that_holds_other_things(tmp_path: Path) -> None:
    results = write(tmp_path / "results", result(1))
    (other := tmp_path / "other").mkdir()
    (other / "thesis.txt").write_text("five years")
    for out in (other, results, other / "thesis.txt"):
        with pytest.raises(RigError, match="something else"):
            copy_told_apart(results, out)
    assert (other / "thesis.txt").read_text() == "five years"
    with pytest.raises(RigError, match="play a scene first"):
        copy_told_apart(other, tmp_path / "copy")
