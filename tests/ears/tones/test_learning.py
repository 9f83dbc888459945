"""Of several takes of a tone the best is kept; one take is enough."""

import numpy as np
import pytest

from harness.bench.ports.sound import Samples
from harness.ears.tones import learnt_tone, tone
from harness.errors import RigError
from tests.ears.tones.sounds import RATE_HZ, TONES, heard


def takes(*names: str) -> list[Samples]:
    """As the microphone beside the device hears them: hardly an echo."""
    return [heard(TONES[n], 4000 + 321 * i, 1.2, 0.2, i, 0.02) for i, n in enumerate(names)]


@pytest.mark.parametrize("count", [1, 2, 5])
def test_a_take_is_kept_and_cut_to_the_tone(count: int) -> None:
    kept = learnt_tone("wake", takes(*["wake"] * count), RATE_HZ, -90.0)
    assert (kept.takes, kept.rate_hz) == (count, RATE_HZ)
    assert kept.likeness > 0.7
    assert kept.snr_db > 40.0
    assert kept.seconds == pytest.approx(len(TONES["wake"]) / RATE_HZ, abs=0.15)
    assert tone("wake", kept.samples, RATE_HZ).seconds > 0.25


def test_a_take_of_another_tone_is_not_the_one_that_is_kept() -> None:
    kept = learnt_tone("wake", takes("error", "wake", "wake"), RATE_HZ, -90.0)
    assert kept.which in (1, 2)
    assert kept.least_alike < kept.likeness


def test_what_must_not_be_learnt_is_refused() -> None:
    with pytest.raises(RigError, match="not alike"):
        learnt_tone("wake", takes("wake", "error"), RATE_HZ, -90.0)
    with pytest.raises(RigError, match="over the noise"):
        learnt_tone("wake", takes("wake"), RATE_HZ, -40.0)
    with pytest.raises(RigError, match="no take"):
        learnt_tone("wake", [], RATE_HZ, -90.0)
    with pytest.raises(RigError, match="is silent"):
        learnt_tone("wake", [np.zeros(RATE_HZ, np.float32)], RATE_HZ, -90.0)
