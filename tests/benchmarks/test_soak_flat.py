"""A leak is seen in its figure, and a single large play is not taken for one."""

import math
import os
import subprocess
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.soak_flat import descriptors_now, growth_mb_an_hour, held_now


@given(slope=st.floats(-50, 50), start_mb=st.floats(50, 500), every_s=st.floats(20, 90))
def test_a_steady_leak_is_its_slope(slope: float, start_mb: float, every_s: float) -> None:
    at_s = [every_s * n for n in range(1, 60)]
    sizes = [(s, start_mb + slope * s / 3600) for s in at_s]
    assert growth_mb_an_hour(sizes, 300.0) == pytest.approx(slope, abs=1e-3)


def test_what_is_taken_once_is_no_leak_and_what_is_taken_again_and_again_is() -> None:
    at_s = [60.0 * n for n in range(1, 61)]
    warm = [(s, 300.0 if s < 600 else 420.0) for s in at_s]
    assert growth_mb_an_hour(warm, 600.0) == 0.0
    one_large = [(s, 420.0 + 80.0 * (s == 2400.0)) for s in at_s]
    assert growth_mb_an_hour(one_large, 600.0) == 0.0
    assert growth_mb_an_hour([(s, 420.0 + s / 60) for s in at_s], 600.0) == pytest.approx(60.0)


def test_too_few_plays_hold_no_goal() -> None:
    assert math.isnan(growth_mb_an_hour([(700.0, 1.0)], 600.0))
    assert not growth_mb_an_hour([], 600.0) < 2.0


def test_what_a_process_holds_is_counted() -> None:
    before = held_now()
    child = subprocess.Popen(["sleep", "60"])
    reading, writing = os.pipe()
    over = threading.Event()
    thread = threading.Thread(target=over.wait)
    thread.start()
    during = held_now()
    over.set()
    thread.join()
    child.kill()
    child.wait()
    os.close(reading)
    os.close(writing)
    assert during.children - before.children == 1
    assert during.threads - before.threads == 1
    assert during.descriptors - before.descriptors == 2
    assert held_now() == before


def test_what_is_open_is_named(tmp_path: Path) -> None:
    before = descriptors_now()
    reading, writing = os.pipe()
    with (tmp_path / "left-open").open("w"):
        more = descriptors_now() - before
    os.close(reading)
    os.close(writing)
    assert more == {"pipe": 2, str(tmp_path / "left-open"): 1}
    assert descriptors_now() == before
