"""A redacted run verifies and is never a better one; what expired is gone, and is written down."""

import shutil
from pathlib import Path

import pytest

from harness.errors import RigError
from harness.evidence import EvidenceFolder, rejudge, same_as_recorded, verify
from harness.evidence.redact import redact
from harness.evidence.redaction import read_redaction, write_redaction
from harness.evidence.retention import Policy, copies, expire, read_expired
from harness.evidence.sample import sample_case, sample_pass, write_sample
from harness.judge import judge
from harness.model.case import Case
from harness.model.ruling import Verdict

_DAY_S = 86_400.0


def _run(root: Path, case: Case, now_s: float = 0.0) -> EvidenceFolder:
    folder = write_sample(root, now_s, case)
    folder.write_ruling(judge(case), "in words\n")
    folder.write_text("page.html", "<audio>somebody speaks</audio>")
    folder.write_text("message-1.wav", "somebody speaks")
    return folder


@pytest.mark.parametrize("case", [sample_case(), sample_pass()], ids=["fail", "pass"])
def test_what_is_left_verifies_and_is_judged_the_same(tmp_path: Path, case: Case) -> None:
    folder = _run(tmp_path, case)
    folder.seal()
    done = redact(folder.folder, 1.0)
    left = {path.name for path in folder.folder.iterdir()}
    removed = {"played.flac", "listener.flac", "device.flac", "network.pcapng", "device.log"}
    removed |= {"page.html", "message-1.wav"}
    assert {one.name for one in done.removed} == removed
    assert not left & removed
    assert verify(folder.folder) == []
    assert same_as_recorded(folder.folder, rejudge(folder.folder))
    assert redact(folder.folder, 2.0) == done


def test_without_words_nothing_is_judged_again(tmp_path: Path) -> None:
    folder = _run(tmp_path, sample_case())
    folder.seal()
    done = redact(folder.folder, 1.0, words=True)
    assert done.verdict is Verdict.FAIL
    assert verify(folder.folder) == []
    text = "".join(p.read_text(encoding="utf-8") for p in folder.folder.iterdir())
    assert "really happy" not in text and "Thomas" not in text
    with pytest.raises(RigError, match="its words were redacted"):
        rejudge(folder.folder)


def test_a_redacted_run_never_passes_where_it_did_not(tmp_path: Path) -> None:
    folder = _run(tmp_path, sample_pass())
    folder.seal()
    done = redact(folder.folder, 1.0)
    write_redaction(folder.folder, done.model_copy(update={"verdict": Verdict.INCONCLUSIVE}))
    (folder.folder / "manifest.json").unlink()
    EvidenceFolder(folder.folder).seal()
    with pytest.raises(RigError, match="would pass, and the run did not"):
        rejudge(folder.folder)


def test_a_run_that_was_never_sealed_stays_so(tmp_path: Path) -> None:
    folder = _run(tmp_path, sample_pass())
    redact(folder.folder, 1.0)
    assert not (folder.folder / "listener.flac").exists()
    assert not (folder.folder / "manifest.json").exists()
    assert rejudge(folder.folder).verdict is not Verdict.PASS


def test_what_was_cut_short_is_finished_by_doing_it_again(tmp_path: Path) -> None:
    folder = _run(tmp_path, sample_case())
    folder.seal()
    whole = tmp_path / "whole"
    shutil.copytree(folder.folder, whole)
    done = redact(whole, 1.0)
    write_redaction(folder.folder, done)
    (folder.folder / "listener.flac").unlink()
    assert {one.name for one in redact(folder.folder, 2.0).removed} == {
        one.name for one in done.removed
    }
    assert verify(folder.folder) == []
    assert read_redaction(folder.folder) is not None


def test_what_is_not_as_sealed_is_not_touched(tmp_path: Path) -> None:
    folder = _run(tmp_path, sample_case())
    folder.seal()
    (folder.folder / "timeline.jsonl").write_text("changed", encoding="utf-8")
    with pytest.raises(RigError, match="Nothing was touched"):
        redact(folder.folder, 1.0)
    assert (folder.folder / "listener.flac").exists()


def test_what_is_too_old_goes_and_is_written_down_and_copies_are_found(tmp_path: Path) -> None:
    root, reports = tmp_path / "evidence", tmp_path / "allure-results"
    old_pass, old_fail, new = (
        _run(root, case, at_s)
        for case, at_s in ((sample_pass(), 0.0), (sample_case(), 0.0), (sample_pass(), 9 * _DAY_S))
    )
    for folder in (old_pass, old_fail, new):
        folder.seal()
    reports.mkdir()
    shutil.copy(old_pass.folder / "listener.flac", reports / "attachment.flac")
    gone = expire(root, Policy(passes_days=5.0), 10 * _DAY_S)
    assert [one.run for one in gone] == [old_pass.folder.name]
    assert not old_pass.folder.exists() and old_fail.folder.exists() and new.folder.exists()
    assert read_expired(root) == gone and gone[0].done
    assert copies(gone, [reports]) == [reports / "attachment.flac"]
    assert [one.run for one in expire(root, Policy(5.0, 5.0), 10 * _DAY_S)] == [
        old_fail.folder.name
    ]


def test_a_removal_that_was_cut_short_is_finished(tmp_path: Path) -> None:
    folder = _run(tmp_path, sample_pass())
    folder.seal()
    copy = tmp_path.parent / "copy"
    shutil.copytree(folder.folder, copy)
    (line,) = expire(tmp_path, Policy(0.0), _DAY_S)
    ledger = tmp_path / "expired.jsonl"
    begun = line.model_copy(update={"done": False}).model_dump_json()
    ledger.write_text(begun + '\n{"run": "cut', encoding="utf-8")
    shutil.move(copy, folder.folder)
    (again,) = expire(tmp_path, Policy(1e6), _DAY_S)
    assert again.done and not folder.folder.exists()


def test_a_ledger_that_somebody_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "expired.jsonl").write_text('{"run": 1}\n', encoding="utf-8")
    with pytest.raises(RigError, match="none of a removal"):
        expire(tmp_path, Policy(0.0), 0.0)
