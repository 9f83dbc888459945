"""Measures how fast and how steady the figures of audibility are.

python -m benchmarks.audibility [--quick]

Clips of the corpus are the device's prompts, said from the device's place in the room of
`rigs/virtual.yaml` under two talkers and the television, all as they arrive at the listener, at
48 kHz. Times are CPU seconds. Where pystoi can be imported, ESTOI is held against it.
"""

import argparse
import importlib.util
import os
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.signal import oaconvolve

from benchmarks.table import Row, finish
from harness.bench.ports.sound import Samples
from harness.bench.rigfile import load_rig
from harness.bench.room_paths import Paths, room_paths
from harness.ears.audibility import Audibility, measure, modulation_transfer
from harness.ears.audibility.estoi import estoi
from harness.scene.clips import read_clip

_PROJECT = Path(__file__).parents[1]
_RATE_HZ = 48_000
_OVER_DB = (-5.0, 0.0, 5.0, 10.0, 20.0)
_FULL_SCALE_DB_SPL = 110.0
_AROUND = _RATE_HZ // 2
_MARGIN, _WRONG = round(0.3 * _RATE_HZ), round(0.05 * _RATE_HZ)
_LEVEL_GOAL_DB, _ESTOI_GOAL, _SHARE_GOAL = 1.0, 0.03, 0.95
# A device that speaks for a fifth of the time then costs 1/500 of it.
_SPEED_GOAL = 100.0
_TIMES_GOAL, _SAME_GOAL = 5.0, 1e-6


@dataclass(frozen=True)
class Prompt:
    """What the device said and everything else, half a second longer at both ends."""

    device: Samples
    others: Samples

    def cut(self, early: int, late: int) -> tuple[Samples, Samples]:
        """The prompt with so many samples more in front and behind; both may be negative."""
        span = slice(_AROUND - early, len(self.device) - _AROUND + late)
        return self.device[span], self.others[span]


def main(arguments: Sequence[str] | None = None) -> int:
    """Mix, measure, print; see the module's docstring."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="every fifth clip")
    chosen = parser.parse_args(arguments)
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    paths = room_paths(load_rig(_PROJECT / "rigs" / "virtual.yaml"), _RATE_HZ)
    air = modulation_transfer(paths["device", "listener"], _RATE_HZ)

    def told(cut: tuple[Samples, Samples]) -> Audibility:
        return measure(*cut, _RATE_HZ, modulation=air, full_scale_db_spl=_FULL_SCALE_DB_SPL)

    prompts = list(_prompts(paths, 5 if chosen.quick else 1))
    facts = {"prompts": f"{len(prompts)} of {sum(map(_seconds, prompts)):.0f} s in all"}
    rows = [*_steady(prompts, told), *_speed(prompts, told), *_against_pystoi(prompts)]
    return finish("audibility", rows, facts)


def _prompts(paths: Paths, step: int) -> Iterator[Prompt]:
    """Every clip under every level of other sound, two other clips and the television."""
    clips = sorted((_PROJECT / "audio_corpus" / "clips").glob("kokoro-*.flac"))
    television = read_clip(_PROJECT / "audio_corpus" / "clips" / "television.flac", _RATE_HZ)
    for number in range(0, len(clips), step):
        said, one, other = (read_clip(clips[n % len(clips)], _RATE_HZ) for n in
                            (number, number + 7, number + 19))  # fmt: skip
        dry = np.pad(said, _AROUND)
        device = _at_listener(dry, paths, "device")
        others = sum(
            (
                _at_listener(np.resize(sound, dry.shape), paths, place)
                for sound, place in ((one, "table"), (other, "counter"), (television, "television"))
            ),
            start=np.zeros_like(device),
        )
        ratio = np.sum(np.square(device)) / np.sum(np.square(others[_AROUND:-_AROUND]))
        for over_db in _OVER_DB:
            gain = np.sqrt(ratio * 10 ** (-over_db / 10))
            yield Prompt(device, np.asarray(others * gain, dtype=np.float32))


def _at_listener(dry: Samples, paths: Paths, place: str) -> Samples:
    wet: Samples = oaconvolve(dry, paths[place, "listener"])[: len(dry)].astype(np.float32)
    return wet


def _seconds(prompt: Prompt) -> float:
    return len(prompt.device) / _RATE_HZ


def _steady(
    prompts: list[Prompt], told: Callable[[tuple[Samples, Samples]], Audibility]
) -> list[Row]:
    """How far off figures are where onset and end of a prompt were found up to 50 ms wrong."""
    drawn = np.random.default_rng(1)
    level_off, estoi_off = [], []
    for prompt in prompts:
        exact = told(prompt.cut(_AROUND, _AROUND))
        found = told(prompt.cut(*(_MARGIN + drawn.integers(-_WRONG, _WRONG + 1, 2))))
        level_off.append(abs(_number(found.over_others_db) - _number(exact.over_others_db)))
        if exact.estoi is not None and found.estoi is not None:
            estoi_off.append(abs(found.estoi - exact.estoi))
    level_db, likeness = np.quantile(level_off, _SHARE_GOAL), np.quantile(estoi_off, _SHARE_GOAL)
    return [
        Row("level difference, 95 % of prompts off by at most", float(level_db), "dB",
            f"at most {_LEVEL_GOAL_DB:g}", bool(level_db <= _LEVEL_GOAL_DB)),
        Row("ESTOI, 95 % of prompts off by at most", float(likeness), "",
            f"at most {_ESTOI_GOAL:g}", bool(likeness <= _ESTOI_GOAL)),
        Row("prompts long enough for ESTOI", 100 * len(estoi_off) / len(prompts), "%", "", None),
    ]  # fmt: skip


def _number(value: float | None) -> float:
    assert value is not None
    return value


def _speed(
    prompts: list[Prompt], told: Callable[[tuple[Samples, Samples]], Audibility]
) -> list[Row]:
    """How much sound a second of computing measures, and what a minute of it takes of memory."""
    cuts = [prompt.cut(_MARGIN, _MARGIN) for prompt in prompts]
    sound_s = sum(len(device) for device, _ in cuts) / _RATE_HZ
    speed = sound_s / _cpu_s(lambda: [told(cut) for cut in cuts])
    minute = tuple(np.resize(each, 60 * _RATE_HZ) for each in cuts[0])
    tracemalloc.start()
    told((minute[0], minute[1]))
    peak_mb = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return [
        Row("prompts measured, x real time on one core", speed, "", f"at least {_SPEED_GOAL:g}",
            speed >= _SPEED_GOAL),
        Row("memory for a prompt of a minute", peak_mb, "MB", "", None),
    ]  # fmt: skip


def _against_pystoi(prompts: list[Prompt]) -> list[Row]:
    """The same value, how many times as fast; nothing where pystoi is not there."""
    if importlib.util.find_spec("pystoi") is None:
        print("pystoi cannot be imported: ESTOI is not held against it")
        return []
    from pystoi import stoi

    cuts = [prompt.cut(_MARGIN, _MARGIN) for prompt in prompts[::10]]
    cuts = [cut for cut in cuts if estoi(cut[0], cut[0] + cut[1], _RATE_HZ) is not None]
    mixed = [(device, device + others) for device, others in cuts]
    exact = [[each.astype(np.float64) for each in cut] for cut in mixed]
    ours_s = _cpu_s(lambda: [estoi(*cut, _RATE_HZ) for cut in mixed])
    theirs_s = _cpu_s(lambda: [stoi(*cut, _RATE_HZ, extended=True) for cut in exact])
    off = max(
        abs(_number(estoi(*cut, _RATE_HZ)) - float(stoi(*whole, _RATE_HZ, extended=True)))
        for cut, whole in zip(mixed, exact, strict=True)
    )
    return [
        Row("ESTOI, times as fast as pystoi", theirs_s / ours_s, "", f"at least {_TIMES_GOAL:g}",
            theirs_s >= _TIMES_GOAL * ours_s),
        Row("ESTOI, most it differs from pystoi", off, "", f"at most {_SAME_GOAL:g}",
            off <= _SAME_GOAL),
    ]  # fmt: skip


def _cpu_s(work: Callable[[], object]) -> float:
    """CPU seconds of the faster of two runs."""
    took = []
    for _ in range(2):
        before_s = time.process_time()
        work()
        took.append(time.process_time() - before_s)
    return min(took)


if __name__ == "__main__":
    sys.exit(main())
