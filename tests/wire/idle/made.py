"""A profile made from a few destinations, and one that is learnt from generated traffic."""

from datetime import date
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.wire_idle_traffic import DEVICE, Habits, Idle
from harness.wire.idle.gather import IdleReader
from harness.wire.idle.learn import learn
from harness.wire.idle.profile import Profile
from harness.wire.idle.wishes import Wishes

ON = date(2026, 11, 22)


@cache
def learnt(padded: bool = False, streams: bool = True) -> Profile:
    """What ten hours (padded: half an hour) of a made device teach."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "idle.pcapng"
        Idle(Habits.drawn(3, padded), 0.5 if padded else 10.0, 3).write(path)
        traffic = IdleReader([DEVICE]).read([path])
    return learn(traffic, "Made", "1.0", ON, Wishes(streams=streams))
