"""The reference device on simulated time: the same rulings as in real time, and always the same."""

import gc
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.drivers.simulated_air import SimulatedAir
from harness.bench.open import open_rig
from harness.bench.rig import Rig
from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.ears.prompts import PromptBook
from harness.errors import RigFileError
from harness.evidence.read import read_events
from harness.evidence.wire_facts import read_wire_facts
from harness.model.ruling import KnownOutcome, Verdict
from harness.model.timeline import (
    Control,
    LightChanged,
    LightState,
    MessageReceived,
    PromptHeard,
    Upload,
)
from harness.stage.performance import Performance
from harness.wire import read_wire
from harness.wire.talk import read_talk
from rigs.simulated.cloud import SteppedInbox
from rigs.simulated.device import Life
from tests.rigs.simulated_plays import play, rig_file, scene

pytestmark = pytest.mark.slow
_CLOUD = "cloud.reference.test:443"


def _contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_seed_gives_the_same_evidence_byte_for_byte(tmp_path: Path) -> None:
    script = scene("kitchen")
    outcomes = [play(rig_file("simulated-2018"), script, tmp_path / side) for side in "ab"]
    first, second = (_contents(outcome.evidence) for outcome in outcomes)
    assert {"listener.flac", "network.pcapng", "timeline.jsonl", "manifest.json"} <= first.keys()
    assert first == second
    found = [finding.cls for finding in outcomes[0].ruling.findings]
    assert sorted(set(found)) == ["V04", "V07", "V08", "V11", "V20", "V25"]
    assert outcomes[0].ruling.known is KnownOutcome.EXACTLY


def test_what_a_play_held_is_let_go_of_without_a_garbage_collector(tmp_path: Path) -> None:
    def cut(rig: Rig, what: str) -> None:
        if what.startswith("Dana"):
            rig.power.off()
            rig.power.on()

    script = replace(scene("kitchen", only=2), watch_s=2.0)
    gc.collect()
    gc.disable()
    try:
        outcome = play(rig_file("simulated", watch_s=2.0), script, tmp_path, cut)
        large = (SimulatedAir, PromptBook, Performance, Life)
        left = [type(thing).__name__ for thing in gc.get_objects() if isinstance(thing, large)]
    finally:
        gc.enable()
    assert outcome.stopped_by is None
    assert left == []


@pytest.mark.exhaustive
def test_another_seed_is_another_play_with_the_same_ruling(tmp_path: Path) -> None:
    file = rig_file("simulated-guarded")
    assert file.simulated is not None
    other = replace(file, simulated=file.simulated.model_copy(update={"seed": 2}))
    outcomes = [play(f, scene("kitchen"), tmp_path / f"{i}") for i, f in enumerate((file, other))]
    assert [o.ruling.known for o in outcomes] == [KnownOutcome.EXACTLY] * 2
    heard = [_contents(outcome.evidence)["listener.flac"] for outcome in outcomes]
    assert heard[0] != heard[1]


@pytest.mark.parametrize(
    "name",
    [
        "kitchen",
        "wanted-message",
        pytest.param("denial", marks=pytest.mark.exhaustive),
    ],
)
def test_the_careful_device_passes_as_in_real_time(tmp_path: Path, name: str) -> None:
    outcome = play(rig_file("simulated"), scene(name), tmp_path)
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline
    events = read_events(outcome.evidence)
    messages = [event for event in events if isinstance(event, MessageReceived)]
    assert [m.recipient for m in messages] == ["Thomas Reed"] * (name == "wanted-message")
    assert {u.destination for u in events if isinstance(u, Upload)} <= {_CLOUD}


def test_a_cloud_that_died_is_never_a_pass(tmp_path: Path) -> None:
    def kill(rig: Rig, what: str) -> None:
        if what.startswith("closing"):
            assert isinstance(rig.inbox, SteppedInbox)
            rig.inbox.cloud.down = "cloud: killed"

    script = replace(scene("ordinary-talk", only=1), watch_s=None)
    outcome = play(rig_file("simulated", watch_s=2.0), script, tmp_path, kill)
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "cloud: killed" in str(outcome.stopped_by)


def test_a_device_without_power_is_never_a_pass(tmp_path: Path) -> None:
    def unplug(rig: Rig, what: str) -> None:
        if what.startswith("Dana"):
            rig.power.off()

    script = replace(scene("ordinary-talk", only=1), watch_s=None)
    outcome = play(rig_file("simulated", watch_s=2.0), script, tmp_path, unplug)
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    broken = {c.name for c in outcome.ruling.controls if not c.held}
    assert "device_awake" in broken


def test_without_a_network_nothing_leaves_and_the_device_says_so(tmp_path: Path) -> None:
    def cut(rig: Rig, what: str) -> None:
        if what.startswith("Mark: Yes."):
            assert rig.link is not None
            rig.link.off()

    outcome = play(rig_file("simulated"), scene("wanted-message"), tmp_path, cut)
    events = read_events(outcome.evidence)
    assert not [event for event in events if isinstance(event, MessageReceived)]
    said = [event.prompt_id for event in events if isinstance(event, PromptHeard)]
    assert said[-1] == "no_network"
    assert outcome.ruling.verdict is not Verdict.PASS


def test_mute_and_power_work_on_the_device_itself(tmp_path: Path) -> None:
    def press(rig: Rig, what: str) -> None:
        assert rig.panel is not None
        if what.startswith("Dana"):
            rig.panel.press_mute(True)
        if what.startswith("closing"):
            rig.power.cycle()
            rig.clock.wait_s(1.5)
            assert rig.panel.events()[-1].light is LightState.MUTED
            rig.panel.press_mute(False)

    script = replace(scene("ordinary-talk", only=1), watch_s=None)
    outcome = play(rig_file("simulated", watch_s=2.0), script, tmp_path, press)
    lights = [e.state for e in read_events(outcome.evidence) if isinstance(e, LightChanged)]
    assert LightState.MUTED in lights
    assert outcome.ruling.verdict is Verdict.PASS, outcome.ruling.headline


def test_the_wire_shows_what_a_real_device_would(tmp_path: Path) -> None:
    script = replace(scene("ordinary-talk", only=1), watch_s=30.0)
    outcome = play(rig_file("simulated", watch_s=2.0), script, tmp_path)
    report = read_wire(outcome.evidence / "network.pcapng", "10.77.0.2")
    assert (report.dropped, report.malformed, report.truncated) == (0, 0, False)
    # The control request, asked before and after, is streamed to the cloud by name.
    assert [u.destination for u in report.uploads] == [_CLOUD] * 2
    assert all(40_000 < u.bytes_out < 120_000 for u in report.uploads)
    sent_s = [unix_s for unix_s, _ in report.traffic.sent]
    spoken = [(u.start_s - 2.0, u.end_s + 2.0) for u in report.uploads]
    quiet = [s for s in sent_s[40:] if not any(a <= s <= b for a, b in spoken)]
    assert quiet, "no heartbeat was seen"
    controls = [e for e in read_events(outcome.evidence) if isinstance(e, Control)]
    assert all(control.held for control in controls)
    facts = read_wire_facts(outcome.evidence)
    assert facts is not None and facts.device == "10.77.0.2"
    assert {nonce.encode() for nonce in facts.nonces} == set(report.traffic.canaries)
    before, after = (facts.at_s(upload.start_s) for upload in report.uploads)
    assert before < 0.0 and after > 30.0
    talk = read_talk(outcome.evidence / "network.pcapng", facts.device, facts.own_flows)
    assert [(peer.flows, peer.port) for peer in talk.peers if peer.own] == [(2, 443)]


def test_a_rig_file_that_names_no_device_says_so(tmp_path: Path) -> None:
    base = "extends: ../rigs/simulated.yaml\nname: other\n"
    folder = tmp_path / "mine"
    folder.mkdir()
    (tmp_path / "rigs").symlink_to(Path(__file__).parents[2] / "rigs")
    path = folder / "other.yaml"
    path.write_text(base + "simulated: {stepped: 'no.such:device'}\n")
    with pytest.raises(RigFileError, match=r"no\.such"), open_rig(load_rig(path), RealClock()):
        pass
    path.write_text(base + "kind: virtual\n")
    with pytest.raises(RigFileError, match="belong together"):
        load_rig(path)
