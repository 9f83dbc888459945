"""Two sound interfaces with two clocks, as computed sound: brought in step, or told that not."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.bench.drivers.interface_pilot import (
    PERIOD,
    pilot_losses,
    pilot_noise,
    pilot_place,
)
from harness.bench.drivers.interface_sweep import short_sweep
from harness.bench.drivers.interface_worker import InterfaceSetup, InterfaceWorker
from harness.bench.drivers.pulse_server import DEVICE_SPEAKER, LISTENER_MIC
from harness.bench.drivers.sound_worker import FIELDS, STEADY
from harness.bench.drivers.sweep_clocks import NEAR, Arrival, clocks_of, later_by
from harness.bench.drivers.two_clocks import STEP, CableWatch, RateTurner, Steering

RATE_HZ, BLOCK = 48_000, 480
NOISE = pilot_noise()
Sound = NDArray[np.float32]


def slower(sound: Sound, drift: Sound | float, count: int) -> Sound:
    """What an interface takes `count` samples of whose clock is slower by `drift` (1e-6).

    By an interpolation that is not the one under test: cubic, on four times the rate.
    """
    place = np.cumsum(np.full(count, 1.0) + np.asarray(drift) * 1e-6) - 1.0
    size = len(sound)
    spectrum = np.fft.rfft(sound)
    spectrum[int(0.92 * len(spectrum)) :] = 0.0  # as the filter before a converter does
    fine = np.fft.irfft(spectrum, 4 * size) * 4
    at = place * 4
    whole = np.floor(at).astype(np.int64)
    t = at - whole
    a, b, c, d = (fine[(whole + step) % len(fine)] for step in (-1, 0, 1, 2))
    between = b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)))
    heard: Sound = between.astype(np.float32)
    return heard


def cable(drift: Sound | float, seconds: float, seed: int = 1) -> Sound:
    """The pilot as it comes back: softer, with noise, by a slower clock."""
    count = int(seconds * RATE_HZ)
    noise = np.random.default_rng(seed).standard_normal(count)
    heard: Sound = (0.5 * slower(NOISE, drift, count) + 1e-4 * noise).astype(np.float32)
    return heard


def followed(heard: Sound, steering: Steering) -> tuple[Sound, int]:
    """What comes out, all of it, and the index from which on it was in step."""
    turner = RateTurner(1)

    def steer(index: int, cable: Sound) -> None:
        turner.ratio = steering.look(index, cable)

    watch, out, count, steady = CableWatch(steer), [], 0, 0
    for start in range(0, len(heard) - BLOCK, BLOCK):
        turned, _ = turner.turn(heard[start : start + BLOCK, None])
        out.append(turned[:, 0])
        watch.add(count, turned[:, 0])
        count += len(turned)
        steady = steady or (count if steering.settled else 0)
    return np.concatenate(out), steady


# --- by the pilot on a cable ------------------------------------------------------------------


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.floats(-200.0, 200.0))
def test_two_clocks_are_brought_in_step_and_their_drift_is_told(ppm: float) -> None:
    """Without that a drift of 200 ppm would slip by some 100 samples in these ten seconds."""
    steering = Steering()
    out, steady = followed(cable(ppm, 10.0), steering)
    assert 0 < steady < 5 * RATE_HZ and steering.offset is not None
    clocks = steering.clocks
    assert abs(clocks.drift_ppm - ppm) < clocks.known_to_ppm < 1.0
    first = steady + STEP
    assert pilot_losses(out[first:], first, steering.offset) == []


@settings(max_examples=6, deadline=None, derandomize=True)
@given(st.floats(-200.0, 200.0), st.integers(1, 1500), st.booleans())
def test_a_block_that_one_interface_lost_is_never_taken_for_drift(
    ppm: float, lost: int, doubled: bool
) -> None:
    heard = cable(ppm, 9.0)
    at = 6 * RATE_HZ
    goes_on = at - lost if doubled else at + lost
    steering = Steering()
    out, steady = followed(np.concatenate((heard[:at], heard[goes_on:])), steering)
    before = steady + STEP
    losses = pilot_losses(out[before:], before, _offset_of(out, before))
    assert losses and abs(losses[0].index - at) < 8192
    assert steering.clocks.drift_ppm == pytest.approx(ppm, abs=5.0)  # it is not steered by that
    after = 8 * RATE_HZ
    assert steering.offset is not None
    assert pilot_losses(out[after:], after, steering.offset) == []  # the next recording is whole


def _offset_of(out: Sound, first: int) -> int:
    """As the harness measures it for a recording that begins there."""
    place = pilot_place(out[first : first + 16_384], NOISE)
    assert place is not None
    return first - round(place)


def test_a_clock_that_moves_is_followed() -> None:
    """Faster than one that warms up: by three ppm in six seconds."""
    drift = np.full(12 * RATE_HZ, 40.0, np.float32)
    drift[4 * RATE_HZ : 10 * RATE_HZ] += np.linspace(0, 3, 6 * RATE_HZ, dtype=np.float32)
    drift[10 * RATE_HZ :] += 3
    steering = Steering()
    out, steady = followed(cable(drift, 12.0), steering)
    first = steady + STEP
    assert steering.offset is not None
    assert pilot_losses(out[first:], first, steering.offset) == []
    assert steering.clocks.drift_ppm == pytest.approx(42.0, abs=1.0)  # of the last ten seconds


def test_what_was_lost_before_the_first_look_at_a_recording_is_found() -> None:
    """The offset was measured, then a block was lost, then the recording's proof begins."""
    whole = cable(0.0, 2.0)
    assert pilot_losses(whole[9600:], 9600, 0) == []
    late = pilot_losses(whole[9600 + 480 :], 9600, 0)
    assert late and "jumps by +480" in late[0].what


def test_without_a_correction_the_same_is_a_loss_of_sound() -> None:
    assert pilot_losses(cable(80.0, 5.0), 0, 0)


def test_a_cable_that_is_not_there_is_no_step() -> None:
    steering = Steering()
    noise = np.random.default_rng(1).standard_normal(4 * RATE_HZ).astype(np.float32)
    followed(0.01 * noise, steering)
    assert not steering.settled and steering.clocks.drift_ppm == 0.0


def test_a_cable_that_is_plugged_in_again_is_followed_again() -> None:
    heard = cable(-120.0, 9.0)
    heard[4 * RATE_HZ : 6 * RATE_HZ] = 0.0
    steering = Steering()
    out, steady = followed(heard, steering)
    assert steady and pilot_losses(out[steady:], steady, _offset_of(out, steady))
    assert steering.offset is not None
    after = int(7.5 * RATE_HZ)
    assert pilot_losses(out[after:], after, steering.offset) == []


# --- the turning itself -----------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(st.floats(0.9995, 1.0005), st.lists(st.integers(1, 700), min_size=3, max_size=12))
def test_a_tone_keeps_its_shape_at_another_rate(ratio: float, blocks: list[int]) -> None:
    """However the stream is cut: sample n of what goes out lies at n * ratio of what came in."""
    turner, t = RateTurner(1), np.arange(sum(blocks)) / RATE_HZ
    tone = np.sin(2 * np.pi * 3000 * t).astype(np.float32)
    turner.ratio = ratio
    out, firsts, at = [], [], 0
    for size in blocks:
        turned, first = turner.turn(tone[at : at + size, None])
        out.append(turned[:, 0])
        firsts.append((at + first, len(turned)))
        at += size
        assert len(turner._left) <= 64 + 700
    told = np.concatenate(out)
    wanted = np.sin(2 * np.pi * 3000 * np.arange(len(told)) * ratio / RATE_HZ)
    inside = slice(64, len(told))  # before the beginning there is silence
    assert np.abs(told[inside] - wanted[inside]).max(initial=0.0) < 2e-3
    done = 0
    for begins, count in firsts:
        if count:
            assert begins == pytest.approx(done * ratio, abs=1e-6)
        done += count


def when(seconds: float) -> Any:
    return SimpleNamespace(
        currentTime=seconds, inputBufferAdcTime=seconds - 0.01, outputBufferDacTime=seconds + 0.1
    )


def test_the_worker_lays_what_was_turned_beside_what_was_played() -> None:
    setup = InterfaceSetup("sounddevice", "x", (0,), 0, None, 1, 1, 0.2, "y")
    worker = InterfaceWorker(np.zeros(FIELDS, np.int64), None, ("", 0), setup)
    block = np.zeros((BLOCK, 2), np.float32)
    block[:, 0] = 0.25
    for _ in range(4):
        worker.out(np.zeros((BLOCK, 2), np.float32), BLOCK, when(5.0), 0)
        worker.hear(block, BLOCK, when(5.0), 0)
    rows = [worker._blocks.get() for _ in range(4)]
    laid = np.concatenate([np.frombuffer(r[1], np.float32).reshape(-1, 8) for r in rows])  # type: ignore[index]
    assert 4 * BLOCK - 40 < len(laid) < 4 * BLOCK
    assert laid[200:, LISTENER_MIC] == pytest.approx(0.25, abs=1e-4)
    assert not laid[:, DEVICE_SPEAKER].any()
    assert rows[1][0] == len(rows[0][1]) // 32 and worker.state[STEADY] == 0  # type: ignore[index]


# --- by sweeps in the room --------------------------------------------------------------------


def room(seed: int) -> Sound:
    """A way to the microphone: the straight one, and echoes."""
    dice = np.random.default_rng(seed)
    path = np.zeros(9600, np.float32)
    path[480] = 1.0
    path[600:] = 0.05 * dice.standard_normal(9000) * np.exp(-np.arange(9000) / 2000)
    return path


def swept(ppm: float, seed: int, lost: int = 0) -> list[Arrival | None]:
    """Five sweeps, two seconds apart, in a room with noise; after the third, samples are lost."""
    at = [24_000 + 96_000 * number for number in range(5)]
    air = np.zeros(480_000, np.float32)
    for start in at:
        air[start : start + 9600] += short_sweep()
    ringing = np.fft.irfft(np.fft.rfft(air) * np.fft.rfft(room(seed), len(air)))
    heard = slower(ringing.astype(np.float32), ppm, 470_000)
    heard += (1e-3 * np.random.default_rng(seed).standard_normal(len(heard))).astype(np.float32)
    heard = np.concatenate((heard[:240_000], heard[240_000 + lost :]))
    first = heard[at[0] : at[0] + 20_000]
    arrivals: list[Arrival | None] = [Arrival(at[0], float(at[0]))]
    for start in at[1:]:
        slip = later_by(first, heard[start - NEAR : start + 20_000 + NEAR])
        arrivals.append(None if slip is None else Arrival(start, start + slip))
    return arrivals


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.floats(-250.0, 250.0), st.integers(0, 1000))
def test_sweeps_tell_how_far_two_clocks_run_apart(ppm: float, seed: int) -> None:
    arrivals = [arrival for arrival in swept(ppm, seed) if arrival is not None]
    assert len(arrivals) == 5
    clocks = clocks_of(arrivals)
    assert clocks is not None and clocks.known_to_ppm < 1.0
    assert abs(clocks.drift_ppm - ppm) < clocks.known_to_ppm


@pytest.mark.parametrize("lost", [2, 48, 480, 4800])
def test_sound_that_was_lost_between_sweeps_is_no_clock(lost: int) -> None:
    arrivals = swept(50.0, 3, lost)
    assert None in arrivals or clocks_of([a for a in arrivals if a is not None]) is None


def test_noise_is_no_sweep() -> None:
    dice = np.random.default_rng(5)
    first, later = (dice.standard_normal(n).astype(np.float32) for n in (20_000, 20_960))
    assert later_by(first, later) is None


def test_the_pilot_repeats_where_the_computed_one_does() -> None:
    assert np.allclose(slower(NOISE, 0.0, PERIOD + 5)[PERIOD:], slower(NOISE, 0.0, 5), atol=1e-6)
