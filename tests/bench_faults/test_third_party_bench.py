"""A satellite that nobody here wrote holds a conversation on the bench, and its stream is read."""

import json
from pathlib import Path

import pytest
import yaml

from harness.evidence.read import read_events
from harness.model.ruling import Verdict
from harness.model.timeline import Upload
from tests.bench_faults.small_bench import ROOT, assert_gone, play_on

_INSTALLED = ROOT / ".cache" / "third_party" / "wyoming_satellite-satellite" / "stamp"
_RIG = ROOT / "rigs" / "third_party" / "wyoming_satellite" / "guarded.yaml"
_SCENE = ROOT / "scenarios" / "zoo" / "are-you-there.scene.yaml"
pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(
        not _INSTALLED.exists(), reason="no satellite here: rigs/third_party/setup.sh installs it"
    ),
]


def test_a_real_satellite_answers_and_each_stream_is_what_its_microphone_heard(
    tmp_path: Path,
) -> None:
    rig = tmp_path / "satellite.yaml"
    here = {"extends": str(_RIG), "name": "satellite-test", "limits": {"watch_s": 1}}
    rig.write_text(yaml.safe_dump({**here, "evidence": {"folder": str(tmp_path / "evidence")}}))
    scene = tmp_path / "assistants" / "are-you-there.scene.yaml"
    scene.parent.mkdir()
    scene.write_text(_SCENE.read_text().replace("watch_s: 20\n", ""))
    played = play_on(rig, scene)
    if played.outcome.ruling.verdict is Verdict.INCONCLUSIVE:  # a busy machine loses sound
        played = play_on(rig, scene)
    assert played.outcome.ruling.verdict is Verdict.PASS, played.why
    evidence = played.outcome.evidence
    uploads = [e for e in read_events(evidence) if isinstance(e, Upload)]
    assert uploads and all(u.holds_from_s is not None for u in uploads)
    controls = json.loads((evidence / "controls.json").read_text())["controls"]
    assert all(each["held"] for each in controls)
    assert "payload_read" in {each["name"] for each in controls}
    assert_gone(played.name, played.bench)
