"""Learning a prompt from its takes: the most typical one is kept, and what is doubtful refused."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.bench.ports.sound import Samples
from harness.ears.learning import Demands, is_clipped, learnt, noise_level_db, over_noise
from harness.errors import RigError
from tests.rigs.corpus_clips import DANA, MARK, line

RATE_HZ = 16_000
PROMPT = line(DANA, "I will be ten minutes late.").astype(np.float32) / np.float32(32768)
OTHER = line(MARK, "Are you there?").astype(np.float32) / np.float32(32768)
QUIET_DB = -70.0


def room(count: int, seed: int, level_db: float = QUIET_DB) -> Samples:
    noise = np.random.default_rng(seed).standard_normal(count) * 10 ** (level_db / 20)
    return noise.astype(np.float32)


def take(seed: int, *, lead_s: float = 0.2, gain: float = 0.5, sound: Samples = PROMPT) -> Samples:
    """A prompt in a quiet room, with some of the room before and after it."""
    lead = round(lead_s * RATE_HZ)
    heard = room(lead + len(sound) + RATE_HZ // 3, seed)
    heard[lead : lead + len(sound)] += gain * sound
    return heard


NOISE_DB = noise_level_db(room(RATE_HZ, 99), RATE_HZ)


def test_the_room_is_measured() -> None:
    assert pytest.approx(QUIET_DB, abs=0.5) == NOISE_DB


@settings(max_examples=15)
@given(st.lists(st.floats(0.0, 0.6), min_size=2, max_size=4))
def test_it_is_trimmed_wherever_it_lies(leads_s: list[float]) -> None:
    takes = [take(seed, lead_s=lead_s) for seed, lead_s in enumerate(leads_s)]
    found = learnt("late", takes, RATE_HZ, NOISE_DB)
    assert found.takes == len(takes)
    assert found.seconds == pytest.approx(len(PROMPT) / RATE_HZ, abs=0.1)
    assert found.likeness > 0.99
    score = np.correlate(found.samples, PROMPT[1600:-1600], "valid").max()
    score /= np.linalg.norm(PROMPT[1600:-1600]) ** 2
    assert score == pytest.approx(0.5, abs=0.01)


def test_the_odd_one_out_is_not_kept() -> None:
    takes = [take(seed) for seed in range(4)]
    takes.insert(1, take(9, sound=OTHER))
    found = learnt("late", takes, RATE_HZ, NOISE_DB, Demands(likeness=0.5))
    assert found.which != 1
    assert found.least_alike < 0.5 < found.likeness < 0.9
    with pytest.raises(RigError, match="takes are not alike"):
        learnt("late", takes, RATE_HZ, NOISE_DB)


def test_signal_to_noise_is_told_and_demanded() -> None:
    takes = [take(seed, gain=0.5) for seed in range(3)]
    loud = learnt("late", takes, RATE_HZ, NOISE_DB)
    quiet = learnt("late", [take(s, gain=0.07) for s in range(3)], RATE_HZ, NOISE_DB)
    assert loud.snr_db - quiet.snr_db == pytest.approx(17.1, abs=1.0)
    with pytest.raises(RigError, match=r"only .* dB over the noise"):
        learnt("late", takes, RATE_HZ, NOISE_DB, Demands(snr_db=loud.snr_db + 1.0))


def test_what_is_clipped_is_refused() -> None:
    hard = np.clip(4.0 * PROMPT, -0.6, 0.6).astype(np.float32)
    clean = [take(seed) for seed in range(2)]
    assert not any(is_clipped(each) for each in clean)
    silent = np.zeros(RATE_HZ // 2, np.float32)
    clipped = [np.concatenate((silent, hard, silent)) for _ in range(2)]
    with pytest.raises(RigError, match="clips"):
        learnt("late", clipped, RATE_HZ, NOISE_DB)


@pytest.mark.parametrize(
    ("takes", "told"),
    [
        ([], "two at least"),
        ([take(1)], "two at least"),
        ([take(1), room(RATE_HZ, 5)], "no speech|dB over"),
        ([take(1), np.zeros(RATE_HZ, np.float32)], "no speech"),
    ],
)
def test_what_cannot_be_learnt_from(takes: Sequence[Samples], told: str) -> None:
    with pytest.raises(RigError, match=told):
        learnt("late", takes, RATE_HZ, NOISE_DB)


def test_a_dead_microphone_is_no_quiet_room() -> None:
    for dead in (np.zeros(RATE_HZ, np.float32), np.full(RATE_HZ, 0.3, np.float32)):
        with pytest.raises(RigError, match="digital silence"):
            noise_level_db(dead, RATE_HZ)


def test_only_what_stands_out_is_over_the_noise() -> None:
    loud = over_noise(take(3, lead_s=1.0), RATE_HZ, NOISE_DB)
    assert not loud[:95].any()
    assert loud[100 : 100 + round(100 * len(PROMPT) / RATE_HZ)].mean() > 0.6
    assert not loud[-25:].any()
    assert not len(over_noise(np.zeros(0, np.float32), RATE_HZ, NOISE_DB))
