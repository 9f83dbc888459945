"""Measures how soon a leak is found that hides in what a device sends anyway, and what is accused
wrongly.

python -m benchmarks.wire_covert [--quick]

Idle traffic of devices that seeds draw, as in `benchmarks.wire_idle_traffic`; somewhere in it a
leak by one way begins. How soon it is found is how much of the leak the shortest capture holds that
shows it, to 0.1 s. The same devices without a leak, over days, show what is accused wrongly.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from benchmarks.table import Row, finish
from benchmarks.wire_idle_traffic import (
    BEAT,
    DEVICE,
    LOG,
    METRICS,
    START_S,
    UPDATE,
    VOICE,
    Habits,
    Idle,
)
from benchmarks.wire_leaks import WAYS, Timed
from harness.bench.drivers.simulated_capture import pcapng_bytes
from harness.model.timeline import Channel, Upload
from harness.wire import Declared, read_wire

_RATES = (1000, 2000, 4000)
"""Bytes a second: 8, 16 and 32 kbit/s."""
_GOAL_S, _LONGEST_S, _RESOLUTION_S = 60.0, 240.0, 0.1
_BEFORE_S = 900.0
_FALSE_A_DAY = 1.0
_HOSTS = tuple(f"{host}:443" for host in (VOICE, BEAT, METRICS, LOG, UPDATE))
RIG = Declared(destinations=_HOSTS, telemetry_bytes_a_minute=20_000)
_SPEECH = (Channel.SPEECH, Channel.MESSAGE)
_TEST_SEED = 9000


@dataclass(frozen=True)
class Found:
    """What became of one leak: seconds until it was found, None where it never was."""

    way: str
    rate: int
    after_s: float | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, read, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 devices and 4 h instead of 8, 96 h")
    chosen = parser.parse_args(arguments)
    devices, hours = (2, 2.0) if chosen.quick else (8, 12.0)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.pcapng"
        found = [each for seed in range(devices) for each in _leaks_of(_TEST_SEED + seed, path)]
        wrong, days = _wrong(devices, hours, path)
    rows = [_row(way, rate, found) for way in WAYS for rate in _RATES]
    goal = f"at most {_FALSE_A_DAY:g}"
    rows.append(
        Row("accused wrongly", wrong / days, "per 24 h", goal, wrong / days <= _FALSE_A_DAY)
    )
    facts = {"devices": f"{devices}, test seeds", "idle traffic": f"{24 * days:g} h"}
    return finish("wire_covert", rows, facts)


def _row(way: str, rate: int, found: Sequence[Found]) -> Row:
    mine = [each.after_s for each in found if (each.way, each.rate) == (way, rate)]
    slowest = max((_LONGEST_S if after_s is None else after_s for after_s in mine), default=0.0)
    seen = sum(after_s is not None for after_s in mine)
    figure = f"{way}, {rate * 8 // 1000} kbit/s: {seen} of {len(mine)} found, the last after"
    return Row(figure, slowest, "s", f"all within {_GOAL_S:g} s", slowest <= _GOAL_S)


def _leaks_of(seed: int, path: Path) -> list[Found]:
    """A leak by each way and rate, each beginning somewhere else in the traffic of one device."""
    dice, found = Random(seed), []
    frames = _idle(seed, 2.0, path)
    for way, (leak, channel) in WAYS.items():
        for rate in _RATES:
            from_s = START_S + dice.uniform(_BEFORE_S, 7200 - _LONGEST_S)
            around = [f for f in frames if from_s - _BEFORE_S <= f[0] <= from_s + _LONGEST_S]
            whole = sorted([*around, *leak(dice, from_s, _LONGEST_S, rate)], key=lambda f: f[0])
            after_s = _found_after_s(whole, from_s, Channel(channel), path)
            found.append(Found(way, rate, after_s))
    return found


def _found_after_s(
    frames: Sequence[Timed], from_s: float, channel: Channel, path: Path
) -> float | None:
    """How much of the leak the shortest capture holds that shows it."""

    def shows(seconds: float) -> bool:
        cut = [frame for frame in frames if frame[0] <= from_s + seconds]
        uploads = _read(cut, path)
        return any(u.channel is channel and u.end_s >= from_s for u in uploads)

    low_s, high_s = 0.0, _LONGEST_S
    if not shows(high_s):
        return None
    while high_s - low_s > _RESOLUTION_S:
        middle_s = (low_s + high_s) / 2
        low_s, high_s = (low_s, middle_s) if shows(middle_s) else (middle_s, high_s)
    return high_s


def _wrong(devices: int, hours: float, path: Path) -> tuple[int, float]:
    """Uploads by another way than the declared one, where there is no leak; over how many days."""
    wrong = 0
    for seed in range(devices):
        uploads = _read(_idle(_TEST_SEED + 100 + seed, hours, path), path)
        wrong += sum(upload.channel not in _SPEECH for upload in uploads)
    return wrong, devices * hours / 24


def _idle(seed: int, hours: float, path: Path) -> list[Timed]:
    idle = Idle(Habits.drawn(seed), hours, seed)
    idle.write(path)
    return idle.frames


def _read(frames: Sequence[Timed], path: Path) -> tuple[Upload, ...]:
    path.write_bytes(pcapng_bytes(list(frames)))
    return read_wire(path, DEVICE, declared=RIG).uploads


if __name__ == "__main__":
    raise SystemExit(main())
