"""A device left alone on simulated time: captured from its start, learnt from when it listens."""

from pathlib import Path

import pytest

from harness.bench.rigfile import load_rig
from harness.clock import RealClock
from harness.series.learn_idle import capture_idle, captured_before, learn_idle
from harness.wire.idle.wishes import Wishes


@pytest.mark.slow
def test_a_simulated_device_is_learnt(tmp_path: Path) -> None:
    file, keep = load_rig(Path("rigs/simulated.yaml")), tmp_path / "idle.pcapng"
    told: list[str] = []
    with capture_idle(file, RealClock(), told.append, hours=0.04, keep=keep) as captured:
        profile = learn_idle(captured, file, Wishes(streams=True))
    assert captured.until_s - captured.from_s >= 0.04 * 3600
    assert "cloud.reference.test" in {known.host for known in profile.destinations}
    assert profile.unobservable == ""
    assert any("nobody speaks" in each for each in told)
    again = captured_before([keep], captured.addresses)
    assert again.files == (keep,)
