"""The recorded run gives the recorded ruling, or an error that names the file; never a pass."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.judge_plays import day
from harness.errors import RigError
from harness.evidence import EvidenceFolder, rejudge, same_as_recorded
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.judge import judge
from harness.model import record
from harness.model.case import Case
from harness.model.ruling import Verdict
from harness.model.timeline import LineSpoken


def _judged(tmp_path: Path, case: Case) -> EvidenceFolder:
    folder = write_sample(tmp_path, 0.0, case)
    folder.write_ruling(judge(case), "in words\n")
    return folder


@pytest.mark.parametrize("case", [sample_case(), sample_pass()], ids=["fail", "pass"])
def test_the_same_ruling_byte_for_byte(tmp_path: Path, case: Case) -> None:
    folder = _judged(tmp_path, case)
    folder.seal()
    ruling = rejudge(folder.folder)
    recorded = (folder.folder / "ruling.json").read_bytes()
    assert record.ruling_to_json(ruling).encode() == recorded
    assert same_as_recorded(folder.folder, ruling)


def test_times_finer_than_the_record_change_nothing(tmp_path: Path) -> None:
    case = sample_case()
    lines = tuple(
        replace(event, start_s=event.start_s + 1 / 3e6) if isinstance(event, LineSpoken) else event
        for event in case.events
    )
    folder = _judged(tmp_path, replace(case, events=lines))
    folder.seal()
    assert same_as_recorded(folder.folder, rejudge(folder.folder))


def test_a_long_timeline_is_judged_as_it_is_read(tmp_path: Path) -> None:
    """In stretches, since it stands in order of time; in any other order it is held."""
    case = day(5_000)
    for now_s, events in ((0.0, case.events), (60.0, case.events[::-1])):
        folder = EvidenceFolder.create(tmp_path, case.script.id, now_s)
        folder.write_case(case, {"sayso": "a day"})
        folder.write_timeline(events)
        folder.write_ruling(judge(case), "in words\n")
        folder.seal()
        assert same_as_recorded(folder.folder, rejudge(folder.folder))


def test_a_copy_elsewhere_judges_the_same(tmp_path: Path) -> None:
    folder = _judged(tmp_path, sample_case())
    folder.seal()
    moved = folder.folder.rename(tmp_path / "moved")
    assert same_as_recorded(moved, rejudge(moved))


def _edited(path: Path) -> None:
    text = path.read_text()
    path.write_text(text.replace("Thomas Reed", "Thomas Read"))


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


@pytest.mark.parametrize("spoil", [_cut, Path.unlink])
@pytest.mark.parametrize("name", ["case.json", "timeline.jsonl", "listener.flac", "ruling.json"])
def test_what_is_not_as_sealed_is_refused_by_name(
    tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    folder = _judged(tmp_path, sample_pass())
    folder.seal()
    spoil(folder.folder / name)
    with pytest.raises(RigError, match=name):
        rejudge(folder.folder)


@pytest.mark.parametrize("name", ["case.json", "timeline.jsonl"])
def test_an_edited_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    folder = _judged(tmp_path, sample_case())
    folder.seal()
    _edited(folder.folder / name)
    with pytest.raises(RigError, match=name):
        rejudge(folder.folder)


def test_an_extra_file_changes_nothing(tmp_path: Path) -> None:
    folder = _judged(tmp_path, sample_pass())
    folder.seal()
    (folder.folder / "notes.txt").write_text("mine")
    assert rejudge(folder.folder).verdict is Verdict.PASS


def test_an_unsealed_folder_is_never_a_pass(tmp_path: Path) -> None:
    folder = _judged(tmp_path, sample_pass())
    ruling = rejudge(folder.folder)
    assert ruling.verdict is Verdict.INCONCLUSIVE
    assert any("never sealed" in reason for reason in ruling.reasons)


def test_a_removed_manifest_is_never_a_pass(tmp_path: Path) -> None:
    folder = _judged(tmp_path, sample_pass())
    folder.seal()
    (folder.folder / "manifest.json").unlink()
    assert rejudge(folder.folder).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("kept", range(1, 8))
def test_a_run_cut_anywhere_is_never_a_pass(tmp_path: Path, kept: int) -> None:
    folder = _judged(tmp_path, sample_pass()).folder
    path = folder / "timeline.jsonl"
    content = path.read_bytes()
    path.write_bytes(content[: len(content) * kept // 8])
    assert rejudge(folder).verdict is not Verdict.PASS


@pytest.mark.parametrize("name", ["case.json", "timeline.jsonl"])
def test_an_unsealed_folder_without_its_case_is_refused(tmp_path: Path, name: str) -> None:
    folder = _judged(tmp_path, sample_pass())
    (folder.folder / name).unlink()
    with pytest.raises(RigError, match=name):
        rejudge(folder.folder)


def test_garbage_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = _judged(tmp_path, sample_pass()).folder
    with (folder / "timeline.jsonl").open("a") as stream:
        stream.write('{"kind": "Rumour"}\n')
    with pytest.raises(RigError, match=r"timeline\.jsonl.*line.*Rumour"):
        rejudge(folder)


def test_another_format_is_refused(tmp_path: Path) -> None:
    folder = _judged(tmp_path, sample_pass()).folder
    path = folder / "case.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "format": 99}))
    with pytest.raises(RigError, match=r"case\.json: format 99"):
        rejudge(folder)
