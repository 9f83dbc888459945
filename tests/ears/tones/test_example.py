"""What a tone is learnt from: one recording, of which its ends are found; the rest is refused."""

import numpy as np
import pytest

from harness.bench.ports.sound import Samples
from harness.ears.tones import tone
from harness.errors import RigError
from tests.ears.tones.sounds import RATE_HZ, TONES, heard, note, people

NOISE = np.random.default_rng(1).standard_normal(RATE_HZ).astype(np.float32)


@pytest.mark.parametrize("name", TONES)
def test_its_length_is_that_of_what_sounds(name: str) -> None:
    sound = TONES[name]
    learnt = tone(name, np.pad(sound, (3000, 5000)), RATE_HZ)
    assert learnt.seconds == pytest.approx(len(sound) / RATE_HZ, abs=0.03)
    assert learnt.shape.in_lines > 0.85


@pytest.mark.parametrize(
    ("example", "told"),
    [
        (np.zeros(RATE_HZ, np.float32), "is silent"),
        (1e-5 * NOISE, "is silent"),
        (np.zeros(10, np.float32), "is silent"),
        (np.full(RATE_HZ, np.nan, np.float32), "no numbers"),
        (np.clip(8 * np.pad(TONES["done"], 4000), -0.3, 0.3), "is clipped"),
        (np.pad(note(1000.0, 0.03), 4000), "sounds for 0.0. s"),
        (np.pad(note(1000.0, 3.0), 4000), "sounds for [23]"),
        (np.pad(0.1 * NOISE, 4000), "noise or speech"),
        (np.pad(people(6.0, 0.05)[RATE_HZ : 2 * RATE_HZ], 4000), "noise or speech"),
    ],
)
def test_what_is_no_tone_is_refused_by_name(example: Samples, told: str) -> None:
    with pytest.raises(RigError, match=told) as caught:
        tone("wake", example, RATE_HZ)
    assert "`wake`" in str(caught.value)


def test_a_little_noise_and_echo_do_no_harm() -> None:
    recording = heard(TONES["wake"], RATE_HZ, 2.0, 0.3) + 1e-4 * NOISE[0]
    recording += 1e-4 * np.resize(NOISE, len(recording))
    learnt = tone("wake", recording, RATE_HZ)
    assert learnt.seconds == pytest.approx(len(TONES["wake"]) / RATE_HZ, abs=0.15)
