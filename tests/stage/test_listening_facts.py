"""Bad sound at the listener's microphone is called by its name, and its control does not hold."""

from collections.abc import Callable

import numpy as np
import pytest
import scipy.signal

from benchmarks.ears_rooms import Room, record, talk
from harness.bench.ports.sound import Samples
from harness.ears.apart import learnt_paths, taken_apart
from harness.ears.cancel import RATE_HZ
from harness.stage.listening_facts import microphone_sound, stimulus_subtracted
from harness.stage.prompts_heard import Subtraction
from tests.ears.tape import Tape

SECONDS = 12.0
SAID = {"table": talk("af_heart", SECONDS), "window": talk("am_michael", SECONDS)}
TRUTH = record(SAID, Room(t60_s=0.3))
LATER = slice(7 * RATE_HZ, 10 * RATE_HZ)


def subtraction(heard: Samples, **played: Samples) -> Subtraction:
    """What the controls are read from, of a recording and what was played."""
    references = {**SAID, **played}
    tape = Tape({**references, "listener": heard}, RATE_HZ)
    span = range(len(heard))
    found = Subtraction()
    paths = learnt_paths(tape, tuple(references), span)
    for piece in taken_apart(tape, tuple(references), span, paths):
        for stretch in piece.stretches:
            found.add(stretch, stretch.start_s)
    return found


def changed(change: Callable[[Samples], Samples]) -> Samples:
    heard = TRUTH.recording.copy()
    heard[LATER] = change(heard[LATER])
    return heard


def test_a_good_microphone_holds() -> None:
    found = subtraction(TRUTH.recording)
    sound, taken = microphone_sound(found), stimulus_subtracted(found)
    assert sound.held and taken.held
    assert taken.measured is not None and taken.measured > 25.0


HUM = np.sin(2 * np.pi * 50 * np.arange(3 * RATE_HZ) / RATE_HZ).astype(np.float32)
BAD: dict[str, tuple[Callable[[Samples], Samples], str]] = {
    "silence": (np.zeros_like, "dead"),
    "constant": (lambda heard: np.full_like(heard, 0.1), "dead"),
    "hum": (lambda heard: 0.1 * HUM[: len(heard)], "hum"),
    "clipped": (lambda heard: np.clip(heard * 4, -0.2, 0.2), "overdriven"),
    "not numbers": (lambda heard: np.full_like(heard, np.nan), "no numbers"),
    "infinite": (lambda heard: np.full_like(heard, np.inf), "no numbers"),
}


@pytest.mark.parametrize("what", BAD)
def test_what_is_wrong_with_a_microphone_is_named(what: str) -> None:
    change, word = BAD[what]
    control = microphone_sound(subtraction(changed(change)))
    assert not control.held and word in control.detail
    assert control.measured is not None and control.measured >= 1


def test_channels_that_are_swapped_half_way_are_not_subtracted() -> None:
    half = len(TRUTH.recording) // 2
    table, window = SAID["table"].copy(), SAID["window"].copy()
    table[half:], window[half:] = window[half:].copy(), table[half:].copy()
    found = subtraction(TRUTH.recording, table=table, window=window)
    control = stimulus_subtracted(found)
    assert not control.held and "otherwise than before" in control.detail


def louder(by: float) -> Samples:
    half = len(TRUTH.recording) // 2
    gain = np.where(np.arange(len(TRUTH.recording)) < half, 1.0, by).astype(np.float32)
    return TRUTH.recording + (gain - 1) * TRUTH.stimulus


def without(seconds: float, *, twice: bool = False) -> Samples:
    """Some sound in the middle lost, or there twice."""
    half, count = len(TRUTH.recording) // 2, round(seconds * RATE_HZ)
    first, rest = TRUTH.recording[:half], TRUTH.recording[half:]
    joined = np.concatenate((first, first[-count:], rest) if twice else (first, rest[count:]))
    return np.resize(joined, len(TRUTH.recording))


def at_another_rate() -> Samples:
    """Recorded at 44.1 kHz, said to be at 48."""
    slow = scipy.signal.resample_poly(TRUTH.recording, 147, 160).astype(np.float32)
    return np.resize(slow, len(TRUTH.recording))


WRONG: dict[str, tuple[Callable[[], Samples], str]] = {
    "twice as loud": (lambda: louder(2.0), "louder or softer"),
    "half as loud": (lambda: louder(0.5), "louder or softer"),
    "another rate": (at_another_rate, "was not heard when"),
    "sound lost": (lambda: without(0.4), "or sound was lost"),
    "sound twice": (lambda: without(0.4, twice=True), "or sound was lost"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_what_was_played_is_named(what: str) -> None:
    heard, word = WRONG[what]
    control = stimulus_subtracted(subtraction(heard()))
    assert not control.held and word in control.detail, control


def test_what_was_never_played_is_not_subtracted() -> None:
    silent = TRUTH.recording - TRUTH.stimulus
    found = subtraction(silent)
    control = stimulus_subtracted(found)
    assert not control.held and "was not heard when" in control.detail


def test_played_channels_that_hold_no_numbers_are_refused() -> None:
    broken = SAID["table"].copy()
    broken[1000] = np.nan
    with pytest.raises(ValueError, match="no numbers"):
        subtraction(TRUTH.recording, table=broken)


def test_a_search_that_failed_says_why_and_holds_nothing() -> None:
    for control in (microphone_sound("no sound came"), stimulus_subtracted("no sound came")):
        assert not control.held and "no sound came" in control.detail


def test_where_nothing_was_played_nothing_need_be_subtracted() -> None:
    control = stimulus_subtracted(Subtraction())
    assert control.held and control.measured is None
