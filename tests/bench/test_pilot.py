"""The pilot channel: not a sample may be missing, doubled or silent without being told."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.bench.drivers.pulse_server import BLOCK, CHANNELS
from harness.bench.drivers.sound_worker import (
    FIELDS,
    OFFSET,
    OUT_NEXT,
    PILOT_PERIOD,
    PILOT_STEP,
    SYNCED,
    Worker,
)
from harness.bench.drivers.worker_sound import pilot_breaks

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


# --- where it is: how far the recording lies behind what is played ----------------------------


class Streams:
    """A worker whose two streams are fed by hand."""

    def __init__(self, played: int) -> None:
        self.state = np.zeros(FIELDS, dtype=np.int64)
        self.state[OUT_NEXT] = played
        self.worker = Worker(self.state, None, ("", 0))
        self.air = np.zeros((0, CHANNELS), dtype=np.float32)
        self.begun = played
        self.heard = played

    def run(self, blocks: int, delay: int = 4 * BLOCK) -> None:
        """So many blocks out, and those in that lie `delay` samples behind."""
        when = SimpleNamespace(outputBufferDacTime=0.0, inputBufferAdcTime=0.0)
        for _ in range(blocks):
            out = np.zeros((BLOCK, CHANNELS), dtype=np.float32)
            self.worker.out(out, BLOCK, when, 0)
            self.air = np.concatenate((self.air, out))
            begin = self.heard - self.begun
            if begin + BLOCK + delay <= len(self.air):
                self.worker.hear(self.air[begin : begin + BLOCK], BLOCK, when, 0)
                self.heard += BLOCK

    def lose(self, samples: int) -> None:
        """So much of what was played is never heard."""
        self.heard += samples


@pytest.mark.parametrize("played", [0, 1000, PILOT_PERIOD - 3 * BLOCK, 5 * PILOT_PERIOD + 77])
def test_the_offset_is_that_of_a_stream_however_long_it_has_played(played: int) -> None:
    streams = Streams(played)
    streams.run(20)
    assert streams.state[SYNCED] == 1
    assert streams.state[OFFSET] == -played


def test_what_was_lost_before_a_recording_moves_nothing_in_it(tmp_path: Path) -> None:
    streams = Streams(0)
    streams.run(20)
    streams.lose(3 * BLOCK + 7)
    streams.run(20)
    assert streams.state[OFFSET] == 0  # known from before: the recording of then has the break
    streams.worker.record(str(tmp_path / "next.f32"))
    assert streams.state[SYNCED] == 0
    streams.run(8)
    assert (streams.state[SYNCED], streams.state[OFFSET]) == (1, -(3 * BLOCK + 7))
