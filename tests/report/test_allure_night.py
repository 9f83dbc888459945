"""A night's Allure results: every kind of play by its status, the same history every night."""

import json
from pathlib import Path
from typing import Any

import pytest

from harness.evidence import layout
from harness.evidence.sample import write_sample
from harness.model.ruling import Verdict
from harness.model.series import PlayKind
from harness.report.allure_build import build, find_allure
from harness.report.allure_night import write_beside, write_play
from harness.scene.labels import LinkText, SceneLabels, Severity
from harness.series.soak.journal import HeadLine, PlayLine

HEAD = HeadLine(rig="kitchen", device="speaker", firmware="1", plan_sha256="", seed=1)
VERDICTS = {PlayKind.PASS: Verdict.PASS, PlayKind.FAIL: Verdict.FAIL, PlayKind.KNOWN: Verdict.FAIL}


def played(
    number: int, kind: PlayKind, scene: str = "portland/kitchen", began_s: float = 1e9
) -> PlayLine:
    return PlayLine(
        number=number,
        scene=scene,
        kind=kind,
        verdict=VERDICTS.get(kind, Verdict.INCONCLUSIVE),
        classes=("V04",) if kind in (PlayKind.FAIL, PlayKind.KNOWN) else (),
        headline="what was ruled",
        activations=0,
        heard_s=40.0,
        evidence=f"plays/{number:06}/run",
        manifest_sha256="",
        began_unix_s=began_s + 60 * number,
        took_s=60.0,
    )


def night(results: Path, plays: list[PlayLine], head: HeadLine = HEAD) -> None:
    for count in range(1, len(plays) + 1):
        write_play(results, results.parent, head, plays[:count])


def written(results: Path) -> dict[str, dict[str, Any]]:
    found = [json.loads(path.read_text()) for path in results.glob("*-result.json")]
    return {result["fullName"]: result for result in found}


def test_only_a_pass_is_passed(tmp_path: Path) -> None:
    results = tmp_path / "results"
    night(results, [played(n, kind) for n, kind in enumerate(PlayKind, 1)])
    by_kind = dict(zip(PlayKind, sorted(written(results).items()), strict=True))
    statuses = {kind: result["status"] for kind, (_, result) in by_kind.items()}
    assert statuses == {
        PlayKind.PASS: "passed",
        PlayKind.FAIL: "failed",
        PlayKind.KNOWN: "skipped",
        PlayKind.MISSING: "failed",
        PlayKind.NOT_PROVOKED: "broken",
        PlayKind.INCONCLUSIVE: "broken",
    }
    said = {kind: result.get("statusDetails") for kind, (_, result) in by_kind.items()}
    assert said[PlayKind.PASS] is None
    assert said[PlayKind.FAIL] == {"message": "ConsentViolation: what was ruled"}
    assert said[PlayKind.KNOWN] == {"message": "XFAIL: what was ruled"}


def test_a_play_has_the_same_history_every_night_and_another_than_its_neighbours(
    tmp_path: Path,
) -> None:
    scenes = ["portland/kitchen", "portland/hall", "portland/kitchen"]
    later = HEAD.model_copy(update={"firmware": "2"})
    for folder, head, began_s in (("one", HEAD, 1e9), ("two", later, 1.1e9)):
        plays = [played(n, PlayKind.PASS, s, began_s) for n, s in enumerate(scenes, 1)]
        night(tmp_path / folder, plays, head)
    first, second = (
        {name: result["historyId"] for name, result in written(tmp_path / folder).items()}
        for folder in ("one", "two")
    )
    assert first == second and len(set(first.values())) == 3
    assert {r["uuid"] for r in written(tmp_path / "one").values()}.isdisjoint(
        r["uuid"] for r in written(tmp_path / "two").values()
    )


def test_what_the_scene_file_says_is_in_the_result(tmp_path: Path) -> None:
    labels = SceneLabels(
        owner="kitchen team", severity=Severity.CRITICAL, links=(LinkText(url="https://a.b/c"),)
    )
    write_play(tmp_path / "results", tmp_path, HEAD, [played(1, PlayKind.PASS)], labels)
    (result,) = written(tmp_path / "results").values()
    told = {label["name"]: label["value"] for label in result["labels"]}
    assert (told["owner"], told["severity"]) == ("kitchen team", "critical")
    assert result["links"] == [{"type": "link", "url": "https://a.b/c", "name": "https://a.b/c"}]


def test_a_night_taken_up_again_replaces_what_it_wrote(tmp_path: Path) -> None:
    results = tmp_path / "results"
    for _ in range(2):
        night(results, [played(1, PlayKind.PASS), played(2, PlayKind.INCONCLUSIVE)])
        write_beside(results, tmp_path, {"Summary": ("text/markdown", "**PASS**\n")})
    assert len(written(results)) == 2
    (beside,) = (json.loads(p.read_text()) for p in results.glob("*-globals.json"))
    (attached,) = beside["attachments"]
    assert attached["name"] == "Summary"
    assert (results / attached["source"]).read_text() == "**PASS**\n"


def test_of_a_pass_the_words_alone_are_copied_and_of_a_failure_what_people_open(
    tmp_path: Path,
) -> None:
    results, plays = tmp_path / "results", [played(1, PlayKind.PASS), played(2, PlayKind.FAIL)]
    for play in plays:
        folder = write_sample(tmp_path / "samples" / str(play.number), 0.0).folder
        (folder / layout.RULING_TEXT).write_text("in words\n")
        (tmp_path / play.evidence).parent.mkdir(parents=True)
        folder.rename(tmp_path / play.evidence)
    night(results, plays)
    first, second = (written(results)[f"soak: portland/kitchen, play {n}"] for n in (1, 2))
    assert [each["name"] for each in first["attachments"]] == ["Ruling in words"]
    assert {"What the listener's microphone heard", "Timeline"} <= {
        each["name"] for each in second["attachments"]
    }
    for each in (*first["attachments"], *second["attachments"]):
        assert (results / each["source"]).exists()


@pytest.mark.slow
@pytest.mark.skipif(find_allure() is None, reason="Allure is not installed here")
def test_allure_reads_it(tmp_path: Path) -> None:
    results = tmp_path / "results"
    night(results, [played(1, PlayKind.PASS), played(2, PlayKind.FAIL)])
    write_beside(results, tmp_path, {"Summary of the night": ("text/markdown", "**FAIL**\n")})
    page = build(results, tmp_path / "report")
    assert page is not None and page.stat().st_size > 100_000
