"""Devices that are out of order in earnest: a clear ruling, no lucky pass, and a clean bench."""

import sys
from pathlib import Path

import pytest

from harness.bench.lock import runtime_folder
from harness.model.ruling import Verdict
from tests.bench_faults.small_bench import (
    PLAIN_DEVICE,
    Played,
    assert_gone,
    assert_sealed,
    play_on,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench
_BAD_DEVICE = PLAIN_DEVICE.with_name("bad_device.py")


def _play(folder: Path, how: str) -> Played:
    answer = folder / "prompts" / "answer.wav"
    device = {
        "command": [sys.executable, str(_BAD_DEVICE)],
        "env": {"BAD": how, "ANSWER": str(answer)},
        "control": {"answer_within_s": 3},
    }
    played = play_on(write_rig(folder, device=device), write_scene(folder))
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)
    return played


@pytest.mark.exhaustive
def test_one_that_restarts_in_a_loop_proves_nothing(tmp_path: Path) -> None:
    played = _play(tmp_path, "restarts")
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "does not answer" in played.why or "microphone" in played.why


@pytest.mark.exhaustive
def test_one_that_never_stops_speaking_proves_nothing(tmp_path: Path) -> None:
    played = _play(tmp_path, "speaks")
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE, played.why


def test_one_that_floods_its_link_is_stopped_before_it_fills_the_disk(tmp_path: Path) -> None:
    played = _play(tmp_path, "floods")
    assert played.outcome.ruling.verdict is not Verdict.PASS
    assert "link is flooded" in played.why, played.why
    capture = played.outcome.evidence / "network.pcapng"
    assert capture.stat().st_size < 600e6


@pytest.mark.exhaustive
def test_one_that_takes_all_it_can_is_ruled_on_and_leaves_nothing(tmp_path: Path) -> None:
    played = _play(tmp_path, "greedy")
    if played.outcome.ruling.verdict is Verdict.INCONCLUSIVE:  # a busy machine loses sound
        assert "busy" in played.why, played.why
        played = _play(tmp_path, "greedy")
    assert played.outcome.ruling.verdict is Verdict.PASS, played.why
    log = (played.outcome.evidence / "device.log").read_text()
    assert "the state folder is full after 51" in log, "the folder has no end"
    assert "No space left on device" in log
    assert not (runtime_folder() / played.name).exists()
