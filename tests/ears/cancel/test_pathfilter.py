"""References through their paths: the convolution, exactly, and linear."""

import numpy as np
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import HOP, TAPS
from harness.ears.cancel.pathfilter import PathFilter

RNG = np.random.default_rng(1)
PATHS = (RNG.standard_normal((2, TAPS)) * np.exp(-np.arange(TAPS) / 1500)).astype(np.float32)
PLAYED = RNG.standard_normal((2, 12 * HOP)).astype(np.float32)


def predicted(played: Samples, runs: list[int]) -> Samples:
    made = PathFilter(2)
    for k in range(2):
        made.add(k, PATHS[k])
    before = np.concatenate((np.zeros((2, HOP), np.float32), played), axis=1)
    out, at = [], 0
    for hops in runs:
        out.append(made.predict(before[:, at : at + (hops + 1) * HOP]))
        at += hops * HOP
    return np.concatenate(out)


def convolved(played: Samples) -> Samples:
    heard = scipy.signal.oaconvolve(played.astype(np.float64), PATHS.astype(np.float64), axes=1)
    found: Samples = heard[:, : played.shape[1]].sum(axis=0)
    return found


def test_it_is_the_convolution() -> None:
    right = convolved(PLAYED)
    assert np.abs(predicted(PLAYED, [4, 4, 4]) - right).max() < 1e-4 * np.abs(right).max()


@settings(max_examples=10)
@given(st.lists(st.integers(1, 4), min_size=3, max_size=12).filter(lambda r: sum(r) <= 12))
def test_how_many_hops_at_once_makes_no_difference(runs: list[int]) -> None:
    count = sum(runs) * HOP
    right = predicted(PLAYED[:, :count], [1] * sum(runs))
    assert np.abs(predicted(PLAYED[:, :count], runs) - right).max() < 1e-4


def test_it_is_linear() -> None:
    other = RNG.standard_normal(PLAYED.shape).astype(np.float32)
    both = predicted(PLAYED + 2 * other, [4, 4, 4])
    apart = predicted(PLAYED, [4, 4, 4]) + 2 * predicted(other, [4, 4, 4])
    assert np.abs(both - apart).max() < 1e-3


def test_after_silence_as_long_as_the_path_there_is_exact_silence() -> None:
    played = PLAYED.copy()
    played[:, 2 * HOP :] = 0
    found = predicted(played, [1] * 12)
    assert found[3 * HOP : 6 * HOP].any()
    assert not found[2 * HOP + TAPS + HOP :].any()


def test_recalling_the_past_is_as_good_as_having_been_there() -> None:
    made = PathFilter(2)
    for k in range(2):
        made.add(k, PATHS[k])
    made.recall(PLAYED[:, : 8 * HOP])
    found = made.predict(PLAYED[:, 7 * HOP : 10 * HOP])
    assert np.abs(found - convolved(PLAYED)[8 * HOP : 10 * HOP]).max() < 1e-3
