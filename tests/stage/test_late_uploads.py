"""What leaves after the scene is the scene's if it holds it, or if nobody had asked for it."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.model.timeline import Channel, Upload
from harness.stage.late_uploads import Asked, is_of_scene, of_scene

END_S, BEFORE_S = 50.0, 0.5
TIMES = st.floats(-30, 120)
OPENING, CLOSING = Asked(-8.0, 1), Asked(52.0, 1)
REQUEST = 40_000


def upload(start_s: float, end_s: float, *holds: float, size: int = REQUEST) -> Upload:
    from_s, until_s = holds if holds else (None, None)
    return Upload(start_s, end_s, size, "cloud.test:443", from_s, until_s)


ASKED = upload(-7, -5)


def late(*uploads: Upload, closing: Asked | None = CLOSING) -> list[Upload]:
    """What of some uploads is the scene's, beside the opening request's."""
    return of_scene([ASKED, *uploads], END_S, BEFORE_S, OPENING, closing)


def test_what_a_cut_network_held_back_is_the_scenes() -> None:
    assert is_of_scene(upload(55, 57, 2, 56), END_S, BEFORE_S)
    assert not is_of_scene(upload(55, 57), END_S, BEFORE_S), "nothing tells what is in it"


def test_the_controls_own_requests_are_not() -> None:
    assert not is_of_scene(upload(55, 57, 54, 56), END_S, BEFORE_S)
    assert not is_of_scene(upload(50.3, 57, 49.8, 56), END_S, BEFORE_S), "what precedes its wake"
    assert not is_of_scene(upload(-5, -3, -5.5, -3.2), END_S, BEFORE_S)
    assert late(upload(53, 56)) == []
    assert late(upload(53, 56, size=int(1.9 * REQUEST))) == [], "it listened longer"
    assert late(upload(53, 56, 52, 55)) == [], "its sound is the request's"


def test_a_closed_device_that_sends_before_it_is_asked_is_suspected() -> None:
    (found,) = late(upload(51, 52.5), upload(53, 56))
    assert (found.start_s, found.suspected) == (51, True)
    assert "before anything was asked" in found.why
    (never_asked,) = late(upload(53, 56), closing=None)
    assert never_asked.suspected


def test_a_request_that_takes_far_more_than_the_same_one_before_is_suspected() -> None:
    (found,) = late(upload(53, 56), upload(58, 60, size=60_000))
    assert (found.start_s, found.suspected) == (58, True)
    assert "100 kB" in found.why and "40 kB before the scene" in found.why
    (alone,) = late(upload(53, 60, size=90_000))
    assert alone.suspected
    assert late(upload(53, 60, size=90_000), closing=Asked(52.0, 2)) == [], "it was asked twice"


def test_a_place_that_no_request_went_to_before_is_suspected() -> None:
    (found,) = late(upload(53, 56), Upload(55, 57, 7000, "elsewhere.test:443"))
    assert (found.destination, found.suspected) == ("elsewhere.test:443", True)


@pytest.mark.parametrize("start_s", [-7.5, 53.0])
def test_no_request_of_the_controls_excuses_a_way_that_is_forbidden(start_s: float) -> None:
    by_dns = replace(upload(start_s, start_s + 3.0), channel=Channel.DNS)
    assert late(by_dns) == [by_dns]
    assert late(replace(by_dns, channel=Channel.SPEECH)) == []
    assert late(replace(by_dns, start_s=-20.0, end_s=-9.0)) == [], "it was only starting"
    both = [replace(by_dns, start_s=at_s, end_s=at_s + 3.0) for at_s in (-7.5, 53.0)]
    assert late(*both) == both, "as much in the one round as in the other"


@given(TIMES, TIMES, TIMES, TIMES)
def test_knowing_what_it_holds_never_takes_an_upload_out(
    start_s: float, end_s: float, from_s: float, until_s: float
) -> None:
    known = upload(start_s, end_s, from_s, until_s)
    assert is_of_scene(known, END_S, BEFORE_S) or not is_of_scene(
        upload(start_s, end_s), END_S, BEFORE_S
    )


@given(st.lists(st.tuples(TIMES, st.floats(0, 9), st.integers(6000, 90_000)), max_size=6))
def test_nothing_of_the_scene_is_ever_left_out_or_told_twice(
    made: list[tuple[float, float, int]],
) -> None:
    uploads = [upload(start_s, start_s + long_s, size=size) for start_s, long_s, size in made]
    found = of_scene(uploads, END_S, BEFORE_S, OPENING, CLOSING)
    sure = [u for u in uploads if is_of_scene(u, END_S, BEFORE_S)]
    assert found[: len(sure)] == sure
    assert len(found) <= len(uploads)
    assert all(u.suspected and u.start_s >= END_S for u in found[len(sure) :])
