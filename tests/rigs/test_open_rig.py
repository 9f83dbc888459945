"""An open device on simulated time: what it sends is read, or the play is no pass."""

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.rig import Rig
from harness.bench.rigfile import RigFile
from harness.evidence.read import read_events
from harness.model.ruling import Verdict
from harness.model.script import Script
from harness.model.timeline import Control, Upload
from harness.series.play import Outcome
from tests.rigs.simulated_plays import play, rig_file, scene

pytestmark = pytest.mark.slow


def open_rig_file() -> RigFile:
    file = rig_file("simulated", watch_s=2.0)
    return replace(file, device=file.device.model_copy(update={"open": True}))


def request() -> Script:
    """Mark wakes it, and says no more than whom to write to."""
    found = replace(scene("wanted-message", only=2), watch_s=None)
    return replace(found, expected_messages=(), expect_answer=False)


def payload_control(outcome: Outcome) -> Control:
    events = read_events(outcome.evidence)
    return next(e for e in events if isinstance(e, Control) and e.name == "payload_read")


def test_uploads_are_read_and_the_evidence_opens_by_itself(tmp_path: Path) -> None:
    outcome = play(open_rig_file(), request(), tmp_path)
    uploads = [e for e in read_events(outcome.evidence) if isinstance(e, Upload)]
    assert uploads and payload_control(outcome).held
    for upload in uploads:
        assert upload.holds_from_s is not None and upload.holds_until_s is not None
        # It streams what it has just heard, the first second of it once it has woken.
        assert 0.0 < upload.start_s - upload.holds_from_s < 1.0
        assert 0.0 < upload.end_s - upload.holds_until_s < 0.5
    capture = outcome.evidence / "network.pcapng"
    command = ["tshark", "-n", "-r", str(capture), "-Y", 'http.request.uri == "/v1/speech"']
    assert subprocess.run(command, capture_output=True, check=True).stdout.strip()
    assert not list(outcome.evidence.glob("*keys*"))


def test_a_device_that_keeps_its_keys_to_itself_is_never_a_pass(tmp_path: Path) -> None:
    def forget(rig: Rig, what: str) -> None:
        if what.startswith("collecting"):
            rig.reset()

    outcome = play(open_rig_file(), request(), tmp_path, forget)
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    control = payload_control(outcome)
    assert not control.held and "could not be decrypted" in control.detail
