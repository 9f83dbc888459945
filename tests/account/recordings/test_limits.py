"""How much of a recording must lie in the log: more, where it is short."""

import pytest

from harness.account.recordings.attribution import Limits

LONG, SHORT, SHORTEST = 13, 12, 7


@pytest.mark.parametrize(
    ("share", "missing", "pieces", "ours"),
    [
        (0.72, 2, LONG, True),
        (0.71, 0, LONG, False),
        (0.9, 3, LONG, False),
        (0.8, 1, SHORT, True),
        (0.8, 2, SHORT, False),
        (0.8, 2, SHORTEST, False),
    ],
)
def test_ours(share: float, missing: int, pieces: int, *, ours: bool) -> None:
    assert Limits().is_ours(share, missing, pieces) is ours


@pytest.mark.parametrize(
    ("share", "pieces", "foreign"),
    [
        (0.59, LONG, True),
        (0.6, LONG, False),
        (0.59, 8, True),
        (0.59, SHORTEST, False),
        (0.34, SHORTEST, True),
        (0.35, SHORTEST, False),
    ],
)
def test_foreign(share: float, pieces: int, *, foreign: bool) -> None:
    assert Limits().is_foreign(share, pieces) is foreign
