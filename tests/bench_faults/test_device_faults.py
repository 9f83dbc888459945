"""Devices that die, hang, stay silent, or do not exist: inconclusive, said why, nothing lost."""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.bench.rig import Rig
from harness.errors import DeviceError
from harness.model.ruling import Verdict
from tests.bench_faults.small_bench import (
    SPEAKING,
    Played,
    assert_gone,
    assert_sealed,
    find,
    play_on,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench


def _play(folder: Path, device: dict[str, Any], at: str = "") -> Played:
    played = play_on(write_rig(folder, device=device), write_scene(folder), at)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)
    return played


def test_a_device_that_dies_at_start_is_told_with_its_last_words(tmp_path: Path) -> None:
    program = "import sys; print('no licence found'); sys.exit(3)"
    played = _play(tmp_path, {"command": [sys.executable, "-c", program]})
    assert isinstance(played.outcome.stopped_by, DeviceError)
    assert "ended by itself (exit code 3)" in played.why
    assert "no licence found" in played.why
    assert "device.log" in played.files()


def test_a_device_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    played = _play(tmp_path, {"command": ["/nowhere/assistant", "--listen"]})
    assert isinstance(played.outcome.stopped_by, DeviceError)
    assert "/nowhere/assistant" in played.why
    assert "device: command:" in played.why


def test_a_device_that_never_opens_its_microphone_is_not_waited_for(tmp_path: Path) -> None:
    program = "import threading; threading.Event().wait()"
    played = _play(tmp_path, {"command": [sys.executable, "-c", program], "ready_s": 0.5})
    assert isinstance(played.outcome.stopped_by, DeviceError)
    assert "did not open its microphone within 0.5 s" in played.why
    assert "docs/device-contract.md" in played.why


def test_a_device_that_listens_and_never_answers_proves_nothing(tmp_path: Path) -> None:
    device = {"env": {"DEAF": "1"}, "control": {"answer_within_s": 1}}
    played = _play(tmp_path, device, at="opening")
    assert isinstance(played.outcome.stopped_by, DeviceError)
    assert "the device does not answer" in played.why
    assert {"listener.flac", "network.pcapng", "device.log"} <= played.files()
    assert SPEAKING not in played.told


def test_a_device_that_hangs_while_a_scene_plays_is_not_taken_for_a_quiet_one(
    tmp_path: Path,
) -> None:
    def hang(_rig: Rig, marker: str) -> None:
        os.kill(find(marker, "plain_device.py").pid, signal.SIGSTOP)

    rig = write_rig(tmp_path, device={"control": {"answer_within_s": 3}})
    played = play_on(rig, write_scene(tmp_path), SPEAKING, hang)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "it may have slept all along" in played.why
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)


def test_a_device_that_dies_while_a_scene_plays_is_told(tmp_path: Path) -> None:
    played = _play(tmp_path, {"env": {"DIE_ON": "line"}}, at=SPEAKING)
    assert "ended by itself (exit code 7)" in played.why
    assert "out of order" in played.why
    assert {"listener.flac", "device.flac", "network.pcapng", "device.log"} <= played.files()
