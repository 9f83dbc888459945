"""A folder that another program wrote: JSON as it comes, three files, no sound."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from harness.cli import main
from harness.errors import RigError
from harness.evidence import rejudge
from harness.model.ruling import Verdict
from tests.evidence.published import assert_as_published

SCRIPT = {
    "id": "lab/evening",
    "title": "An evening",
    "household": {"contacts": ["Thomas Reed"]},
    "cast": [{"name": "Ada", "voice": "her own", "role": "resident", "position": "sofa"}],
    "lines": [
        {"id": "talk", "who": "Ada", "says": "What a day.", "to": "room", "acts": [],
         "names": None, "when": {"kind": "AtTime", "at_s": 1}, "level_db": 0, "clip": "talk.wav"}
    ],
}  # fmt: skip
RIG = {
    "rig": "a lab elsewhere",
    "device": "somebody's speaker",
    "firmware": "7",
    "sources": ["S", "N", "I"],
    "required_controls": [["opening", "tap_canary"]],
}
SPOKEN = {"kind": "LineSpoken", "line_id": "talk", "start_s": 1, "end_s": 2, "exact": True,
          "heard": True, "heard_score": 1, "level_db": -30}  # fmt: skip
CONTROL = {"kind": "Control", "phase": "opening", "name": "tap_canary", "held": True,
           "measured": None, "limit": None, "unit": "", "detail": "seen"}  # fmt: skip
TRAFFIC = {"kind": "TrafficSeen", "packets": 40, "bytes_out": 900, "bytes_in": 900}
WATCHED = {"kind": "Watched", "from_s": -1, "until_s": 60}
UPLOAD = {"kind": "Upload", "start_s": 1.5, "end_s": 4, "bytes_out": 90000, "destination": "a:1"}
EVENTS = [SPOKEN, CONTROL, TRAFFIC, WATCHED]


def folder_of(path: Path, events: list[dict[str, Any]], *, sealed: bool = True) -> Path:
    """The files as another program would write them: its own spaces, its own order."""
    path.mkdir(exist_ok=True)
    case = {"case": {"events": [], "rig": RIG, "script": SCRIPT}, "format": 1}
    (path / "case.json").write_text(json.dumps(case, indent=1))
    lines = [{"events": len(events), "timeline": 1}, *events]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    (path / "timeline.jsonl").write_text(text)
    files = [
        {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content), "name": name}
        for name in ("timeline.jsonl", "case.json")
        for content in [(path / name).read_bytes()]
    ]
    if sealed:
        (path / "manifest.json").write_text(json.dumps({"files": files, "format": 1}))
    return path


def test_it_is_judged_like_our_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    quiet = folder_of(tmp_path / "quiet", EVENTS)
    assert_as_published(quiet)
    assert main(["rejudge", str(quiet)]) == 0
    assert "holds no ruling to compare" in capsys.readouterr().err
    leaking = folder_of(tmp_path / "leaking", [*EVENTS, UPLOAD])
    assert main(["rejudge", str(leaking), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["findings"][0]["cls"] == "V04"


@pytest.mark.parametrize(
    ("left_out", "word"),
    [(SPOKEN, "talk"), (CONTROL, "tap_canary"), (TRAFFIC, "tap"), (WATCHED, "watched")],
)
def test_what_its_play_lacks_is_said(tmp_path: Path, left_out: dict[str, Any], word: str) -> None:
    ruling = rejudge(folder_of(tmp_path / "run", [e for e in EVENTS if e != left_out]))
    assert ruling.verdict is Verdict.INCONCLUSIVE
    assert any(word in reason for reason in ruling.reasons)


def test_without_a_manifest_it_is_never_a_pass(tmp_path: Path) -> None:
    ruling = rejudge(folder_of(tmp_path / "run", EVENTS, sealed=False))
    assert ruling.verdict is Verdict.INCONCLUSIVE


def test_every_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "manifest.json").write_text('{"format": 1, "files": []}')
    assert main(["rejudge", str(empty)]) == 2
    assert "without case.json and timeline.jsonl" in capsys.readouterr().err


def test_events_in_the_case_are_not_passed_over(tmp_path: Path) -> None:
    run = folder_of(tmp_path / "run", EVENTS, sealed=False)
    content = json.loads((run / "case.json").read_text())
    content["case"]["events"] = [UPLOAD]
    (run / "case.json").write_text(json.dumps(content))
    with pytest.raises(RigError, match=r"case\.json.*belong into timeline\.jsonl"):
        rejudge(run)
