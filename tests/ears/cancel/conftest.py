"""What several tests of the canceller ask for."""

import pytest

from benchmarks.ears_rooms import (
    Truth,
    record,
    talk,
)
from harness.ears.cancel import (
    RATE_HZ,
    Paths,
    measure_paths,
)
from tests.ears.cancel.recordings import ROOM, TABLE


@pytest.fixture(scope="session")
def played() -> Truth:
    return record(TABLE, ROOM)


@pytest.fixture(scope="session")
def calibrated() -> Paths:
    """The paths of both, from the first seconds of another recording."""
    voices = (("table", "am_michael"), ("counter", "af_heart"))
    said = {position: talk(voice, 8.0) for position, voice in voices}
    return measure_paths(record(said, ROOM).recording, said, RATE_HZ, one_clock=True)
