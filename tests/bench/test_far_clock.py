"""The clock of another machine: whatever the exchanges were, the truth is within what is told."""

import random
from math import inf

import pytest

from harness.bench.far_clock import Bound, fit_far_clock
from harness.bench.ports import TapReport
from harness.bench.ports.tap import TapClock
from harness.errors import RigError
from harness.stage.tap_clock import tap_clock

BEGAN_S = 1.7e9


def exchanges(
    seed: int, seconds: float, ahead_s: float, ppm: float, steps_s: float = 0.0
) -> list[Bound]:
    """Two a second; there and back take 0.2 ms and more. Half-way the far clock may be set."""
    chance = random.Random(seed)
    found = []
    for number in range(max(8, int(2 * seconds))):
        sent_s = BEGAN_S + number / 2
        read_s = sent_s + 0.0002 + chance.expovariate(1000)
        got_s = read_s + 0.0002 + chance.expovariate(3000)
        ahead = ahead_s + ppm * 1e-6 * (read_s - BEGAN_S)
        ahead += steps_s if number / 2 > seconds / 2 else 0.0
        found.append(Bound.of_exchange(read_s + ahead, sent_s, got_s))
    return found


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("ahead_s", "ppm"), [(0.0, 0.0), (-4321.5, 80.0), (1e8, -300.0)])
def test_the_truth_is_within_the_uncertainty(seed: int, ahead_s: float, ppm: float) -> None:
    clock = fit_far_clock(exchanges(seed, 60, ahead_s, ppm))
    assert clock.misfit_ms < 1e-3 and clock.uncertainty_ms < 0.6
    for at_s in (BEGAN_S, BEGAN_S + 30, BEGAN_S + 60):
        truth_s = ahead_s + ppm * 1e-6 * (at_s - BEGAN_S)
        off_ms = abs(clock.ahead_at_s(at_s + truth_s) - truth_s) * 1e3
        assert off_ms <= clock.uncertainty_ms + 1e-3


def test_canaries_bound_it_from_above() -> None:
    slow = [Bound(BEGAN_S + n, -0.001, 0.010) for n in range(60)]
    loose = fit_far_clock(slow)
    close = fit_far_clock([*slow, *(Bound.of_packet(BEGAN_S + n + 0.0003, BEGAN_S + n)
                                    for n in range(0, 60, 5))])  # fmt: skip
    assert loose.uncertainty_ms == pytest.approx(5.5, abs=0.2)
    assert close.uncertainty_ms < 1.0


@pytest.mark.parametrize("steps_s", [0.005, -0.25, 30.0])
def test_a_clock_that_was_set_is_never_known_well(steps_s: float) -> None:
    clock = fit_far_clock(exchanges(1, 60, 10.0, 20.0, steps_s))
    report = TapReport(path=None, packets=1, dropped=0, clock=clock)  # type: ignore[arg-type]
    assert not tap_clock(report, 1.0)[0].held
    assert clock.uncertainty_ms > abs(steps_s) * 1e3 / 8


def test_too_few_answers_are_no_clock() -> None:
    canaries = [Bound(BEGAN_S, -inf, 0.001)] * 9
    with pytest.raises(RigError, match="too few answers"):
        fit_far_clock([*canaries, Bound(BEGAN_S, -0.001, 0.001)])


def test_the_control_says_what_was_measured() -> None:
    clock = TapClock(BEGAN_S, 0.1234, 5.0, 0.42, 0.0, 140)
    report = TapReport(path=None, packets=1, dropped=0, clock=clock)  # type: ignore[arg-type]
    (control,) = tap_clock(report, 1.0)
    assert control.held and control.measured == 0.42 and "+123.40 ms ahead" in control.detail
    (control,) = tap_clock(report, 0.4)
    assert not control.held and "limits: clock_ms" in control.detail
    assert tap_clock(None, 1.0) == []
