"""Lanes: all the work is shared out, each lane has a rig of its own, and nothing is swallowed."""

import operator
import signal
from pathlib import Path

import pytest

from benchmarks.lanes import lane_rig, side_by_side
from harness.bench.rigfile import load_rig

RIG = Path(__file__).parents[2] / "rigs" / "virtual-2018.yaml"


def test_each_lane_gets_its_number_and_its_share() -> None:
    before = signal.getsignal(signal.SIGTERM)
    # A lane may be any function of its number and its share: this one repeats the share.
    assert side_by_side(operator.mul, ["a", "b", "c"], 2) == [[], ["b"]]
    assert signal.getsignal(signal.SIGTERM) is before


def test_what_a_lane_raises_is_raised() -> None:
    with pytest.raises(TypeError, match="unsupported operand"):
        side_by_side(operator.sub, ["a"], 1)


def test_lanes_have_rigs_of_their_own_names(tmp_path: Path) -> None:
    rigs = [load_rig(lane_rig(RIG, tmp_path / "out", "bench", number)) for number in (0, 1)]
    assert [rig.name for rig in rigs] == ["bench-0-virtual-2018", "bench-1-virtual-2018"]
    assert rigs[0].device == load_rig(RIG).device
