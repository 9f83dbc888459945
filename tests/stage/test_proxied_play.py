"""A play whose device has a proxy before it: what must hold, and what becomes of a broken one."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.bench.drivers.simulated import SimulatedTap
from harness.bench.ports import Panel, PassedEvent, PassReport, Proxy, TapReport
from harness.bench.ports.proxy import Passed
from harness.clock import Clock
from harness.errors import RigError
from harness.evidence.verify import verify
from harness.model.ruling import Verdict
from harness.series.play import facts_of
from harness.stage.session import PASSED
from tests.stage.simulated_scene import Stage, broken_controls, scene, stage

ONE = Passed(("10.77.0.2", 10_700), ("10.77.0.9", 40_000), ("10.77.0.1", 50_000), 9_000, 5)
GOOD = PassReport((ONE,), 0, 0, 0, False, 0, 0.02)


class PeerProxy(Proxy):
    """Captures what a simulated tap does, and tells what it is told to."""

    def __init__(self, tap: SimulatedTap, report: PassReport | None) -> None:
        self._tap, self._told = tap, report
        self.captured: list[Path] = []
        self.why: str | None = None

    device_address = "10.77.0.2"
    device_ports = (10_700,)
    datagrams_to = ("127.0.0.1", 48_557)
    panel: Panel | None = None

    def start(self, path: Path) -> None:
        self.captured.append(path)
        self._tap.start(path)

    def trouble(self) -> str | None:
        return self.why

    def stop(self) -> TapReport:
        return self._tap.stop()

    def send_canary(self, nonce: bytes) -> float:
        return self._tap.send_canary(nonce)

    def report(self) -> PassReport:
        if self._told is None:
            raise RigError("proxy: killed")
        return self._told

    def events(self) -> tuple[PassedEvent, ...]:
        return (PassedEvent(0.0, 0.01, True, "played"),)

    def close(self) -> None:
        pass


def quiet(folder: Path) -> Stage:
    """One line to the room, which an honest device ignores."""
    return stage(folder, scene("ordinary-talk", only=1), prompts=("am_here",))


def alone(set_up: Stage, report: PassReport | None) -> PeerProxy:
    """The rig's only tap is a proxy."""
    rig = set_up.bench.rig
    assert isinstance(rig.tap, SimulatedTap)
    proxy = PeerProxy(rig.tap, report)
    set_up.bench.rig = replace(rig, tap=proxy, proxy=proxy, absent=frozenset("N"))
    return proxy


def beside(set_up: Stage, clock: Clock, report: PassReport) -> PeerProxy:
    """There is a tap as well."""
    proxy = PeerProxy(SimulatedTap(clock), report)
    set_up.bench.rig = replace(set_up.bench.rig, proxy=proxy)
    return proxy


def test_a_proxy_alone_is_a_tap_whose_controls_must_hold(tmp_path: Path) -> None:
    set_up = quiet(tmp_path)
    proxy = alone(set_up, GOOD)
    facts = facts_of(set_up.bench.rig, set_up.script)
    assert "N" not in facts.sources
    wanted = {name for _, name in facts.required_controls}
    assert {"one_clock", "tap_canary", "tap_complete", "proxy_whole"} <= wanted
    outcome = set_up.play()
    assert not broken_controls(outcome) and not verify(outcome.evidence)
    assert [path.name for path in proxy.captured] == ["network.pcapng"]
    events = json.loads((outcome.evidence / "events.json").read_text())["events"]
    assert [(event["by"], event["type"]) for event in events] == [("device", "played")]
    (told,) = [c for c in outcome.ruling.controls if c.name == "proxy_whole"]
    assert told.held and "9000 bytes" in told.detail and "1 events of its own" in told.detail


@pytest.mark.parametrize("report", [None, replace(GOOD, passed=())])
def test_a_proxy_that_cannot_tell_or_saw_nothing_proves_nothing(
    tmp_path: Path, report: PassReport | None
) -> None:
    set_up = quiet(tmp_path)
    alone(set_up, report)
    outcome = set_up.play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "proxy_whole" in broken_controls(outcome)


def test_a_proxy_that_dies_ends_the_play(tmp_path: Path) -> None:
    set_up = quiet(tmp_path)
    alone(set_up, GOOD).why = "proxy: ended by itself (signal SIGKILL)"
    outcome = set_up.play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert "SIGKILL" in str(outcome.stopped_by)


def test_a_proxy_beside_a_tap_is_held_against_it(tmp_path: Path) -> None:
    """Here the device speaks past it: the tap has seen uploads."""
    set_up = quiet(tmp_path)
    proxy = beside(set_up, set_up.bench.clock, replace(GOOD, passed=()))
    outcome = set_up.play()
    assert outcome.ruling.verdict is Verdict.INCONCLUSIVE
    assert broken_controls(outcome) == {"proxy_whole"}
    (told,) = [c for c in outcome.ruling.controls if c.name == "proxy_whole"]
    assert "the wire saw uploads" in told.detail
    assert [path.name for path in proxy.captured] == [PASSED]
    assert not (outcome.evidence / PASSED).exists() and not verify(outcome.evidence)


def test_what_it_says_it_handed_on_must_have_been_on_the_link(tmp_path: Path) -> None:
    set_up = quiet(tmp_path)
    beside(set_up, set_up.bench.clock, GOOD)
    (told,) = [c for c in set_up.play().ruling.controls if c.name == "proxy_whole"]
    assert "the tap saw none of them" in told.detail
