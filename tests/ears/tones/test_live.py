"""Tones as the sound comes in, in pieces of any length, are those of the whole recording."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.ears.spotter import Spotted
from harness.ears.tones import LiveTones, ToneSpotter
from tests.ears.tones.sounds import RATE_HZ, TONES, heard, on_file, people

NAMES = ("wake", "end", "error", "rising")
SPOTTER = ToneSpotter([on_file(name) for name in NAMES])


def kept(told: list[Spotted]) -> list[Spotted]:
    """What a listener keeps: of those that overlap the one that more speaks for."""
    found: list[Spotted] = []
    for one in told:
        rivals = [f for f in found if f.overlaps(one)]
        if all(one.weight > rival.weight for rival in rivals):
            found = [f for f in found if f not in rivals] + [one]
    return found


@settings(max_examples=20)
@given(
    said=st.lists(st.tuples(st.floats(1.2, 3.0), st.sampled_from(NAMES)), min_size=1, max_size=4),
    pieces=st.lists(st.integers(700, 20_000), min_size=1, max_size=6),
)
def test_pieces_of_any_length_tell_the_same(
    said: list[tuple[float, str]], pieces: list[int]
) -> None:
    seconds = sum(pause_s for pause_s, _ in said) + 2.0
    recording = people(seconds, 0.002)
    at_s = 0.0
    for pause_s, name in said:
        at_s += pause_s
        recording = recording + heard(TONES[name], round(at_s * RATE_HZ), seconds)
    live, told, at, turn = LiveTones(SPOTTER, RATE_HZ), list[Spotted](), 0, 0
    while at < len(recording):
        count = pieces[turn % len(pieces)]
        told += live.push(recording[at : at + count])
        at, turn = at + count, turn + 1
    whole = SPOTTER.spot(recording, RATE_HZ)
    assert [f.key for f in whole] == [name for _, name in said]
    assert [f.key for f in kept(told)] == [f.key for f in whole]
    starts_s = [f.start_s for f in whole]
    assert [f.start_s for f in kept(told)] == pytest.approx(starts_s, abs=1e-6)


def test_it_is_told_soon_after_it_is_over() -> None:
    recording = heard(TONES["wake"], RATE_HZ, 4.0)
    live, step = LiveTones(SPOTTER, RATE_HZ), RATE_HZ // 50
    for at in range(0, len(recording), step):
        found = live.push(recording[at : at + step])
        if found:
            assert (at + step) / RATE_HZ < found[0].end_s + 0.2
            return
    raise AssertionError("it was not heard")


def test_without_tones_on_file_nothing_is_kept_or_found() -> None:
    live = LiveTones(ToneSpotter([]), 44_100)
    assert live.push(np.ones(1000, np.float32)) == []
