"""A relay is heard, or is not, and what that proves hangs on whether it can be asked."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.bench.drivers.simulated import SimulatedPower
from harness.bench.ports.sound import Samples
from harness.bench.timefit import TimeLine
from harness.errors import RigError
from harness.series.doctor_relay import CLICK_DB, relay_heard, stands_out_db
from harness.stage.session import Take
from tests.stage.simulated_scene import Stage, scene, stage

RATE_HZ = 48_000
NOISE = 1e-3


class Relay(SimulatedPower):
    """A switch that clicks; whether it can be asked is said."""

    def __init__(self, asked: bool) -> None:
        super().__init__()
        self._asked = asked

    @property
    def proves_itself(self) -> bool:
        return self._asked

    @property
    def clicks(self) -> bool:
        return True


@dataclass
class Room:
    """What the listener's microphone heard: noise, and a click at some seconds."""

    clicks_s: tuple[float, ...]
    level: float = 0.05
    noise: float = NOISE
    rate_hz: int = RATE_HZ

    def started_at(self) -> int:
        return 0

    def heard_until(self) -> int:
        return 10 * RATE_HZ

    def clock_line(self) -> TimeLine:
        return TimeLine(0.0, 0.0, 1 / RATE_HZ, 0.0, 1.0)

    def read(self, _channel: str, start: int, count: int) -> Samples:
        heard = self.noise * np.random.default_rng(5).standard_normal(10 * RATE_HZ)
        for at_s in self.clicks_s:
            decay = np.exp(-np.arange(480) / 60.0)
            ring = np.sin(2 * np.pi * 3000 * np.arange(480) / RATE_HZ)
            heard[round(at_s * RATE_HZ) :][:480] += self.level * decay * ring
        return heard[start : start + count].astype(np.float32)


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    folder: Path = tmp_path_factory.mktemp("rig")
    return stage(folder, scene("ordinary-talk", only=1), prompts=("am_here",))


@pytest.fixture
def take(play: Stage) -> Callable[..., Take]:
    def made(room: Any, power: Any, switched: list[tuple[float, float]]) -> Take:
        rig = replace(play.bench.rig, microphone=room, power=power)
        take = Take(rig, None, None, None, None)  # type: ignore[arg-type]
        take.switched = switched
        return take

    return made


TWICE = [(0.5, 0.52), (8.0, 8.02)]


@pytest.mark.parametrize("asked", [True, False])
def test_both_clicks_are_heard(take: Callable[..., Take], asked: bool) -> None:
    control = relay_heard(take(Room((0.51, 8.03)), Relay(asked), TWICE))
    assert control.held and (control.measured or 0.0) > CLICK_DB + 6
    assert "heard to switch on and off" in control.detail


@pytest.mark.parametrize(
    ("room", "switched"),
    [
        (Room(()), TWICE),
        (Room((0.51,)), TWICE),
        (Room((0.51, 5.0)), TWICE),
        (Room((0.51, 8.03), level=0.002), TWICE),
        (Room((0.51,)), TWICE[:1]),
        (Room((0.51,)), []),
        (Room((), noise=0.0), TWICE),
    ],
)
def test_silence_is_a_fault_of_what_cannot_be_asked(
    take: Callable[..., Take], room: Room, switched: list[tuple[float, float]]
) -> None:
    silent = relay_heard(take(room, Relay(False), switched))
    assert not silent.held and "nothing shows that it switches" in silent.detail
    told = relay_heard(take(room, Relay(True), switched))
    assert told.held and "says itself how it stands" in told.detail


def test_where_nothing_clicks_it_is_said(take: Callable[..., Take]) -> None:
    control = relay_heard(take(Room(()), SimulatedPower(), TWICE))
    assert control.held and control.measured is None and "not applicable" in control.detail


def test_steady_noise_is_no_click() -> None:
    dice = np.random.default_rng(1)
    loudest = max(
        stands_out_db(dice.standard_normal(2 * RATE_HZ).astype(np.float32), RATE_HZ,
                      range(RATE_HZ // 2, RATE_HZ))
        for _ in range(40)
    )  # fmt: skip
    assert loudest < CLICK_DB - 5
    with pytest.raises(RigError, match="too little"):
        stands_out_db(np.zeros(100, np.float32), RATE_HZ, range(10))
