"""Mute, plug and cable on the real bench: seen in the light, in the process, and in the packets."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness.bench.rig import Rig
from harness.evidence.read import read_events, read_traffic
from harness.model.ruling import Verdict
from harness.model.script import Deed
from harness.model.timeline import DeedDone, LightChanged, LightState, PromptHeard
from tests.bench_faults.small_bench import (
    ROOT,
    Played,
    assert_gone,
    assert_sealed,
    belonging,
    play_on,
    write_rig,
    write_scene,
)

pytestmark = pytest.mark.bench

BEACON = {"env": {"BEACON": "1"}}
# A beacon every 0.1 s; what is due just when the time is read may go either way.
_EDGE_S = 0.05
_BOOT_S = 4.0


def deed(do: str, pause_s: float = 1.0) -> dict[str, Any]:
    return {"do": do, "when": {"pause_s": pause_s}}


def played_whole(
    rig: Path, scene: Path, at: str = "", do: Callable[[Rig, str], None] | None = None
) -> Played:
    """Play; once more where a busy machine lost sound, which is inconclusive and must be."""
    played = play_on(rig, scene, at, do)
    if played.outcome.ruling.verdict is Verdict.INCONCLUSIVE:
        assert "busy" in played.why, played.why
        played = play_on(rig, scene, at, do)
    assert played.outcome.ruling.verdict is Verdict.PASS, played.why
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)
    return played


def times_of(played: Played) -> dict[str, float]:
    return {
        event.doing_id if event.doing_id.startswith("restored-") else event.deed.value: event.at_s
        for event in read_events(played.outcome.evidence)
        if isinstance(event, DeedDone)
    }


def beacons(played: Played, from_s: float, until_s: float) -> list[float]:
    """Times (s) of the device's packets in a span."""
    sent = read_traffic(played.outcome.evidence)
    return [at_s for at_s, _ in sent if from_s < at_s < until_s]


def test_cable_plug_and_button_do_what_they_say(tmp_path: Path) -> None:
    """In one play, since controls at both ends take most of a short one."""
    left: list[list[str]] = []

    def look(_rig: Rig, marker: str) -> None:
        left.append([p.command for p in belonging(marker) if "plain_device" in p.command])

    cable = (deed("network_off"), deed("network_on", 2.0))
    plug = (deed("unplug", 2.5), deed("plug_in", 2.0))
    button = (deed("mute", _BOOT_S), deed("unmute"))
    scene = write_scene(tmp_path, 0.5, *cable, *plug, *button)
    rig = write_rig(tmp_path, device={**BEACON, "panel": True})
    played = played_whole(rig, scene, "plugged in again", look)
    at_s = times_of(played)

    cut_s, mended_s = at_s["network_off"], at_s["network_on"]
    assert mended_s - cut_s >= 2.0
    assert len(beacons(played, cut_s - 1.0, cut_s)) >= 6
    assert beacons(played, cut_s + _EDGE_S, mended_s) == []
    assert len(beacons(played, mended_s, mended_s + 2.0)) >= 6
    assert "no network: " in (played.outcome.evidence / "device.log").read_text()

    assert left[-1] == []
    off_s, on_s = at_s["unplug"], at_s["plug_in"]
    assert len(beacons(played, off_s - 1.0, off_s)) >= 6
    assert beacons(played, off_s + _EDGE_S, on_s) == []
    assert beacons(played, on_s, on_s + _BOOT_S)

    lights = [e for e in read_events(played.outcome.evidence) if isinstance(e, LightChanged)]
    muted = [e.at_s for e in lights if e.state is LightState.MUTED]
    assert muted == [pytest.approx(at_s["mute"], abs=0.1)]
    assert any(e.state is LightState.IDLE and abs(e.at_s - at_s["unmute"]) < 0.1 for e in lights)


def test_a_device_that_does_not_come_back_proves_nothing(tmp_path: Path) -> None:
    def break_it(rig: Rig, _marker: str) -> None:
        (tmp_path / "prompts" / "broken").touch()

    command = f'test ! -e {tmp_path}/prompts/broken && exec "$0" "$@"'
    plain = yaml.safe_load(write_rig(tmp_path).read_text())["device"]["command"]
    rig = write_rig(tmp_path, device={"command": ["sh", "-c", command, *plain]})
    scene = write_scene(tmp_path, 0.5, deed("unplug"), deed("plug_in"))
    played = play_on(rig, scene, "plugged in again", break_it)
    assert played.outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "ended by itself (exit code 1)" in played.why
    assert_sealed(played.outcome.evidence)
    assert_gone(played.name, played.bench)


def test_the_reference_device_gets_back_all_that_was_taken(tmp_path: Path) -> None:
    """It ends muted, cut off and without power; then it must answer the closing request."""
    virtual = ROOT / "rigs" / "virtual.yaml"
    rig = write_rig(tmp_path)
    small = yaml.safe_load(rig.read_text())
    small = {key: small[key] for key in ("name", "limits", "evidence")}
    rig.write_text(yaml.safe_dump({"extends": str(virtual), **small}))
    scene = write_scene(tmp_path, 0.5, deed("mute"), deed("network_off"), deed("unplug"))
    played = played_whole(rig, scene)
    at_s = times_of(played)
    given_back = [f"restored-{d}" for d in (Deed.NETWORK_ON, Deed.PLUG_IN, Deed.UNMUTE)]
    assert list(at_s) == ["mute", "network_off", "unplug", *given_back]
    events = read_events(played.outcome.evidence)
    lights = [e for e in events if isinstance(e, LightChanged)]
    # The state folder and the switch both survive the cut: it wakes up muted.
    assert any(e.state is LightState.MUTED and e.at_s > at_s["restored-plug_in"] for e in lights), (
        lights
    )
    assert not [e for e in events if isinstance(e, PromptHeard)]
