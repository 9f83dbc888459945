"""What is left of the speech that was found, once the prompts on file are taken away."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.ears.cancel import RATE_HZ
from harness.ears.elsewhere import is_at_device
from harness.ears.speech import Speech
from harness.ears.unfiled import Span, unexplained
from harness.ears.wholeness import steady
from tests.ears.speech.sounds import said


def speech(start_s: float, end_s: float) -> Speech:
    return Speech(round(start_s * RATE_HZ), round(end_s * RATE_HZ), -30.0, 20.0, 0.9)


def span(start_s: float, end_s: float) -> Span:
    return round(start_s * RATE_HZ), round(end_s * RATE_HZ)


def seconds(found: list[Speech]) -> list[tuple[float, float]]:
    return [(round(s.start_s, 3), round(s.end_s, 3)) for s in found]


def test_a_prompt_with_its_echo_is_explained() -> None:
    assert unexplained([speech(1.0, 3.0)], [span(1.1, 2.7)]) == []


def test_what_no_prompt_touches_stays_however_short() -> None:
    assert unexplained([speech(5.0, 5.2)], [span(1.0, 2.0)]) == [speech(5.0, 5.2)]


def test_what_goes_on_after_a_prompt_is_told_for_itself() -> None:
    assert seconds(unexplained([speech(1.0, 6.0)], [span(1.0, 2.0)])) == [(2.4, 6.0)]


def test_what_comes_between_two_prompts_too() -> None:
    found = unexplained([speech(1.0, 8.0)], [span(5.0, 7.9), span(1.0, 2.0)])
    assert seconds(found) == [(2.4, 4.85)]


@given(
    st.lists(st.tuples(st.floats(0, 60), st.floats(0.2, 8)), max_size=6),
    st.lists(st.tuples(st.floats(0, 60), st.floats(0.2, 8)), max_size=6),
)
def test_every_moment_of_speech_is_a_prompts_or_is_told_but_for_edges(
    spoken: list[tuple[float, float]], prompts: list[tuple[float, float]]
) -> None:
    found = [speech(a, a + n) for a, n in spoken]
    spans = [span(a, a + n) for a, n in prompts]
    told = unexplained(found, spans)
    for one in found:
        for at in np.linspace(one.start, one.end - 1, 40, dtype=int):
            inside = any(t.start <= at < t.end for t in told)
            near = any(a - 0.56 * RATE_HZ <= at < b + 0.81 * RATE_HZ for a, b in spans)
            assert inside or near
    assert all(any(one.start <= t.start < t.end <= one.end for one in found) for t in told)


@pytest.mark.parametrize(
    ("lead_s", "louder_db", "is_so"),
    [(0.0078, 15.0, True), (0.0078, 3.0, False), (0.001, 15.0, False), (-0.004, -10.0, False)],
)
def test_the_device_is_where_it_stands(lead_s: float, louder_db: float, is_so: bool) -> None:
    assert is_at_device(lead_s, louder_db, 2.7) is is_so


def test_a_sentence_in_one_breath_is_steady() -> None:
    sound = said("send-it")
    assert steady(sound, len(sound)) in (True, None)
    assert steady(np.tile(sound[2000:6000], 4), 16_000) is True


def test_one_that_is_turned_down_is_never_called_steady() -> None:
    voiced = np.tile(said("send-it")[2000:6000], 8)
    voiced[12_000:18_000] *= np.float32(10 ** (-12 / 20))
    assert steady(voiced, len(voiced)) is None
    # What comes after act and name does not matter.
    assert steady(voiced, 11_000) is True


def test_too_little_to_tell() -> None:
    assert steady(said("send-it")[:2000], 2000) is None
