"""The pilot channel: not a sample may be missing, doubled or silent without being told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.bench.drivers.sound_worker import PILOT_PERIOD, PILOT_STEP
from harness.bench.drivers.sounddevice_sound import pilot_breaks

COUNT = 4000


def pilot(first: int, count: int = COUNT) -> NDArray[np.float32]:
    """The pilot as it is played, from output sample `first` on."""
    index = np.arange(first, first + count)
    return ((index % PILOT_PERIOD + 1) * PILOT_STEP).astype(np.float32)


@pytest.mark.parametrize("first", [0, 123_456, PILOT_PERIOD - 2000, 7 * PILOT_PERIOD - 1])
def test_a_whole_pilot_has_no_break(first: int) -> None:
    assert pilot_breaks(pilot(first), first) == ()


@given(st.integers(1, COUNT - 100), st.integers(1, 90))
def test_a_gap_is_found_where_it_is(at: int, missing: int) -> None:
    heard = pilot(5)
    broken = np.concatenate((heard[:at], heard[at + missing :]))
    (loss,) = pilot_breaks(broken, 1000)
    assert loss.index == 1000 + at
    assert loss.what.endswith(f"jumps by {missing + 1}")


def test_a_doubled_block_and_a_silent_one_are_found() -> None:
    heard = pilot(5)
    doubled = np.concatenate((heard[:960], heard[480:]))
    (loss,) = pilot_breaks(doubled, 0)
    assert (loss.index, loss.what) == (960, "the sample count jumps by -479")
    silent = heard.copy()
    silent[480:960] = 0.0
    assert next(loss.index for loss in pilot_breaks(silent, 0)) == 480


def test_nothing_played_is_a_loss() -> None:
    losses = pilot_breaks(np.zeros(COUNT, dtype=np.float32), 0)
    assert any("no pilot" in loss.what for loss in losses)
