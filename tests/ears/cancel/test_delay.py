"""When each loudspeaker's sound arrives, and the drift of the clocks, from plain speech."""

import numpy as np
import pytest

from benchmarks.ears_rooms import Room, now_and_then, paths_of, record, talk
from harness.bench.ports.sound import Samples
from harness.ears.cancel.blocks import GROUP, RATE_HZ
from harness.ears.cancel.delay import LONGEST, Arrival, find_arrival

COUNT = 8 * GROUP


def arrival(references: dict[str, Samples], recording: Samples) -> Arrival:
    """Over the newest 4 s."""
    played = np.stack([samples[-COUNT - LONGEST :] for samples in references.values()])
    return find_arrival(played, recording[-COUNT:])


@pytest.mark.parametrize(("t60_s", "delay_s"), [(0.2, 0.01), (0.5, 0.2), (0.8, 1.1)])
def test_the_delay_is_that_of_the_direct_sound(t60_s: float, delay_s: float) -> None:
    played = {"table": talk("af_heart", 7.0)}
    heard = record(played, Room(t60_s=t60_s, delay_s=delay_s))
    found = arrival(played, heard.recording)
    direct = int(np.argmax(np.abs(paths_of(t60_s, RATE_HZ)["table", "listener"])))
    assert found.delays[0] == pytest.approx(delay_s * RATE_HZ + direct, abs=24)


@pytest.mark.parametrize("ppm", [-200.0, 0.0, 100.0])
def test_the_drift_is_found_roughly(ppm: float) -> None:
    played = {"table": talk("af_heart", 7.0)}
    heard = record(played, Room(drift_ppm=ppm))
    found = arrival(played, heard.recording)
    assert found.drift is not None
    assert found.drift * 1e6 == pytest.approx(ppm, abs=15)


def test_a_loudspeaker_that_was_not_heard_is_told_from_one_that_was() -> None:
    played = {"table": talk("af_heart", 7.0), "counter": talk("am_michael", 7.0)}
    heard = record({"table": played["table"]}, Room())
    found = arrival(played, heard.recording)
    assert found.delays[0] > 0 and found.delays[1] == -1


def test_speech_of_somebody_else_is_no_arrival() -> None:
    strange = record({"counter": talk("am_michael", 7.0)}, Room()).recording
    found = arrival({"table": talk("af_heart", 7.0)}, strange)
    assert found.delays == (-1,) and found.drift is None


def test_silence_on_either_side_is_no_arrival() -> None:
    played = talk("af_heart", 7.0)
    nothing = np.zeros_like(played)
    assert arrival({"table": nothing}, played).delays == (-1,)
    assert arrival({"table": played}, nothing).delays == (-1,)


def test_a_short_sound_tells_no_drift() -> None:
    played = {"table": now_and_then(talk("af_heart", 7.0), RATE_HZ, on_s=0.7, every_s=7.0)}
    found = arrival(played, record(played, Room()).recording)
    assert found.delays[0] > 0 and found.drift is None
