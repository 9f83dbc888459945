"""Measures how soon a leak is found that hides in what a device sends anyway, and what is accused
wrongly.

python -m benchmarks.wire_covert [--quick]

Idle traffic of devices that seeds draw, as in `benchmarks.wire_idle_traffic`; somewhere in it a
leak by one way begins. How soon it is found is how much of the leak the shortest capture holds that
shows it, to 0.1 s. The same devices without a leak, over days, show what is accused wrongly. Once
with a rig that declares its hosts and a budget for telemetry, and once with one that declares only
where speech goes, and has an idle profile learnt from another night of the same device.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
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
from harness.wire.idle.gather import IdleReader
from harness.wire.idle.learn import learn
from harness.wire.idle.wishes import Wishes

_RATES = (1000, 2000, 4000)
"""Bytes a second: 8, 16 and 32 kbit/s."""
_GOAL_S, _LONGEST_S, _RESOLUTION_S = 60.0, 240.0, 0.1
_BEFORE_S, _AROUND_H = 900.0, 2.0
_FALSE_A_DAY = 1.0
_HOSTS = tuple(f"{host}:443" for host in (VOICE, BEAT, METRICS, LOG, UPDATE))
_STATED = Declared(destinations=_HOSTS, telemetry_bytes_a_minute=20_000)
_LEARNT = Declared(destinations=(f"{VOICE}:443",))
_SPEECH = (Channel.SPEECH, Channel.MESSAGE)
_TEST_SEED = 9000
_ON = date(2026, 11, 1)


@dataclass(frozen=True)
class Rig:
    """What is known of a device beforehand."""

    declared: Declared

    def read(self, frames: Sequence[Timed], path: Path) -> tuple[Upload, ...]:
        """What a capture of these frames says has left."""
        path.write_bytes(pcapng_bytes(list(frames)))
        return read_wire(path, DEVICE, declared=self.declared).uploads


@dataclass(frozen=True)
class Found:
    """What became of one leak: seconds until it was found, None where it never was."""

    way: str
    rate: int
    after_s: float | None


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, read, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="2 devices and 4 h instead of 6, 72 h")
    chosen = parser.parse_args(arguments)
    devices, hours = (2, 2.0) if chosen.quick else (6, 12.0)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.pcapng"
        for title in ("stated", "learnt"):
            rigs = [(_TEST_SEED + n, _rig(title, _TEST_SEED + n, path)) for n in range(devices)]
            rows += _figures(title, rigs, hours, path)
    facts = {"devices": f"{devices}, test seeds", "idle traffic": f"{devices * hours:g} h each"}
    return finish("wire_covert", rows, facts)


def _rig(title: str, seed: int, path: Path) -> Rig:
    if title == "stated":
        return Rig(_STATED)
    Idle(Habits.drawn(seed), 8.0, 10 * seed).write(path)
    traffic = IdleReader([DEVICE]).read([path])
    profile = learn(traffic, "made", str(seed), _ON, Wishes(streams=True))
    return Rig(replace(_LEARNT, profile=profile))


def _figures(
    title: str, rigs: Sequence[tuple[int, Rig]], hours: float, path: Path
) -> Iterator[Row]:
    found = [each for seed, rig in rigs for each in _leaks_of(seed, rig, path)]
    for way in WAYS:
        for rate in _RATES:
            yield _row(title, way, rate, found)
    wrong = sum(_wrong(seed, rig, hours, path) for seed, rig in rigs)
    a_day = wrong * 24 / (hours * len(rigs))
    goal = f"at most {_FALSE_A_DAY:g}"
    yield Row(f"{title}: accused wrongly", a_day, "per 24 h", goal, a_day <= _FALSE_A_DAY)


def _row(title: str, way: str, rate: int, found: Sequence[Found]) -> Row:
    mine = [each.after_s for each in found if (each.way, each.rate) == (way, rate)]
    slowest = max((_LONGEST_S if after_s is None else after_s for after_s in mine), default=0.0)
    seen = sum(after_s is not None for after_s in mine)
    found_told = f"{seen} of {len(mine)} found, the last after"
    figure = f"{title}: {way}, {rate * 8 // 1000} kbit/s, {found_told}"
    return Row(figure, slowest, "s", f"all within {_GOAL_S:g} s", slowest <= _GOAL_S)


def _leaks_of(seed: int, rig: Rig, path: Path) -> list[Found]:
    """A leak by each way and rate, each beginning somewhere else in the traffic of one device."""
    dice, found = Random(seed), []
    frames = _idle(seed, _AROUND_H, path)
    for way, (leak, channel) in WAYS.items():
        for rate in _RATES:
            from_s = START_S + dice.uniform(_BEFORE_S, 3600 * _AROUND_H - _LONGEST_S)
            around = [f for f in frames if from_s - _BEFORE_S <= f[0] <= from_s + _LONGEST_S]
            whole = sorted([*around, *leak(dice, from_s, _LONGEST_S, rate)], key=lambda f: f[0])
            after_s = _found_after_s(whole, from_s, Channel(channel), rig, path)
            found.append(Found(way, rate, after_s))
    return found


def _found_after_s(
    frames: Sequence[Timed], from_s: float, channel: Channel, rig: Rig, path: Path
) -> float | None:
    """How much of the leak the shortest capture holds that shows it.

    Reports that are large enough are uploads by their size already.
    """
    channels = (channel, *_SPEECH) if channel is Channel.TELEMETRY else (channel,)

    def shows(seconds: float) -> bool:
        cut = [frame for frame in frames if frame[0] <= from_s + seconds]
        uploads = rig.read(cut, path)
        return any(
            u.channel in channels and u.end_s >= from_s and (
                channel is not Channel.TELEMETRY or u.destination.startswith(VOICE)
            )
            for u in uploads
        )  # fmt: skip

    low_s, high_s = 0.0, _LONGEST_S
    if not shows(high_s):
        return None
    while high_s - low_s > _RESOLUTION_S:
        middle_s = (low_s + high_s) / 2
        low_s, high_s = (low_s, middle_s) if shows(middle_s) else (middle_s, high_s)
    return high_s


def _wrong(seed: int, rig: Rig, hours: float, path: Path) -> int:
    """Uploads by another way than the declared one, where there is no leak."""
    uploads = rig.read(_idle(seed, hours, path, 10 * seed + 7), path)
    return sum(upload.channel not in _SPEECH for upload in uploads)


def _idle(seed: int, hours: float, path: Path, stretch: int | None = None) -> list[Timed]:
    """A stretch of time of the device that `seed` stands for."""
    idle = Idle(Habits.drawn(seed), hours, 10 * seed + 3 if stretch is None else stretch)
    idle.write(path)
    return idle.frames


if __name__ == "__main__":
    raise SystemExit(main())
