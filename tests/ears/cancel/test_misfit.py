"""Why the prediction does not fit: each cause is told from the others, and the device is none."""

import numpy as np
import pytest

from benchmarks.ears_rooms import Room, paths_of, record, talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import GROUP, RATE_HZ, TAPS
from harness.ears.cancel.misfit import Misfit, misfit

PLAYED = talk("af_heart", 12.0)
ROOM = Room(delay_s=0.0)


def response(position: str) -> Samples:
    path = paths_of(ROOM.t60_s, RATE_HZ)[position, "listener"]
    return np.pad(path, (0, max(0, TAPS - len(path))))[:TAPS].astype(np.float32)


def heard(position: str, samples: Samples = PLAYED) -> Samples:
    return record({position: samples}, ROOM).stimulus


def causes(left: Samples) -> list[Misfit]:
    """Looked into group by group where the stimulus was loud, with the table's path believed."""
    out = []
    for at in range(GROUP, len(PLAYED) - GROUP + 1, GROUP):
        part = slice(at, at + GROUP)
        if np.square(PLAYED[part]).mean() > 1e-4:
            played = PLAYED[None, at - GROUP : at + GROUP]
            out.append(misfit(played, response("table")[None], left[part]))
    assert len(out) >= 12
    return out


def test_speech_of_the_device_is_no_misfit() -> None:
    device = record({"counter": talk("am_michael", 12.0)}, ROOM).stimulus
    found = causes(device)
    assert not any(one.absent or one.other_level or one.plainly_other for one in found)
    assert np.mean([one.other_path for one in found]) < 0.1


def test_another_path_is_found() -> None:
    found = causes(heard("counter") - heard("table"))
    assert np.mean([one.other_path for one in found]) > 0.7
    assert not any(one.absent or one.other_level for one in found if one.other_path)


@pytest.mark.parametrize(("louder", "cause"), [(1.0, "other_level"), (-0.5, "other_level")])
def test_another_level_is_found(louder: float, cause: str) -> None:
    found = causes(np.float32(louder) * heard("table"))
    assert all(getattr(one, cause) and not one.absent for one in found)
    assert np.median([one.gains[0] for one in found]) == pytest.approx(louder, abs=0.02)


def test_a_loudspeaker_that_is_absent_is_found_under_speech_of_the_device() -> None:
    device = record({"counter": talk("am_michael", 12.0)}, ROOM).stimulus
    found = causes(np.float32(0.3) * device - heard("table"))
    assert all(one.absent for one in found)
