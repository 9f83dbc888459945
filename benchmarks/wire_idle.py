"""Measures how surely uploads are found among the idle traffic of closed devices, and when not.

python -m benchmarks.wire_idle [--quick] [--tune]

Each device is another one: what it does while idle is drawn by its seed. Its profile is learnt from
a night of ten hours; then a day is made that nobody used for anything, with an upload every few
minutes: speech of 0.5 to 10 s as Opus at 16 and 32 kbit/s and as PCM, to the maker's host, some to
the host that takes telemetry, some to one never seen. False alarms are those that no upload
touches. Hard cases apart: traffic padded to a constant rate, and speech shaped to a tenth of its
rate. `--tune` takes the seeds by which the detector was made, which prove nothing.
"""

import argparse
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.table import Row, finish
from benchmarks.wire_idle_traffic import (
    DEVICE,
    METRICS,
    OPUS_16,
    OPUS_32,
    PCM,
    START_S,
    STRANGER,
    VOICE,
    Habits,
    Idle,
    Speech,
    Truth,
)
from harness.model.timeline import Upload
from harness.wire import Declared, read_wire
from harness.wire.idle.gather import IdleReader
from harness.wire.idle.learn import learn
from harness.wire.idle.profile import Profile
from harness.wire.idle.tails import most_often
from harness.wire.idle.wishes import Wishes

_TUNE, _TEST = range(1, 9), range(1001, 1013)
_NIGHT_H, _DAY_H, _EVERY_S = 10.0, 24.0, 420.0
_NEAR_S, _START_S = 0.5, 0.05
_SLOWED, _SLOWED_H = 10.0, 2.0
_ON = date(2026, 11, 22)


@dataclass
class Count:
    """What was found of what was sent."""

    truths: list[Truth] = field(default_factory=list)
    found: list[Upload | None] = field(default_factory=list)
    false: list[Upload] = field(default_factory=list)
    hours: float = 0.0
    promised: list[float] = field(default_factory=list)
    slowed: list[bool] = field(default_factory=list)

    def share(self, wanted: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> float:
        """The part of some uploads that was found."""
        there = np.array([upload is not None for upload in self.found])
        return float(there[wanted].mean())


def main(arguments: Sequence[str] | None = None) -> int:
    """Make, learn, find, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="three devices instead of twelve")
    parser.add_argument("--tune", action="store_true", help="the seeds by which it was made")
    parser.add_argument("--show", action="store_true", help="tell each miss and false alarm")
    chosen = parser.parse_args(arguments)
    seeds = list(_TUNE if chosen.tune else _TEST)[: 3 if chosen.quick else None]
    count = Count()
    with tempfile.TemporaryDirectory() as folder:
        for seed in seeds:
            _one_day(seed, Path(folder), count)
        padded = [_padded(seed, Path(folder)) for seed in seeds[:3]]
    if chosen.show:
        _show(count)
    rows = [*_rows(count), *_start_rows(count), _padded_row(padded)]
    split = "tune" if chosen.tune else "test"
    facts = {
        "devices": f"{len(seeds)} ({split} seeds), learnt {_NIGHT_H:g} h each, "
        f"{count.hours:g} h with {len(count.truths)} uploads",
        "padded": padded[0],
    }
    return finish("wire_idle", rows, facts)


def _profile(habits: Habits, hours: float, seed: int, folder: Path) -> Profile:
    path = folder / "idle.pcapng"
    Idle(habits, hours, 10 * seed).write(path)
    return learn(IdleReader([DEVICE]).read([path]), "made", str(seed), _ON, Wishes(streams=True))


def _one_day(seed: int, folder: Path, count: Count) -> None:
    habits = Habits.drawn(seed)
    profile = _profile(habits, _NIGHT_H, seed, folder)
    path = folder / "day.pcapng"
    truths = Idle(habits, _DAY_H, 10 * seed + 1).write(path, _speeches(seed))
    uploads = list(read_wire(path, DEVICE, declared=Declared(profile=profile)).uploads)
    for truth in truths:
        near = [each for each in uploads if _touch(truth, each)]
        count.truths.append(truth)
        count.found.append(
            min(near, key=lambda each: abs(each.start_s - truth.start_s), default=None)
        )
    count.false += [u for u in uploads if not any(_touch(truth, u) for truth in truths)]
    count.hours += _DAY_H
    assert profile.proof is not None
    count.promised.append(profile.proof.surely)
    count.slowed += _slowed(habits, profile, seed, folder)


def _slowed(habits: Habits, profile: Profile, seed: int, folder: Path) -> list[bool]:
    """Which of some uploads were found that took ten times as long as their speech."""
    path = folder / "slowed.pcapng"
    speeches = [
        Speech(300.0 * number + 60, 2.0 + number % 4, OPUS_16, (VOICE, METRICS)[number % 2],
               slowed=_SLOWED)
        for number in range(int(_SLOWED_H * 12))
    ]  # fmt: skip
    truths = Idle(habits, _SLOWED_H, 10 * seed + 2).write(path, speeches)
    uploads = read_wire(path, DEVICE, declared=Declared(profile=profile)).uploads
    return [any(_touch(truth, upload) for upload in uploads) for truth in truths]


def _touch(truth: Truth, upload: Upload) -> bool:
    return (
        upload.destination.startswith(truth.speech.host)
        and upload.start_s < truth.end_s + _NEAR_S
        and upload.end_s > truth.start_s - _NEAR_S
    )


def _speeches(seed: int) -> list[Speech]:
    dice = np.random.default_rng([seed, 79])
    found = []
    for number in range(int(_DAY_H * 3600 / _EVERY_S) - 1):
        host = str(dice.choice([VOICE, METRICS, STRANGER], p=[0.8, 0.1, 0.1]))
        found.append(Speech(
            _EVERY_S * (number + 0.2 + 0.6 * float(dice.random())),
            float(dice.uniform(0.5, 10)) if dice.random() < 0.5 else float(dice.uniform(0.5, 2)),
            float(dice.choice([OPUS_16, OPUS_32, PCM])),
            host,
            at_once=host == VOICE and dice.random() < 0.15,
        ))  # fmt: skip
    return found


def _rows(count: Count) -> list[Row]:
    seconds = np.array([truth.speech.seconds for truth in count.truths])
    once = np.array([truth.speech.at_once for truth in count.truths])
    host = np.array([truth.speech.host for truth in count.truths])
    long = seconds >= 1.0
    share = count.share(long & ~once)
    false = len(count.false) / count.hours * 24
    goal = "at least 99 %"
    return [
        Row(f"uploads >= 1 s, streamed, found ({int((long & ~once).sum())})", 100 * share, "%",
            goal, share >= 0.99),
        Row("of these to the maker's host", 100 * count.share(long & ~once & (host == VOICE)),
            "%", "", None),
        Row("of these to the host of telemetry",
            100 * count.share(long & ~once & (host == METRICS)), "%", "", None),
        Row("of these to a stranger", 100 * count.share(long & ~once & (host == STRANGER)), "%",
            "", None),
        Row("uploads >= 1 s, at once, to the maker's host", 100 * count.share(long & once), "%",
            "", None),
        Row(f"shaped: 2 to 5 s of speech in 20 to 50 s, found ({len(count.slowed)})",
            100 * float(np.mean(count.slowed)), "%", "", None),
        Row("uploads of 0.5 to 1 s, found", 100 * count.share(~long), "%", "", None),
        Row("profiles that promise 1 s, streamed, wherever it goes",
            100 * float(np.mean(np.array(count.promised) >= 0.99)), "%", "", None),
        Row(f"false alarms in 24 h ({len(count.false)} in {count.hours:g} h)", false, "",
            "at most 1", false <= 1),
        Row("false alarms, 95 % bound", most_often(len(count.false), count.hours / 24), "",
            "at most 1", most_often(len(count.false), count.hours / 24) <= 1),
    ]  # fmt: skip


def _start_rows(count: Count) -> list[Row]:
    late = np.array([
        abs(upload.start_s - truth.start_s)
        for truth, upload in zip(count.truths, count.found, strict=True)
        if upload is not None and truth.speech.seconds >= 1.0
    ])  # fmt: skip
    near = float((late <= _START_S).mean())
    return [
        Row("start against truth, median", 1000 * float(np.median(late)), "ms", "within 50 ms",
            float(np.median(late)) <= _START_S),
        Row("start against truth, 95 %", 1000 * float(np.quantile(late, 0.95)), "ms",
            "within 50 ms", float(np.quantile(late, 0.95)) <= _START_S),
        Row("starts within 50 ms", 100 * near, "%", "", None),
        Row("start against truth, worst", 1000 * float(late.max()), "ms", "", None),
    ]  # fmt: skip


def _padded(seed: int, folder: Path) -> str:
    """What the profile of a device says that pads its traffic to a constant rate."""
    proof = _profile(Habits.drawn(seed, padded=True), 1.0, seed, folder).proof
    assert proof is not None
    return proof.unobservable


def _padded_row(told: Sequence[str]) -> Row:
    shown = sum("take its place" in each for each in told)
    return Row("padded to a constant rate: not observable", 100 * shown / len(told), "%", "100 %",
               shown == len(told))  # fmt: skip


def _show(count: Count) -> None:
    for truth, upload in zip(count.truths, count.found, strict=True):
        if upload is None:
            print("missed", round(truth.start_s - START_S, 1), truth.speech)
        elif abs(upload.start_s - truth.start_s) > _START_S:
            print(f"start {upload.start_s - truth.start_s:+.3f}", truth.speech, upload.why)
    for upload in count.false:
        print("false", round(upload.start_s - START_S, 1), upload.why)


if __name__ == "__main__":
    raise SystemExit(main())
