"""The room between loudspeakers and microphones, and the engine that streams sound through it."""

import numpy as np
import pytest
from scipy.signal import fftconvolve

from harness.bench.acoustics import NEAREST_M, RoomSpec, impulse_responses
from harness.bench.drivers.room_worker import Convolver
from harness.bench.room_paths import room_paths
from tests.stage.simulated_scene import rig_file

RATE_HZ = 16_000
SIZE = (5.0, 4.0, 2.6)
ECHOLESS = RoomSpec(SIZE, 0.0, -70.0, 1)
MICROPHONE = (2.0, 2.0, 1.2)


@pytest.mark.parametrize("metres", [1.0, 2.0, 2.5])
def test_a_path_has_the_delay_and_the_loss_of_its_length(metres: float) -> None:
    source = (2.0 + metres, 2.0, 1.2)
    (((*path,),),) = impulse_responses(ECHOLESS, [source], [MICROPHONE], RATE_HZ)
    direct = int(np.argmax(np.abs(path)))
    assert direct == pytest.approx(metres / 343.0 * RATE_HZ, abs=1.0)
    gain = np.sqrt(np.sum(np.square(path)))
    assert 20 * np.log10(gain) == pytest.approx(-20 * np.log10(metres), abs=0.5)


def test_no_path_is_louder_than_the_nearest() -> None:
    near = impulse_responses(ECHOLESS, [(2.05, 2.0, 1.2)], [MICROPHONE], RATE_HZ)
    edge = impulse_responses(ECHOLESS, [(2.0 + NEAREST_M, 2.0, 1.2)], [MICROPHONE], RATE_HZ)
    assert np.sum(near**2) <= np.sum(edge**2) * 1.1


def test_a_room_rings_as_long_as_it_is_said_to() -> None:
    room = RoomSpec(SIZE, 0.3, -70.0, 1)
    path = impulse_responses(room, [(4.0, 3.0, 1.5)], [MICROPHONE], RATE_HZ)[0, 0]
    left_db = 10 * np.log10(np.cumsum(path[::-1].astype(float) ** 2)[::-1] / np.sum(path**2))
    # Decay from -5 to -25 dB, times three (ISO 3382, T20).
    t60_s = 3 * (np.argmax(left_db < -25) - np.argmax(left_db < -5)) / RATE_HZ
    assert t60_s == pytest.approx(0.3, rel=0.35)


def test_a_point_outside_the_room_is_refused() -> None:
    with pytest.raises(ValueError, match="room"):
        impulse_responses(ECHOLESS, [(9.0, 2.0, 1.2)], [MICROPHONE], RATE_HZ)


def test_every_place_of_the_rig_reaches_both_microphones() -> None:
    paths = room_paths(rig_file(), RATE_HZ)
    assert len(paths) == 2 * (len(rig_file().positions) + 1)
    assert all(np.any(path) for path in paths.values())


@pytest.mark.parametrize("taps", [1, 64, 65, 300])
def test_streaming_is_the_same_as_convolving_at_once(taps: int) -> None:
    chance = np.random.default_rng(taps)
    paths = chance.standard_normal((3, 2, taps)).astype(np.float32)
    sound = chance.standard_normal((20 * 64, 3)).astype(np.float32)
    engine = Convolver(paths, 64)
    streamed = np.concatenate([engine.step(sound[at : at + 64]) for at in range(0, len(sound), 64)])
    for microphone in range(2):
        whole = sum(
            fftconvolve(sound[:, source].astype(float), paths[source, microphone])[: len(sound)]
            for source in range(3)
        )
        error = streamed[:, microphone] - whole
        assert 10 * np.log10(np.mean(error**2) / np.mean(np.square(whole))) < -110
