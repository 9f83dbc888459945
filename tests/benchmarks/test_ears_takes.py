"""Recordings as the benchmark of the ears sees them: subtracted, the truth in step beside them."""

from dataclasses import replace

import numpy as np
import pytest

from audio_corpus.prompts.build import render
from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.recordings import Conditions, Recording, Said
from audio_corpus.prompts.texts import prompts
from benchmarks.ears.__main__ import missing_talk
from benchmarks.ears.finding import Finding, found_in, is_device
from benchmarks.ears.hearing import Hearing
from benchmarks.ears.takes import Part, Take, take
from harness.ears.speech import Speech

LINES = [line for line in prompts("tune") if line.voice == "flite:awb"][:2]
LOW_HZ = 16_000


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    made = Store(tmp_path_factory.mktemp("clips"))
    render(LINES, made, lambda done, of, what: None)
    return made


@pytest.fixture(scope="module")
def one(store: Store) -> Take:
    said = (Said(7.0, LINES[0]), Said(11.0, LINES[1]))
    return take(Recording("takes", "tune", 15.0, Conditions(t60_s=0.3), said), store)


def test_what_is_left_is_the_device_the_noise_and_little_of_the_stimulus(one: Take) -> None:
    assert len(one.residual) == 15 * LOW_HZ == len(one.device) == len(one.taken)
    learnt = slice(6 * LOW_HZ, 14 * LOW_HZ)
    left = (one.residual - one.device - one.noise)[learnt]
    assert np.mean(left**2) < np.mean(one.stimulus[learnt] ** 2) / 100


def test_a_span_is_where_the_device_speaks(one: Take) -> None:
    for said in one.prompts:
        span = one.span(said)
        inside = np.mean(one.device[span] ** 2)
        before = one.device[span.start - LOW_HZ // 2 : span.start - LOW_HZ // 10]
        assert np.mean(before**2) < inside / 1000
        assert one.span(said, 0.2, 0.3).stop == span.stop + round(0.3 * LOW_HZ)


def speech(one: Take, number: int, early_s: float, late_s: float, sure: float = 0.9) -> Speech:
    span = one.span(one.prompts[number], early_s, late_s)
    return Speech(span.start, span.stop, -30.0, 20.0, sure)


def test_a_prompt_is_found_by_speech_that_covers_half_of_it(one: Take) -> None:
    first, second = one.prompts
    near = speech(one, 0, 0.01, 0.0)
    assert found_in(one, first, (near,)).late_s == pytest.approx(-0.01, abs=1e-3)
    assert found_in(one, second, (near,)).sure == 0.0
    length_s = (first.end - first.onset) / 48_000
    part = speech(one, 0, -0.6 * length_s, 0.0)
    assert found_in(one, first, (part,)).sure == 0.0


def test_speech_where_the_device_is_silent_is_a_false_alarm(one: Take) -> None:
    near = speech(one, 0, 0.3, 0.3)
    assert is_device(one, near)
    assert not is_device(one, replace(near, start=0, end=LOW_HZ))


def test_recall_is_told_of_each_group(one: Take) -> None:
    room = Finding(quick=True)
    room.see("found 5", one)
    told = {row.figure: row.value for row in room.rows()}
    assert told["device speech found, 5 dB (2 prompts)"] in (0.0, 50.0, 100.0)
    assert told["finding, x real time"] > 1


def test_audibility_is_told_beside_the_truth(one: Take, store: Store) -> None:
    room = Hearing(quick=True, store=store)
    room.see("found 5", one)
    told = {row.figure: row.value for row in room.rows()}
    assert told["prompts measured, 5 dB (of 2)"] == 100.0
    assert told["level difference off in 95 %, 5 dB"] < 0.5
    assert told["ESTOI off in 95 %, 5 dB"] < 0.2
    assert told["ESTOI too high by, 5 dB: at most"] < 0.02


def test_a_part_has_only_what_is_rendered(store: Store) -> None:
    part = Part("tune", store)
    assert part.lines == LINES
    said = [each.line for group in part.recordings("found 5") for each in group.said]
    assert sorted(map(str, said)) == sorted(map(str, LINES))
    assert len(part.recordings("without 0.5")) == 3
    (drifting,) = part.recordings("drift 5")
    assert drifting.conditions.drift_ppm == 100.0 and drifting.conditions.distortion == 0.01


def test_a_set_that_is_not_rendered_says_what_is_missing(store: Store) -> None:
    told = missing_talk(Part("test", store))
    assert told is not None and "57 lines of talk and television" in told
