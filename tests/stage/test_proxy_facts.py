"""The control of a rig with a proxy: what breaks it."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from harness.bench.ports import Passed, PassReport
from harness.model.timeline import Upload
from harness.stage.control_facts import required_controls
from harness.stage.proxy_facts import KNOWN_TO_S, proxy_whole

ONE = Passed(("192.168.77.20", 10_700), ("192.168.1.5", 40_000), ("192.168.77.1", 50_000), 9_000, 5)
GOOD = PassReport((ONE,), 0, 0, 0, False, 1, 0.02)
UPLOAD = Upload("u1", 1.0, 2.0, 9_000, "192.168.1.5")


def take(passed: PassReport | None, *, local: bool = False) -> Any:
    """As much of a take as the control looks at; the proxy is its only tap."""
    proxy = SimpleNamespace(events=tuple)
    file = SimpleNamespace(device=SimpleNamespace(control=SimpleNamespace(local=local)))
    rig = SimpleNamespace(proxy=proxy, tap=proxy, file=file)
    return SimpleNamespace(rig=rig, passed=passed, troubles=["the proxy was killed"])


def test_what_went_through_whole_holds() -> None:
    control = proxy_whole(take(GOOD), Path(), [UPLOAD])
    assert (
        control.held and "9000 bytes of the device's went through 1 connections" in control.detail
    )


@pytest.mark.parametrize(
    ("passed", "uploads", "why"),
    [
        (None, [], "the proxy was killed"),
        (replace(GOOD, lost=1), [], "lost 1 bytes"),
        (replace(GOOD, held_back=True, waiting=300_000), [], "takes nothing any more"),
        (replace(GOOD, known_to_s=KNOWN_TO_S + 0.01), [], "stood still for 0.26 s"),
        (replace(GOOD, strangers=("10.0.0.3 on port 10700",)), [], "10.0.0.3 on port 10700"),
        (replace(GOOD, passed=()), [UPLOAD], "the wire saw uploads"),
        (replace(GOOD, passed=()), [], "speak to another"),
    ],
)
def test_what_breaks_it(passed: PassReport | None, uploads: list[Upload], why: str) -> None:
    control = proxy_whole(take(passed), Path(), uploads)
    assert not control.held and why in control.detail


def test_lines_that_are_no_event_are_told_and_break_nothing() -> None:
    odd = replace(GOOD, passed=(replace(ONE, odd=3),))
    control = proxy_whole(take(odd), Path(), [])
    assert control.held and "3 lines that are no event" in control.detail


def test_a_device_that_answers_by_itself_need_not_send() -> None:
    assert proxy_whole(take(replace(GOOD, passed=()), local=True), Path(), []).held


def test_a_rig_with_a_proxy_must_have_the_control() -> None:
    assert ("scene", "proxy_whole") in required_controls(proxy=True)
    assert ("scene", "proxy_whole") not in required_controls()
