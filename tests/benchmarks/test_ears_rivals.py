"""What the spotter is held against finds a prompt where it is."""

import numpy as np
import pytest

from benchmarks.ears.rivals import RIVALS, peaks
from benchmarks.ears_rooms import talk

RATE_HZ = 16_000
# Votes of landmarks: half of them fall on other frames.
LEAST = {"landmark fingerprints": 0.15}


@pytest.mark.parametrize("name", RIVALS)
def test_a_prompt_alone_in_noise_is_found_where_it_is(name: str) -> None:
    prompt = talk("af_heart", 3.0)[RATE_HZ:]
    recording = np.random.default_rng(1).standard_normal(12 * RATE_HZ).astype(np.float32) * 1e-3
    at = 5 * RATE_HZ + 123
    recording[at : at + len(prompt)] += prompt
    other = talk("am_michael", 1.5)
    (scores, hop), (others, _) = RIVALS[name](recording, [prompt, other], RATE_HZ)
    best = peaks(scores, hop, RATE_HZ)
    assert peaks(others, hop, RATE_HZ)[0][1] < best[0][1]
    assert abs(best[0][0] - at) <= hop
    assert LEAST.get(name, 0.5) < best[0][1] <= 1.001
    assert all(best[0][1] > 1.2 * second for _, second in best[1:2])


def test_peaks_lie_apart_and_come_the_best_first() -> None:
    scores = np.zeros(100, dtype=np.float32)
    scores[[10, 12, 60]] = 0.9, 0.8, -0.85
    assert peaks(scores, 2, 20) == [(20, pytest.approx(0.9)), (120, pytest.approx(0.85))]
