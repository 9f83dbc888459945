"""What of a recording the device said: after the first silence, until it is quiet for a while."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.stage.learning import Span, spoken


def frames(*runs: tuple[bool, int]) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    return np.concatenate([np.zeros(0, np.bool_), *(np.full(n, on) for on, n in runs)])


ON, OFF = True, False


@pytest.mark.parametrize(
    ("loud", "found"),
    [
        (frames(), None),
        (frames((OFF, 5)), None),
        (frames((OFF, 300)), None),
        (frames((ON, 300)), None),
        (frames((OFF, 50), (ON, 100), (OFF, 30)), Span(50, 150, over=False)),
        (frames((OFF, 50), (ON, 100), (OFF, 80)), Span(50, 150, over=True)),
        # The end of the line that was said to it, or its echo, is not the device.
        (frames((ON, 40), (OFF, 50), (ON, 100), (OFF, 80)), Span(90, 190, over=True)),
        (frames((ON, 40), (OFF, 5), (ON, 10), (OFF, 300)), None),
        # A pause within a prompt, and a click long before it.
        (frames((OFF, 50), (ON, 60), (OFF, 50), (ON, 60), (OFF, 90)), Span(50, 220, over=True)),
        (frames((OFF, 50), (ON, 3), (OFF, 100), (ON, 60), (OFF, 90)), Span(153, 213, over=True)),
    ],
)
def test_what_was_said(
    loud: "np.ndarray[tuple[int], np.dtype[np.bool_]]", found: Span | None
) -> None:
    assert spoken(loud) == found


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 120)), max_size=12), st.integers(0, 200))
def test_more_silence_ends_it_and_changes_nothing_else(
    runs: list[tuple[bool, int]], more: int
) -> None:
    before = spoken(frames(*runs))
    after = spoken(frames(*runs, (OFF, 200 + more)))
    if before is not None:
        assert after is not None
        assert after.over
        assert (after.first, after.last) == (before.first, before.last)
