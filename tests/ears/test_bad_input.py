"""Whatever is wrong with a recording, it makes no prompt, and no speech that nobody doubts."""

from collections.abc import Callable, Mapping

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import Room, record, talk
from harness.bench.ports.sound import Samples
from harness.ears.band import band
from harness.ears.cancel import RATE_HZ, Doubt, cancel
from harness.ears.speech import find
from harness.ears.spotter import Spotter, template

SECONDS = 12.0
SAID = {"table": talk("af_heart", SECONDS), "window": talk("am_michael", SECONDS)}
TRUTH = record(SAID, Room(t60_s=0.3))
# What nobody says in any of these.
ON_FILE = Spotter([template("x", talk("af_bella", 4.0)[RATE_HZ:], RATE_HZ)])
MIDDLE = slice(6 * RATE_HZ, 9 * RATE_HZ)
COUNT = len(TRUTH.recording)
SWAPPED = {"table": SAID["window"], "window": SAID["table"]}
QUIET = (TRUTH.recording - TRUTH.stimulus).astype(np.float32)
HUM = (0.1 * np.sin(2 * np.pi * 50 * np.arange(COUNT) / RATE_HZ)).astype(np.float32)


def whole(change: Callable[[Samples], Samples]) -> Samples:
    return np.asarray(change(TRUTH.recording), dtype=np.float32)


def middle(change: Callable[[Samples], Samples]) -> Samples:
    heard = TRUTH.recording.copy()
    heard[MIDDLE] = change(heard[MIDDLE])
    return heard


def blocks(*, twice: bool) -> Samples:
    """Every second or so a block of 64 ms is lost, or there twice."""
    sizes = np.split(TRUTH.recording, np.arange(1024, COUNT, 1024))
    kept = [b for n, b in enumerate(sizes) for _ in range(_times(n, twice=twice))]
    return np.resize(np.concatenate(kept), COUNT)


def _times(number: int, *, twice: bool) -> int:
    return (2 if twice else 0) if number % 16 == 15 else 1


BAD: dict[str, tuple[Callable[[], Samples], Mapping[str, Samples], set[Doubt]]] = {
    "digital zero": (lambda: whole(np.zeros_like), SAID, {Doubt.DEAD}),
    "digital zero for a while": (lambda: middle(np.zeros_like), SAID, {Doubt.DEAD}),
    "constant": (lambda: whole(lambda h: np.full_like(h, 0.2)), SAID, {Doubt.DEAD}),
    "hum": (lambda: HUM, SAID, {Doubt.HUM}),
    "clipped": (lambda: whole(lambda h: np.clip(8 * h, -0.2, 0.2)), SAID, {Doubt.CLIPPED}),
    "no numbers": (lambda: middle(lambda h: np.full_like(h, np.nan)), SAID, {Doubt.NOT_NUMBERS}),
    "blocks lost": (lambda: blocks(twice=False), SAID, {Doubt.NOT_PLAYED, Doubt.PATH_CHANGED}),
    "blocks twice": (lambda: blocks(twice=True), SAID, {Doubt.NOT_PLAYED, Doubt.PATH_CHANGED}),
    "another rate": (
        lambda: np.resize(scipy.signal.resample_poly(TRUTH.recording, 147, 160), COUNT),
        SAID,
        {Doubt.NOT_PLAYED},
    ),
    "never played": (lambda: QUIET, SAID, {Doubt.NOT_PLAYED}),
    "twice as loud from now on": (
        lambda: middle(lambda h: 2 * h),
        SAID,
        {Doubt.LEVEL_CHANGED},
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_recording_makes_no_prompt_and_is_called_by_its_name(what: str) -> None:
    heard, references, names = BAD[what]
    left = cancel(heard().astype(np.float32), references, RATE_HZ, one_clock=True)
    doubted = {doubt for stretch in left.stretches for doubt in stretch.doubts}
    assert doubted & names, doubted
    found = find(left)
    assert all(speech.doubts for speech in found.speech), found.speech
    assert np.isfinite(left.residual).all()
    assert ON_FILE.spot(band(left.residual, RATE_HZ)) == []
    assert ON_FILE.spot(band(np.nan_to_num(heard()), RATE_HZ)) == []


def test_references_that_were_swapped_half_way_make_no_prompt() -> None:
    half = COUNT // 2
    played = {k: np.append(SAID[k][:half], SWAPPED[k][half:]) for k in SAID}
    left = cancel(TRUTH.recording, played, RATE_HZ, one_clock=True)
    assert any(Doubt.PATH_CHANGED in s.doubts for s in left.stretches)
    assert all(speech.doubts for speech in find(left).speech)
    assert ON_FILE.spot(band(left.residual, RATE_HZ)) == []


@pytest.mark.parametrize("count", [0, 1, 100, 2_047])
def test_a_recording_of_nothing_or_next_to_nothing_says_nothing(count: int) -> None:
    references = {name: sound[:count] for name, sound in SAID.items()}
    left = cancel(TRUTH.recording[:count], references, RATE_HZ, one_clock=True)
    assert len(left.residual) == count
    assert find(left).speech == ()
    assert ON_FILE.spot(band(left.residual, RATE_HZ)) == []


def test_a_recording_that_ends_too_soon_ends_the_search_and_no_later() -> None:
    half = COUNT // 2
    whole_left = cancel(TRUTH.recording, SAID, RATE_HZ, one_clock=True)
    left = cancel(
        TRUTH.recording[:half], {k: s[:half] for k, s in SAID.items()}, RATE_HZ, one_clock=True
    )
    assert len(left.residual) == half
    early = half - 2 * RATE_HZ
    assert np.allclose(left.residual[:early], whole_left.residual[:early], atol=1e-5)
