"""The first page: one file that answers, says everything in text, and leads to every ruling."""

import html
import json
import re
from pathlib import Path
from urllib.parse import unquote
from xml.etree.ElementTree import Element

import pytest

from benchmarks.report_nights import MADE_KINDS, MadePlay, NightMaker, three_nights
from harness.cli import main
from harness.model.series import HourlyRate, Interval, Sides
from harness.report.nights import read_nights
from harness.report.nights.strips import _whisker

_RESULT = '{"uuid": "a", "name": "one", "fullName": "one", "status": "passed", "start": 1}'
SCENES = ("a/one", "a/two", "a/three", "a/four", "a/<five>")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nights")
    three_nights(NightMaker(folder, lambda *_: "<!doctype html>"), SCENES)
    nights = [str(folder / f"night-{n}") for n in (1, 2, 3)]
    assert main(["report", "--nights", *nights, "--out", str(folder / "out")]) == 1
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "out" / "index.html").read_text(encoding="utf-8")


def test_it_needs_no_script_and_fetches_nothing(page: str) -> None:
    assert page.startswith("<!doctype html>")
    assert "<script" not in page and "src=" not in page and "http" not in page
    assert "prefers-color-scheme:dark" in page and 'name="viewport"' in page


def test_it_answers_first(page: str) -> None:
    text = re.sub(r"<style>.*?</style>|<[^>]+>", "\n", page, flags=re.DOTALL)
    lines = [html.unescape(line) for line in text.splitlines() if line.strip()]
    assert lines[2] == "Safe to ship?" and lines[3] == "✗ NO"
    assert lines.index("Is the rig well?") > lines.index("What is new since last night?") > 3


def test_every_ruling_of_the_last_night_can_be_reached(folder: Path, page: str) -> None:
    links = {unquote(link) for link in re.findall(r'href="([^"#]+)"', page)}
    pages = {path.resolve() for path in (folder / "night-3").glob("plays/*/*/page.html")}
    assert pages and pages <= {(folder / "out" / link).resolve() for link in links}


def test_a_verdict_is_never_told_by_colour_alone(page: str) -> None:
    cells = re.findall(r'class="cell (\w+)"[^>]*>([^<]+)<', page)
    signs = {"fail": "✗", "inconclusive": "?", "known": "k", "pass": "✓"}
    assert len(cells) == 3 * len(SCENES)
    assert all(text[0] == signs[style] for style, text in cells)


def test_names_are_text_and_no_markup(page: str) -> None:
    assert "a/&lt;five&gt;" in page and "a/<five>" not in page


def test_the_whisker_spans_the_interval(folder: Path) -> None:
    (night,) = read_nights([folder / "night-1"])
    rate = night.activations
    assert rate == HourlyRate(2, rate.hours, rate.interval) and isinstance(rate.interval, Interval)
    assert rate.interval.sides is Sides.TWO
    drawing = _whisker(night, 2 * rate.interval.high)
    reach = next(line for line in drawing if line.get("class") == "reach")
    dot = next(mark for mark in drawing if mark.tag == "circle")
    ends = [_percent(reach, "x1"), _percent(dot, "cx"), _percent(reach, "x2")]
    assert ends == sorted(ends) and ends[2] == pytest.approx(2 + 95 / 2, abs=0.01)


def _percent(mark: Element, name: str) -> float:
    return float(mark.get(name, "").removesuffix("%"))


def test_false_wakes_stand_in_allure_night_by_night(folder: Path, tmp_path: Path) -> None:
    results, nights = tmp_path / "results", [str(folder / f"night-{n}") for n in (1, 2, 3)]
    results.mkdir()
    (results / "a-result.json").write_text(_RESULT)
    command = ["report", "--nights", *nights, "--out", str(tmp_path / "out"), "--into-allure"]
    command += ["--results", str(results), "--report", str(tmp_path / "report")]
    assert main(command) == main(command) == 1
    (told,) = results.glob("*-globals.json")
    (attached,) = json.loads(told.read_text())["attachments"]
    page = (results / attached["source"]).read_text()
    assert attached["type"] == "text/html" and "href=" not in page
    assert page.count('class="wake"') == 3 and "per hour" in page and "95 %" in page


def test_junit_that_cannot_be_written_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a-result.json").write_text(_RESULT)
    blocked = tmp_path / "a-result.json" / "junit.xml"
    assert main(["report", "--results", str(tmp_path), "--junit", str(blocked)]) == 2
    assert f"{blocked}: JUnit XML cannot be written there" in capsys.readouterr().err


def test_only_nights_go_into_allure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--into-allure"]) == 3
    assert "--nights nights/*" in capsys.readouterr().err


def test_markdown_goes_to_a_merge_request_as_it_is(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nights = [str(folder / f"night-{n}") for n in (1, 2, 3)]
    out = ["--out", str(folder / "md")]
    assert main(["report", "--nights", *nights, "--markdown", *out]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("## Safe to ship? NO\n") and "| a/two | ✗ fail |" in told.out
    assert "sayso: ship=no" in told.err.splitlines()[-1]


def test_no_play_is_worse_than_told_where_only_one_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    night = NightMaker(tmp_path, page=None).night("n", [MadePlay("a/b", MADE_KINDS[0])], 1e9)
    (run,) = (night / "plays" / "000001").iterdir()
    assert main(["report", str(run), "--out", str(tmp_path / "out")]) == 0
    assert "ship=nothing-against-it rig=not-examined" in capsys.readouterr().out.splitlines()[-1]


def test_one_red_scene_among_many_is_not_buried(tmp_path: Path) -> None:
    plays = [MadePlay(f"a/{number:03}", MADE_KINDS[0]) for number in range(60)]
    maker = NightMaker(tmp_path, lambda *_: "<!doctype html>")
    maker.night("night-1", plays, 1e9)
    maker.night("night-2", [*plays[:40], MadePlay("a/040", MADE_KINDS[1]), *plays[41:]], 1.1e9)
    nights = [str(tmp_path / f"night-{n}") for n in (1, 2)]
    assert main(["report", "--nights", *nights, "--out", str(tmp_path / "out")]) == 1
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    seen, _, folded = page.partition("59 scenes that passed every time")
    assert seen.count("a/040") == 3 and not re.search(r"a/0[^4]", seen)
    assert len(set(re.findall(r"a/\d{3}(?=<)", folded.partition("False wakes")[0]))) == 59
    assert "59 scenes passed in every play" in folded
