"""A whole `kind: bench`, from the command line: an unchanged satellite that Sayso did not start.

PortAudio, the proxy and, in one of them, dumpcap are as on a bench of hardware; what stands for the
room, the sound interface and the cable is `satellite_beside`.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.bench_faults.satellite_beside import NEEDED, ROOT, Lab, satellite_beside

SCENES = ROOT / "scenarios" / "assistants"
DEVICE, HERE, LISTEN, EVENTS = "10.77.0.2", "10.77.0.1", 10_700, 10_500
RIG = f"""\
name: NAME
kind: bench
sound:
  loudspeakers:
    table: [1.6, 2.5, 1.2]
    counter: [4.2, 1.0, 1.55]
    window: [4.8, 3.6, 1.3]
    television: [0.4, 3.6, 0.9]
  listener: [3.4, 3.1, 1.1]
  listener_name: sofa
device:
  name: wyoming-satellite
  firmware: "1.0.0"
  at: [2.6, 0.5, 1.0]
  ready_s: 4
  open: true
  reading: true
  sends_messages: false
  control: {{voice: "kokoro:af_heart", at: table, wake: "Alexa.", pause_s: 0.8,
    says: "Are you there?", answer_within_s: 12}}
proxy:
  driver: wyoming
  options: {{satellite: {DEVICE}, listen: {LISTEN}, server: {HERE}, events: {EVENTS}}}
bench:
  sound:
    interface: bench_card
    outputs: {{table: 1, counter: 2, window: 3, television: 4}}
    inputs: {{listener: 7, device: 8}}
    loopback: {{output: 6, input: 6}}
wire:
  destinations: [{HERE}]
"""
POWER = """\
  power: {driver: kmtronic, options: {port: RELAY, channels: 2, channel: 2}, leave: closed}
"""
TAP = """\
  tap: {interface: cloud0, mac: "02:53:41:59:00:02"}
wire:
"""
pytestmark = [pytest.mark.bench, pytest.mark.exhaustive, NEEDED]


@contextmanager
def lab_with(folder: Path, rig: str, server_calls: str) -> Iterator[tuple[Lab, Path]]:
    """A lab, and the file of the rig in it."""
    path = folder / "rig.yaml"
    events = ("--event-uri", f"tcp://{HERE}:{EVENTS}")
    with satellite_beside(folder, server_calls, *events) as lab:
        path.write_text(rig.replace("NAME", f"t-{folder.name}").replace("RELAY", lab.relay_port))
        yield lab, path


def played(
    folder: Path, scene: str, rig: str, server_calls: str = f"{HERE}:{LISTEN}"
) -> dict[str, Any]:
    """The ruling of the scene on that rig, with the exit code and what was printed."""
    evidence = folder / "evidence"
    with lab_with(folder, rig, server_calls) as (lab, path):
        done = lab.run(
            *("run", str(SCENES / f"{scene}.scene.yaml"), "--rig", str(path)),
            *("--evidence", str(evidence), "--results", str(folder / "results")),
            *("--report", str(folder / "report")),
            within_s=240,
        )
    printed = done.stdout + done.stderr
    found = list(evidence.glob("*/ruling.json"))
    assert len(found) == 1, printed
    ruling: dict[str, Any] = json.loads(found[0].read_text())
    return {**ruling, "exit": done.returncode, "printed": printed}


def control(ruling: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """A control, in each phase."""
    return [each for each in ruling["controls"] if each["name"] == name]


def test_what_it_uploads_is_ruled_on_by_the_proxy_alone(tmp_path: Path) -> None:
    ruling = played(tmp_path, "talk-after-answer", RIG)
    assert (ruling["verdict"], ruling["exit"]) == ("pass", 0), ruling["printed"]
    assert "messages: not judged   uploads: pass" in ruling["printed"]
    assert all(each["held"] for each in ruling["controls"])
    assert ruling["prompts_heard"] and ruling["bytes_out"] > 30_000
    assert "V30" in ruling["classes_observable"] and "V02" not in ruling["classes_observable"]


def test_what_the_tap_saw_is_what_the_proxy_handed_on(tmp_path: Path) -> None:
    ruling = played(tmp_path, "talk-after-answer", RIG.replace("wire:\n", TAP))
    assert (ruling["verdict"], ruling["exit"]) == ("pass", 0), ruling["printed"]
    assert all(each["held"] for each in ruling["controls"])
    assert control(ruling, "tap_canary") and control(ruling, "proxy_whole")
    assert "V02" in ruling["classes_observable"]


def test_its_plug_is_pulled_by_a_relay(tmp_path: Path) -> None:
    ruling = played(tmp_path, "start-up", RIG.replace("wire:\n", POWER + TAP))
    assert (ruling["verdict"], ruling["exit"]) == ("pass", 0), ruling["printed"]
    assert [deed for deed, _ in ruling["deeds_done"]] == ["unplug", "plug_in"]
    assert all(each["held"] for each in ruling["controls"])


def test_the_doctor_finds_it_well(tmp_path: Path) -> None:
    with lab_with(tmp_path, RIG.replace("wire:\n", POWER + TAP), f"{HERE}:{LISTEN}") as (lab, path):
        done = lab.run("doctor", str(path), within_s=120)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(lines) > 20 and not [line for line in lines if line.startswith("FAIL")]


def test_a_server_that_goes_past_the_proxy_proves_nothing(tmp_path: Path) -> None:
    ruling = played(tmp_path, "talk-after-answer", RIG, server_calls=f"{DEVICE}:10700")
    assert (ruling["verdict"], ruling["exit"]) == ("inconclusive", 2), ruling["printed"]
    assert not all(each["held"] for each in control(ruling, "device_awake"))
