"""What is not as it should be is named, learnt again, and never believed."""

import tracemalloc

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.ears_rooms import (
    Room,
    Truth,
    record,
    talk,
)
from harness.bench.ports.sound import Samples
from harness.ears.cancel import (
    HOP,
    RATE_HZ,
    Canceller,
    Doubt,
    Paths,
    Stretch,
    cancel,
)
from tests.ears.cancel.recordings import BOTH, DEVICE, ROOM, SECONDS, TABLE, doubts, in_pieces, late


def spliced(before: Samples, after: Samples, at_s: float) -> Samples:
    at = round(at_s * RATE_HZ)
    return np.concatenate((before[:at], after[at:]))


def believed(stretch: Stretch) -> bool:
    """Nothing was played, or it was cancelled as it should, and nothing is in doubt."""
    return not stretch.doubts and (stretch.cancelled_db is None or stretch.cancelled_db > 15)


def test_a_path_that_changes_is_named_and_learnt_again(played: Truth) -> None:
    moved = record({"window": TABLE["table"]}, ROOM)
    changed = spliced(played.recording, moved.recording, 6.144)
    found = cancel(changed, TABLE, RATE_HZ, one_clock=True)
    assert Doubt.PATH_CHANGED in doubts(found, 6, 8)
    assert not any(believed(s) for s in found.stretches if 6.1 < s.start_s < 8)
    assert all(believed(s) for s in found.stretches if s.start_s > 11)


def test_settled_paths_cancel_from_the_first_second_and_are_found_again_when_lost(
    played: Truth,
) -> None:
    first = Canceller(("table",), RATE_HZ, one_clock=True)
    in_pieces(first, played.recording, TABLE, [])
    moved = record({"window": TABLE["table"]}, ROOM)
    changed = spliced(played.recording, moved.recording, 6.144)
    kept = Canceller(("table",), RATE_HZ, first.paths, one_clock=True, settled=True)
    found = in_pieces(kept, changed, TABLE, [])
    assert min(late(played, found, 0)[:5]) > 30
    assert Doubt.PATH_CHANGED in doubts(found, 6, 8)
    assert all(believed(s) for s in found.stretches if s.start_s > 11)


def test_a_stimulus_played_twice_as_loud_is_named(played: Truth) -> None:
    louder = spliced(played.recording, 2 * played.recording, 7.168)
    found = cancel(louder, TABLE, RATE_HZ, one_clock=True)
    assert Doubt.LEVEL_CHANGED in doubts(found, 7, 9)


def test_a_stimulus_never_played_is_named_and_not_put_in() -> None:
    silent = record({"counter": np.zeros_like(TABLE["table"])}, ROOM, DEVICE)
    found = cancel(silent.recording, TABLE, RATE_HZ, one_clock=True)
    assert np.array_equal(found.residual, silent.recording)
    assert all(s.doubts for s in found.stretches)
    assert Doubt.NOT_PLAYED in doubts(found, 5)


def test_a_stimulus_that_stops_being_played_is_named_and_not_put_in(played: Truth) -> None:
    rest = record({"counter": np.zeros_like(TABLE["table"])}, ROOM, DEVICE)
    stopped = spliced(played.recording, rest.recording, 6.144)
    found = cancel(stopped, TABLE, RATE_HZ, one_clock=True)
    assert Doubt.NOT_PLAYED in doubts(found, 6, 8)
    for s in found.stretches:
        assert s.residual_db <= s.recording_db + 1.0
        assert s.start_s < 6.1 or not believed(s)


def test_a_loudspeaker_that_distorts_is_named() -> None:
    references = {"table": talk("af_heart", 20.0)}
    truth = record(references, Room(t60_s=0.3, distortion=0.6))
    found = cancel(truth.recording, references, RATE_HZ, one_clock=True)
    assert sum(Doubt.DISTORTED in s.doubts for s in found.stretches if s.start_s > 11) >= 4


@pytest.mark.parametrize("lost", [800, -800])
def test_a_block_that_is_lost_or_comes_twice_is_named_and_found_again(
    played: Truth, lost: int
) -> None:
    at, end = 6 * RATE_HZ, np.zeros(max(lost, 0))
    torn = np.concatenate((played.recording[:at], played.recording[at + lost :], end))
    found = cancel(torn.astype(np.float32)[: len(played.recording)], TABLE, RATE_HZ, one_clock=True)
    assert doubts(found, 5.5, 8) & {Doubt.PATH_CHANGED, Doubt.NOT_PLAYED}
    assert all(believed(s) for s in found.stretches if 11 < s.start_s < 13)


def test_a_recording_at_another_rate_than_it_says_is_never_believed(played: Truth) -> None:
    slow = scipy.signal.resample_poly(played.recording, 160, 147).astype(np.float32)
    found = cancel(slow[: len(played.recording)], TABLE, RATE_HZ)
    assert not any(believed(s) for s in found.stretches)
    assert Doubt.NOT_PLAYED in doubts(found, 6)


def test_paths_are_on_trial_while_the_device_speaks_from_the_start() -> None:
    device = np.roll(talk("af_bella", SECONDS), 30_000) * np.float32(3)
    truth = record(TABLE, ROOM, device)
    found = cancel(truth.recording, TABLE, RATE_HZ, one_clock=True)
    assert all(s.doubts for s in found.stretches if s.start_s < 5)


def test_swapped_references_are_named(calibrated: Paths) -> None:
    truth = record(BOTH, ROOM)
    swapped = {"table": BOTH["counter"], "counter": BOTH["table"]}
    found = cancel(truth.recording, swapped, RATE_HZ, calibrated, one_clock=True)
    assert not any(believed(s) for s in found.stretches[:2])
    assert Doubt.PATH_CHANGED in doubts(found)


def test_clipping_is_named(played: Truth) -> None:
    top = np.float32(0.3 * np.abs(played.recording).max())
    found = cancel(np.clip(played.recording, -top, top), TABLE, RATE_HZ, one_clock=True)
    assert Doubt.CLIPPED in doubts(found)


def test_what_is_no_number_is_named_and_makes_no_sound(played: Truth) -> None:
    bad = played.recording.copy()
    bad[7 * RATE_HZ] = np.nan
    found = cancel(bad, TABLE, RATE_HZ, one_clock=True)
    assert doubts(found, 6.1, 7.1) == {Doubt.NOT_NUMBERS}
    block = slice(7 * RATE_HZ // HOP * HOP, (7 * RATE_HZ // HOP + 1) * HOP)
    assert np.isfinite(found.residual).all() and not found.residual[block].any()
    assert np.median(late(played, found, 8)) > 30


def test_a_dead_microphone_is_named(played: Truth) -> None:
    found = cancel(spliced(played.recording, 0 * played.recording, 6.144), TABLE, RATE_HZ)
    assert all(Doubt.DEAD in s.doubts for s in found.stretches if s.start_s > 6.1)
    assert not found.residual[7 * RATE_HZ :].any()


KINDS = st.sampled_from(["speech", "heard", "noise", "silence", "dc", "clipped", "nan", "huge"])


@settings(max_examples=12)
@given(st.lists(KINDS, min_size=4, max_size=6))
def test_whatever_comes_nothing_is_made_louder_and_all_are_numbers(kinds: list[str]) -> None:
    count = RATE_HZ + 333
    heard = record({"table": TABLE["table"][: 7 * RATE_HZ]}, ROOM).recording
    noise = np.random.default_rng(len(kinds)).standard_normal(count).astype(np.float32)
    said = {
        "speech": BOTH["counter"][:count],
        "noise": noise * np.float32(0.1),
        "silence": np.zeros(count, np.float32),
        "dc": np.full(count, 0.5, np.float32),
        "nan": np.full(count, np.nan, np.float32),
        "huge": noise * np.float32(1e30),
    }
    parts = []
    for i, kind in enumerate(kinds):
        real = heard[i * count : (i + 1) * count]
        told = {**said, "heard": real, "clipped": np.clip(real, -0.02, 0.02)}[kind]
        parts.append(told[: len(real)])
    recording = np.concatenate(parts)
    found = cancel(recording, {"table": TABLE["table"][: len(recording)]}, RATE_HZ)
    assert np.isfinite(found.residual).all() and np.isfinite(found.stimulus).all()
    assert all(s.residual_db <= s.recording_db + 1.0 for s in found.stretches)


def test_mistakes_of_the_caller_are_refused(calibrated: Paths) -> None:
    made = Canceller(("table",), RATE_HZ)
    ones = np.ones(100, dtype=np.float32)
    with pytest.raises(ValueError, match="no loudspeaker is called sofa"):
        made.push(ones, {"sofa": ones})
    with pytest.raises(ValueError, match="no numbers"):
        made.push(ones, {"table": ones * np.float32(np.nan)})
    with pytest.raises(ValueError, match="of one length"):
        Canceller(("a", "b"), RATE_HZ).push(ones, {"a": ones, "b": ones[1:]})
    with pytest.raises(ValueError, match="record at 16000"):
        Canceller(("table",), 44_100)
    with pytest.raises(ValueError, match="do not belong"):
        Canceller(("table",), RATE_HZ, calibrated)
    with pytest.raises(ValueError, match="not one channel"):
        made.push(np.ones((2, 100), dtype=np.float32), {})
    with pytest.raises(ValueError, match="s apart"):
        made.push(ones, {"table": np.zeros(70 * RATE_HZ, np.float32)})


def test_memory_does_not_grow_with_time() -> None:
    made, noise = Canceller(("table",), 48_000), np.random.default_rng(1)
    peaks = []
    tracemalloc.start()
    for _ in range(2):
        tracemalloc.reset_peak()
        for _ in range(20):
            block = (0.1 * noise.standard_normal(48_000)).astype(np.float32)
            made.push(block, {"table": block})
        peaks.append(tracemalloc.get_traced_memory()[1])
    tracemalloc.stop()
    assert peaks[1] < 1.1 * peaks[0] and peaks[1] < 60e6
