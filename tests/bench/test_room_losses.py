"""Losses of the room count from when a play rests on its delay, and never after the next reset."""

from typing import Any

from harness.bench.room_losses import RoomLosses


def _lost(late: int, flags: int) -> dict[str, Any]:
    return {"late_blocks": late, "flags": flags}


def test_what_is_lost_while_it_counts_is_told() -> None:
    said = [_lost(1, 2)]
    losses = RoomLosses(said)
    losses.count()
    assert losses() is None
    said.append(_lost(1, 44))
    assert "0 blocks late, 42 flagged" in (losses() or "")


def test_one_loss_does_not_spoil_every_play_that_follows() -> None:
    said = [_lost(0, 0)]
    losses = RoomLosses(said)
    losses.count()
    said.append(_lost(3, 5))
    assert losses() is not None
    losses.ignore()  # the next play switches the device on
    said.append(_lost(4, 9))
    assert losses() is None
    losses.count()
    assert losses() is None
    said.append(_lost(5, 9))
    assert "1 blocks late, 0 flagged" in (losses() or "")
