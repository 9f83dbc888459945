"""STI against closed forms and the standard's own worked example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from harness.ears.audibility.spectrum import Spectrum
from harness.ears.audibility.transmission import (
    index_of,
    modulation_of,
    modulation_transfer,
    transmission_index,
)
from harness.errors import RigError

Values = NDArray[np.float64]

MODULATIONS_HZ = np.array(
    [0.63, 0.8, 1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0, 10.0, 12.5]
)
PERFECT = np.ones((7, 14))


def after_decay(t60_s: float) -> Values:
    """Houtgast and Steeneken: what an exponential decay leaves of each modulation."""
    return 1 / np.sqrt(1 + (2 * np.pi * MODULATIONS_HZ * t60_s / np.log(1e6)) ** 2)


def octaves(levels_db: Values) -> Spectrum:
    """A spectrum with these levels in the octaves of the standard, each in its middle line."""
    power = np.zeros(1921)
    power[np.array([10, 20, 40, 80, 160, 320, 640])] = 10 ** (np.asarray(levels_db) / 10)
    return Spectrum(power)


@pytest.mark.parametrize("t60_s", [0.2, 0.4, 0.8, 1.6, 3.2])
def test_a_decay_leaves_what_the_closed_form_says(t60_s: float) -> None:
    decay = 10 ** (-6 * np.arange(0, 2 * t60_s, 0.001) / t60_s)
    assert modulation_of(decay) == pytest.approx(after_decay(t60_s), abs=0.003)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@pytest.mark.parametrize("t60_s", [0.2, 0.5, 0.8])
def test_a_room_has_the_index_of_its_decay(rate_hz: int, t60_s: float) -> None:
    times_s = np.arange(round(1.2 * t60_s * rate_hz)) / rate_hz
    drawn = np.random.default_rng(7).standard_normal(len(times_s))
    room = (drawn * 10 ** (-3 * times_s / t60_s)).astype(np.float32)
    wanted = index_of(np.tile(after_decay(t60_s), (7, 1)))
    assert index_of(modulation_transfer(room, rate_hz)) == pytest.approx(wanted, abs=0.03)


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
def test_a_path_without_a_room_is_perfect_however_late(rate_hz: int) -> None:
    path = np.zeros(rate_hz // 2, dtype=np.float32)
    path[rate_hz // 7] = 0.3
    assert index_of(modulation_transfer(path, rate_hz)) > 0.995


@pytest.mark.parametrize(
    ("over_db", "index"), [(-20, 0.0), (-15, 0.0), (0, 0.5), (6, 0.7), (30, 1.0)]
)
def test_noise_alone_leaves_what_the_closed_form_says(over_db: float, index: float) -> None:
    # m = 1 / (1 + 10^(-SNR/10)), so that the effective signal-to-noise ratio is the ratio itself.
    speech, others = octaves(np.full(7, -30.0)), octaves(np.full(7, -30.0 - over_db))
    assert transmission_index(PERFECT, speech, others, None) == pytest.approx(index, abs=1e-6)


# IEC 60268-16:2011, annex M, table M.1, step 3: levels in dB SPL, and what noise, masking and
# threshold together leave of every modulation.
SPEECH_DB_SPL = np.array([82.9, 82.9, 79.2, 73.2, 67.2, 61.2, 55.2])
NOISE_DB_SPL = np.array([55.5, 47.5, 41.5, 37.5, 34.5, 32.5, 30.5])
LEFT = np.array([0.998, 0.985, 0.967, 0.963, 0.981, 0.989, 0.995])


def test_noise_masking_and_threshold_of_the_standard_s_example() -> None:
    # Half of each modulation gets through the path; an index is linear nowhere, so both sides are
    # indices. Full scale is at 90 dB SPL.
    half = np.full((7, 14), 0.5)
    found = transmission_index(half, octaves(SPEECH_DB_SPL - 90), octaves(NOISE_DB_SPL - 90), 90.0)
    assert found == pytest.approx(index_of(half * LEFT[:, None]), abs=3e-4)


def test_the_weights_of_the_standard_s_example() -> None:
    # Step 4c: these indices of the octaves come to an STI of 0.76.
    effective_db = 30 * np.array([0.73, 0.66, 0.67, 0.71, 0.77, 0.80, 0.92]) - 15
    modulation = np.tile(1 / (1 + 10 ** (-effective_db[:, None] / 10)), 14)
    assert index_of(modulation) == pytest.approx(0.76, abs=0.005)


def test_faint_speech_is_lost_where_levels_are_known_and_not_where_they_are_not() -> None:
    faint, silent = octaves(np.full(7, -100.0)), octaves(np.full(7, -160.0))
    assert transmission_index(PERFECT, faint, silent, None) > 0.99
    assert transmission_index(PERFECT, faint, silent, 94.0) < 0.1


@settings(max_examples=60)
@given(
    levels_db=st.lists(st.floats(-90, -10), min_size=14, max_size=14),
    gain_db=st.floats(-60, 60),
    t60_s=st.floats(0.05, 5.0),
)
def test_one_gain_for_both_changes_nothing(
    levels_db: list[float], gain_db: float, t60_s: float
) -> None:
    room = np.tile(after_decay(t60_s), (7, 1))
    speech, others = np.array(levels_db[:7]), np.array(levels_db[7:])
    plain = transmission_index(room, octaves(speech), octaves(others), None)
    louder = transmission_index(room, octaves(speech + gain_db), octaves(others + gain_db), None)
    assert louder == pytest.approx(plain, abs=1e-9)


@settings(max_examples=60)
@given(
    over_db=st.floats(-20, 20), more_db=st.floats(0, 20), t60_s=st.floats(0.05, 5.0),
    tilt_db=st.floats(-3, 3),
)  # fmt: skip
def test_louder_speech_never_has_less(
    over_db: float, more_db: float, t60_s: float, tilt_db: float
) -> None:
    # With a spectrum like that of the noise, give or take: the standard takes off what neighbouring
    # octaves share, and so goes down a little where one octave alone comes out of the noise.
    room = np.tile(after_decay(t60_s), (7, 1))
    speech, others = np.full(7, -40.0 + over_db), -40.0 + tilt_db * np.arange(-3, 4)
    quiet = transmission_index(room, octaves(speech), octaves(others), None)
    loud = transmission_index(room, octaves(speech + more_db), octaves(others), None)
    assert loud >= quiet - 0.03


@given(st.lists(st.floats(0, 1), min_size=98, max_size=98))
def test_an_index_is_never_outside_its_range(modulation: list[float]) -> None:
    assert 0.0 <= index_of(np.array(modulation).reshape(7, 14)) <= 1.0


def test_an_octave_in_which_nothing_is_heard_is_lost() -> None:
    nothing = octaves(np.full(7, -np.inf))
    assert transmission_index(PERFECT, nothing, nothing, None) == 0.0


@pytest.mark.parametrize(
    ("path", "why"),
    [
        (np.zeros(0, np.float32), "empty or silent"),
        (np.zeros(16_000, np.float32), "empty or silent"),
        (np.ones(16_000, np.float32), "not died away"),
        (np.ones((2, 8), np.float32), "one channel"),
    ],
    ids=["empty", "silent", "cut off", "two channels"],
)
def test_a_path_that_says_nothing_is_refused(path: NDArray[np.float32], why: str) -> None:
    with pytest.raises(ValueError, match=f"impulse response.*{why}"):
        modulation_transfer(path, 16_000)


def test_a_path_that_is_no_number_is_refused() -> None:
    with pytest.raises(RigError, match="impulse response"):
        modulation_transfer(np.full(100, np.nan, np.float32), 16_000)
