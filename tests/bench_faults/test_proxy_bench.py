"""A real satellite behind a proxy that is gone round, killed or held up: never a pass."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.model.ruling import Verdict
from tests.bench_faults.satellite_beside import NEEDED
from tests.bench_faults.small_bench import ROOT, Played, assert_gone, find, play_on

_RIG = ROOT / "rigs" / "third_party" / "wyoming_satellite" / "proxied.yaml"
_SCENE = ROOT / "scenarios" / "zoo" / "are-you-there.scene.yaml"
pytestmark = [pytest.mark.bench, pytest.mark.exhaustive, NEEDED]
_SPEAKS = "Mark: Are you there?"


def test_a_server_that_calls_the_satellite_itself_goes_past_the_proxy(tmp_path: Path) -> None:
    command = list(load_rig(_RIG).cloud.command)  # type: ignore[union-attr]
    command[command.index("{address}:10700")] = "{device_address}:10700"
    played = play_on(_rig(tmp_path, cloud={"command": command}), _scene(tmp_path))
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE, played.why
    told = _proxy_whole(played)
    assert not told["held"]
    assert "the wire saw uploads" in told["detail"] and "past the proxy" in told["detail"]
    assert_gone(played.name, played.bench)


def test_a_proxy_that_is_killed_ends_the_play(tmp_path: Path) -> None:
    def kill(_rig: Rig, marker: str) -> None:
        os.kill(find(marker, "proxies.worker").pid, signal.SIGKILL)

    played = play_on(_rig(tmp_path), _scene(tmp_path), _SPEAKS, kill)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE, played.why
    assert "proxy" in played.why and "SIGKILL" in played.why
    assert not _proxy_whole(played)["held"]
    assert_gone(played.name, played.bench)


def test_a_proxy_that_is_held_up_ends_the_play(tmp_path: Path) -> None:
    def hold_up(_rig: Rig, marker: str) -> None:
        os.kill(find(marker, "proxies.worker").pid, signal.SIGSTOP)

    played = play_on(_rig(tmp_path), _scene(tmp_path), _SPEAKS, hold_up)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE, played.why
    assert "stands still" in played.why
    assert_gone(played.name, played.bench)


def _rig(folder: Path, **other: Any) -> Path:
    here = {
        "extends": str(_RIG),
        "name": f"proxied-{os.getpid()}",
        "limits": {"watch_s": 1},
        "evidence": {"folder": str(folder / "evidence")},
        **other,
    }
    path = folder / "rig.yaml"
    path.write_text(yaml.safe_dump(here))
    return path


def _scene(folder: Path) -> Path:
    path = folder / "assistants" / "are-you-there.scene.yaml"
    path.parent.mkdir()
    path.write_text(_SCENE.read_text().replace("watch_s: 20\n", ""))
    return path


def _proxy_whole(played: Played) -> dict[str, Any]:
    controls = json.loads((played.outcome.evidence / "controls.json").read_text())["controls"]
    found: dict[str, Any] = next(each for each in controls if each["name"] == "proxy_whole")
    return found
