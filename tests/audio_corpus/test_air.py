"""What loudspeakers, clocks and rooms do to sound: the same in pieces as whole."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from audio_corpus.prompts.air import Air, Drift, Queue, distorted, drifted

RATE_HZ = 16_000
T = np.arange(RATE_HZ) / RATE_HZ


def test_drift_makes_a_tone_higher() -> None:
    tone = np.sin(2 * np.pi * 1000 * T)
    fast = drifted(tone, 1000.0, RATE_HZ)
    right = np.sin(2 * np.pi * 1000 * 1.001 * T[: len(fast)])
    assert np.abs(fast - right)[100:-100].max() < 1e-3


@pytest.mark.parametrize("share", [0.01, 0.05])
def test_distortion_is_the_harmonics_share(share: float) -> None:
    spectrum = np.abs(np.fft.rfft(distorted(np.sin(2 * np.pi * 1000 * T), share)))
    harmonics = np.sqrt(np.square(spectrum[[2000, 3000]]).sum())
    assert harmonics / spectrum[1000] == pytest.approx(share, rel=0.1)


def test_distortion_in_pieces_is_that_of_the_whole_where_the_peak_is_told() -> None:
    tone = 0.4 * np.sin(2 * np.pi * 300 * T) * T
    pieces = [distorted(piece, 0.05, 0.5) for piece in np.split(tone, 10)]
    assert np.array_equal(np.concatenate(pieces), distorted(tone, 0.05, 0.5))


@pytest.mark.parametrize("ppm", [0.0, 200.0, -137.0])
def test_drift_in_pieces_is_that_of_the_whole(ppm: float) -> None:
    noise = np.random.default_rng(1).standard_normal((2, 5 * RATE_HZ))
    noise = scipy.signal.lfilter(*scipy.signal.butter(4, 0.5), noise).astype(np.float32)
    drift = Drift(2, ppm, RATE_HZ)
    found = np.concatenate([drift.push(one) for one in np.split(noise, 8, axis=1)], axis=1)
    assert found.shape[1] > 4.9 * RATE_HZ
    for one, whole in zip(found, noise, strict=True):
        right = drifted(whole.astype(np.float64), ppm, RATE_HZ)[: len(one)]
        assert np.abs(one - right)[100:-100].max() < 1e-4


@settings(max_examples=25)
@given(taps=st.integers(1, 900), block=st.integers(50, 700), seed=st.integers(0, 99))
def test_air_in_pieces_is_that_of_the_whole(taps: int, block: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    responses = draw.standard_normal((3, 2, taps)).astype(np.float32)
    sounds = draw.standard_normal((3, 4 * block)).astype(np.float32)
    air = Air(responses, block)
    found = np.concatenate([air.push(one) for one in np.split(sounds, 4, axis=1)], axis=1)
    right = scipy.signal.fftconvolve(sounds[:, None], responses, axes=2).sum(axis=0)
    assert np.abs(found - right[:, : 4 * block]).max() < 1e-3


def test_a_queue_gives_what_was_put_in_order() -> None:
    queue = Queue(1)
    for first in (0, 3, 7):
        queue.put(np.arange(first, {0: 3, 3: 7, 7: 9}[first], dtype=np.float32)[None, :])
    assert queue.take(5).tolist() == [[0, 1, 2, 3, 4]] and len(queue) == 4
    assert queue.take(4).tolist() == [[5, 6, 7, 8]]
