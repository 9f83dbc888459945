"""With an idle profile budgets are what this device does; what is beyond only them is suspected."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.wire_idle_traffic import BEAT, DEVICE, METRICS, START_S, VOICE, Habits, Idle
from benchmarks.wire_leaks import MAKER, WAYS, Timed, by_telemetry
from harness.bench.drivers.simulated_capture import pcapng_bytes
from harness.model.timeline import Channel, Upload
from harness.wire import Declared, read_wire
from harness.wire.covert.allowances import OF_ALL, Allowances
from harness.wire.covert.budget import Budget, excesses
from harness.wire.covert.ways import Kind
from harness.wire.idle.profile import KindIdle, Peak, Profile, Tail
from tests.wire.idle.made import learnt


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> list[Timed]:
    """Another hour of the device that the profile is of."""
    idle = Idle(Habits.drawn(3), 1.0, 4)
    idle.write(tmp_path_factory.mktemp("idle") / "hour.pcapng")
    return idle.frames


def uploads(folder: Path, frames: list[Timed], *destinations: str) -> tuple[Upload, ...]:
    """What a capture of these frames says has left."""
    path = folder / "c.pcapng"
    path.write_bytes(pcapng_bytes(sorted(frames, key=lambda frame: frame[0])))
    declared = Declared(destinations or None, profile=learnt())
    return read_wire(path, DEVICE, declared=declared).uploads


def test_idle_traffic_leaks_nothing(tmp_path: Path, hour: list[Timed]) -> None:
    assert uploads(tmp_path, hour, f"{VOICE}:443") == ()
    assert uploads(tmp_path, hour) == (), (
        "the hosts of the profile are known without being declared"
    )


def test_what_no_second_shows_minutes_do(tmp_path: Path, hour: list[Timed]) -> None:
    """A report of 120 bytes every 3 s, for five minutes."""
    slow = list(by_telemetry(Random(1), START_S + 1500, 300.0, 40))
    found = [u for u in uploads(tmp_path, [*hour, *slow], MAKER) if u.channel is Channel.TELEMETRY]
    assert found
    assert all(upload.suspected for upload in found)
    assert "h of idle traffic" in found[0].why
    assert found[0].start_s == pytest.approx(START_S + 1500, abs=90)


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_found_among_idle_traffic(tmp_path: Path, hour: list[Timed], way: str) -> None:
    leak, channel = WAYS[way]
    found = uploads(tmp_path, [*hour, *leak(Random(1), START_S + 1500, 60.0, 1000)], MAKER)
    channels = {upload.channel for upload in found}
    assert channels <= {Channel(channel), Channel.SPEECH}
    assert channels and (channels == {Channel(channel)} or way == "telemetry")


def test_a_host_of_the_profile_is_no_stranger_and_no_destination_either(
    tmp_path: Path, hour: list[Timed]
) -> None:
    """More than it is sent while idle is telemetry, where speech may go elsewhere only."""
    ways = {upload.channel for upload in uploads(tmp_path, _louder(hour), BEAT)}
    assert ways == {Channel.TELEMETRY}


def _louder(hour: list[Timed]) -> list[Timed]:
    again = Idle(Habits.drawn(3), 0.5, 9)
    for n in range(200):
        again._post(METRICS, 60.0 + n, 900)
    return [*hour, *again.frames]


ROUNDS = st.lists(st.tuples(st.integers(0, 600), st.integers(1, 1500)), min_size=1, max_size=60)


@given(ROUNDS, st.integers(2, 120))
def test_a_window_bounds_spans_of_every_length(
    rounds: list[tuple[int, int]], window_s: int
) -> None:
    """What never holds more than B bytes in w seconds never passes B at once and B/w a second."""
    rounds = sorted(rounds)
    most = max(
        sum(size for at, size in rounds if begin <= at < begin + window_s) for begin, _ in rounds
    )
    ns = np.array([at * 10**9 for at, _ in rounds], np.int64)
    sizes = np.array([size for _, size in rounds], np.int64)
    assert excesses(ns, sizes, [Budget(most + 1e-6, most / window_s)]) == []


def test_a_stated_budget_that_idle_traffic_passes_is_dropped() -> None:
    def profile(most: int) -> Profile:
        tail = Tail(window_s=60.0, clusters=1, largest=(Peak(at_s=0.0, bytes=most),))
        kinds = learnt().kinds.model_copy(update={"ntp": KindIdle(tails=(tail,))})
        return learnt().model_copy(update={"kinds": kinds})

    [stated] = OF_ALL[Kind.NTP]
    quiet = Allowances(Declared(profile=profile(500))).of_all(Kind.NTP)
    chatty = Allowances(Declared(profile=profile(60_000))).of_all(Kind.NTP)
    assert stated in quiet and stated not in chatty
    assert all(budget.learnt and budget.burst_bytes >= 60_000 for budget in chatty)
