"""Active speech level against exact answers, against the procedure as written, and its laws."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import brentq

from harness.sound.active_level import active_level
from tests.ears.audibility.sounds import clip

Values = NDArray[np.float64]

RATE_HZ = 16_000
SMOOTHING_S, HANGOVER_S, MARGIN_DB = 0.03, 0.2, 15.9


def tone(seconds: float, amplitude: float = 0.5) -> Values:
    return amplitude * np.sin(2 * np.pi * 997 * np.arange(round(seconds * RATE_HZ)) / RATE_HZ)


def level_db(speech: Values) -> float:
    found = active_level(speech, RATE_HZ)
    assert found is not None
    return found.level_db


def test_a_tone_that_never_stops_has_its_rms_level() -> None:
    # An rms of 1.0 is 0 dB: a sine of amplitude 0.5 is at -9.03 dB. The hang-over after its end
    # counts as active, 0.3 s of 60.
    assert level_db(tone(60)) == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.03)


@pytest.mark.parametrize("on_s", [0.3, 0.5, 1.0, 2.0])
@pytest.mark.parametrize("off_s", [0.6, 1.0, 3.0])
def test_bursts_have_the_level_that_can_be_computed(on_s: float, off_s: float) -> None:
    bursts = np.tile(np.concatenate((tone(on_s), np.zeros(round(off_s * RATE_HZ)))), 5)
    assert level_db(bursts) == pytest.approx(burst_level_db(on_s, 0.5), abs=0.05)


def burst_level_db(on_s: float, amplitude: float) -> float:
    """Solved for the level: the envelope of a burst, smoothed twice, is known in closed form."""
    mean, energy = amplitude * 2 / np.pi, on_s * amplitude**2 / 2

    def too_high(level_db: float) -> float:
        threshold = 10 ** ((level_db - MARGIN_DB) / 20)
        top = mean * (1 - left(on_s, on_s))

        def after(t: float) -> float:
            return mean * (left(t, t) - left(t + on_s, t + on_s)) - threshold

        rises = brentq(lambda t: mean * (1 - left(t, t)) - threshold, 0, on_s)
        falls = brentq(after, 0, 2) if top > threshold else 0.0
        active_s = on_s - rises + falls + HANGOVER_S
        return level_db - 10 * float(np.log10(energy / active_s))

    def left(t: float, more: float) -> float:
        return (1 + more / SMOOTHING_S) * float(np.exp(-t / SMOOTHING_S))

    return float(brentq(too_high, -40, 0))


SPOKEN = ("so-what-did-the-contractor", "sure-do-you-want", "yes-please", "it-is-unacceptable")


@pytest.mark.parametrize(
    ("words", "gain_db"), [("yes-please", 0), ("yes-please", -13), ("so-what-did-the", -30)]
)
def test_speech_has_the_level_that_the_procedure_as_written_gives(
    words: str, gain_db: float
) -> None:
    speech = clip(words, RATE_HZ).astype(np.float64) * 10 ** (gain_db / 20)
    ended = np.concatenate((speech, np.zeros(RATE_HZ // 2)))
    assert level_db(speech) == pytest.approx(procedure_as_written(ended), abs=0.15)


def procedure_as_written(speech: Values) -> float:
    """P.56 step by step: each sample, 15 thresholds that double, and a straight line in between."""
    keep, hold = np.exp(-1 / (SMOOTHING_S * RATE_HZ)), round(HANGOVER_S * RATE_HZ)
    thresholds = 0.5 ** np.arange(15, 0, -1)
    active, hung = np.zeros(15), np.full(15, hold)
    smooth = envelope = 0.0
    for sample in speech:
        smooth = keep * smooth + (1 - keep) * abs(sample)
        envelope = keep * envelope + (1 - keep) * smooth
        over = envelope >= thresholds
        active += over | (hung < hold)
        hung = np.where(over, 0, np.minimum(hung + 1, hold))
    counted = active > 0
    levels_db = 10 * np.log10(np.sum(speech**2) / active[counted])
    margins_db = levels_db - 20 * np.log10(thresholds[counted])
    for low, high in pairwise(range(len(levels_db))):
        if margins_db[high] <= MARGIN_DB:
            part = (margins_db[low] - MARGIN_DB) / (margins_db[low] - margins_db[high])
            return float(levels_db[low] + part * (levels_db[high] - levels_db[low]))
    raise AssertionError("no two thresholds lie around the level")


@settings(max_examples=30)
@given(gain_db=st.floats(-90, 40))
def test_a_gain_changes_the_level_by_itself_and_nothing_else(gain_db: float) -> None:
    speech = clip("yes-please", RATE_HZ).astype(np.float64)
    plain, changed = (active_level(speech * g, RATE_HZ) for g in (1.0, 10 ** (gain_db / 20)))
    assert plain is not None and changed is not None
    assert changed.level_db - plain.level_db == pytest.approx(gain_db, abs=1e-6)
    assert changed.active_s == plain.active_s


@settings(max_examples=30)
@given(before=st.integers(0, 3000), after=st.integers(0, 3000))
def test_silence_around_it_changes_nothing(before: int, after: int) -> None:
    speech = clip("yes-please", RATE_HZ).astype(np.float64)
    around = np.concatenate((np.zeros(before * 16), speech, np.zeros(after * 16)))
    assert level_db(around) == pytest.approx(level_db(speech), abs=1e-9)


@pytest.mark.parametrize("pause_s", [0.15, 0.5])
def test_it_says_when_something_is_said(pause_s: float) -> None:
    silence, pause = np.zeros(RATE_HZ), np.zeros(round(pause_s * RATE_HZ))
    found = active_level(np.concatenate((silence, tone(1), pause, tone(1), silence)), RATE_HZ)
    assert found is not None
    changes = np.flatnonzero(np.diff(found.spoken.astype(int)))
    wanted = [1000, 2000, 2000 + 1000 * pause_s, 3000 + 1000 * pause_s]
    if pause_s < 0.2:
        wanted = [wanted[0], wanted[-1]]
    assert changes == pytest.approx(wanted, abs=50)


@pytest.mark.parametrize(
    "nothing",
    [np.zeros(0), np.zeros(10), np.zeros(RATE_HZ), np.eye(1, RATE_HZ, 8000)[0]],
    ids=["empty", "too short", "silence", "click"],
)
def test_where_nothing_is_said_there_is_no_level(nothing: Values) -> None:
    assert active_level(nothing, RATE_HZ) is None
