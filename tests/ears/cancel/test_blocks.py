"""Sound comes to 16 kHz as it was, at any place and speed, however it is handed over."""

import numpy as np
import pytest
import soxr
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import GROUP, HOP, RATE_HZ, Inlet, Past


def tones(rate_hz: int, seconds: float, stretch: float = 0.0) -> Samples:
    """Some tones up to 7 kHz, `stretch` faster than they should be."""
    t = np.arange(round(seconds * rate_hz)) / rate_hz * (1 + stretch)
    return sum(
        (0.1 * np.sin(2 * np.pi * hz * t + hz) for hz in (130.0, 990.0, 3300.0, 6900.0)),
        np.zeros(len(t)),
    ).astype(np.float32)


def inlet(samples: Samples, rate_hz: int) -> Inlet:
    made = Inlet(1, rate_hz)
    made.push(samples[None])
    return made


def under_db(wrong: Samples, right: Samples) -> float:
    return float(
        10 * np.log10(np.mean(np.square(wrong - right)) / np.mean(np.square(right)) + 1e-30)
    )


@pytest.mark.parametrize("rate_hz", [32_000, 48_000, 96_000])
def test_tones_below_7_khz_keep_level_and_time(rate_hz: int) -> None:
    heard = inlet(tones(rate_hz, 1.5), rate_hz).read(2 * HOP, GROUP)[0]
    right = tones(RATE_HZ, 1.5)[2 * HOP : 2 * HOP + GROUP]
    assert under_db(heard, right) < -70


def test_what_lies_above_8_khz_is_gone() -> None:
    t = np.arange(48_000) / 48_000
    high = (0.5 * np.sin(2 * np.pi * 8_300 * t)).astype(np.float32)
    assert np.abs(inlet(high, 48_000).read(HOP, HOP)).max() < 1e-4


def test_it_agrees_with_a_resampler_on_noise() -> None:
    noise = np.random.default_rng(1).standard_normal(48_000).astype(np.float32)
    low = soxr.resample(soxr.resample(noise, 48_000, 14_000, "VHQ"), 14_000, 48_000, "VHQ")
    right = soxr.resample(low, 48_000, RATE_HZ, "VHQ")
    found = inlet(low.astype(np.float32), 48_000).read(HOP, 2 * HOP)[0]
    assert under_db(found, right[HOP : 3 * HOP]) < -45


@pytest.mark.parametrize("rate_hz", [16_000, 48_000])
@settings(max_examples=20)
@given(place=st.floats(1000, 9000), drift=st.floats(-300e-6, 300e-6))
def test_any_place_and_speed_can_be_read(rate_hz: int, place: float, drift: float) -> None:
    found = inlet(tones(rate_hz, 1.2), rate_hz).read(place, GROUP, drift)[0]
    t = (place + np.arange(GROUP) * (1 + drift)) / RATE_HZ
    right = sum(0.1 * np.sin(2 * np.pi * hz * t + hz) for hz in (130.0, 990.0, 3300.0, 6900.0))
    assert under_db(found, right) < -40


def test_at_16_khz_nothing_is_touched() -> None:
    noise = np.random.default_rng(2).standard_normal(3 * HOP).astype(np.float32)
    assert np.array_equal(inlet(noise, RATE_HZ).read(HOP, HOP)[0], noise[HOP : 2 * HOP])


@settings(max_examples=20)
@given(cuts=st.lists(st.integers(0, 30_000), max_size=5))
def test_how_sound_is_handed_over_makes_no_difference(cuts: list[int]) -> None:
    noise = np.random.default_rng(3).standard_normal(30_000).astype(np.float32)
    whole, pieces = inlet(noise, 48_000), Inlet(1, 48_000)
    for part in np.split(noise, sorted(cuts)):
        pieces.push(part[None])
        pieces.forget(0)
    assert whole.until == pieces.until == 30_000 // 3 - 65
    assert np.array_equal(whole.read(100, HOP), pieces.read(100, HOP))


def test_what_is_forgotten_makes_no_difference_to_what_is_kept() -> None:
    noise = np.random.default_rng(4).standard_normal((2, 200_000)).astype(np.float32)
    kept, short = Inlet(2, 48_000), Inlet(2, 48_000)
    for part in np.split(noise, 20, axis=1):
        kept.push(part)
        short.push(part)
        short.forget(short.until - 2 * GROUP)
    at = kept.until - GROUP
    assert np.array_equal(kept.read(at, GROUP), short.read(at, GROUP))
    assert not short.raw(0, 1000).any()


def test_before_the_first_sample_there_was_silence() -> None:
    ones = np.ones(6 * HOP, dtype=np.float32)
    found = inlet(ones, RATE_HZ).read(-HOP, 2 * HOP)[0]
    assert not found[:HOP].any() and (found[HOP:] == 1).all()


def test_a_silent_channel_is_exactly_silent() -> None:
    both = Inlet(2, 48_000)
    both.push(np.stack([np.zeros(48_000, np.float32), tones(48_000, 1.0)]))
    found = both.read(123.4, HOP, 1e-4)
    assert not found[0].any() and found[1].any()


@pytest.mark.parametrize("rate_hz", [8_000, 44_100, 0])
def test_other_rates_are_refused_with_what_to_do(rate_hz: int) -> None:
    with pytest.raises(ValueError, match="record at 16000"):
        Inlet(1, rate_hz)


def test_only_whole_pieces_are_read() -> None:
    with pytest.raises(ValueError, match="multiple of 512"):
        inlet(np.zeros(9000, np.float32), 16_000).read(0, 100)


@settings(max_examples=20)
@given(lengths=st.lists(st.integers(1, 50), min_size=1, max_size=30), back=st.integers(0, 20))
def test_the_past_is_what_came_last(lengths: list[int], back: int) -> None:
    past, all_ = Past(1, 60), np.zeros(60, dtype=np.float32)
    for i, length in enumerate(lengths):
        new = np.full(length, i + 1, dtype=np.float32)
        past.append(new[None])
        all_ = np.concatenate((all_, new))
    end = len(all_) - back
    assert np.array_equal(past.last(40, back)[0], all_[end - 40 : end])
