"""What leaves after the scene is the scene's where it holds what was heard in it."""

from hypothesis import given
from hypothesis import strategies as st

from harness.model.timeline import Upload
from harness.stage.late_uploads import is_of_scene

END_S, BEFORE_S = 50.0, 0.5
TIMES = st.floats(-30, 120)


def upload(start_s: float, end_s: float, *holds: float) -> Upload:
    from_s, until_s = holds if holds else (None, None)
    return Upload(start_s, end_s, 9000, "cloud.test:443", from_s, until_s)


def test_what_a_cut_network_held_back_is_the_scenes() -> None:
    assert is_of_scene(upload(55, 57, 2, 56), END_S, BEFORE_S)
    assert not is_of_scene(upload(55, 57), END_S, BEFORE_S), "nothing tells what is in it"


def test_the_controls_own_requests_are_not() -> None:
    assert not is_of_scene(upload(55, 57, 54, 56), END_S, BEFORE_S)
    assert not is_of_scene(upload(50.3, 57, 49.8, 56), END_S, BEFORE_S), "what precedes its wake"
    assert not is_of_scene(upload(-5, -3, -5.5, -3.2), END_S, BEFORE_S)


@given(TIMES, TIMES, TIMES, TIMES)
def test_knowing_what_it_holds_never_takes_an_upload_out(
    start_s: float, end_s: float, from_s: float, until_s: float
) -> None:
    known = upload(start_s, end_s, from_s, until_s)
    assert is_of_scene(known, END_S, BEFORE_S) or not is_of_scene(
        upload(start_s, end_s), END_S, BEFORE_S
    )
