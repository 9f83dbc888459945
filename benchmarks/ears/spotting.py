"""Prompts on file: how many are found, how exactly when, and how fast; and by others.

Twenty prompts are on file for each recording: the ten that are said in it, and the same wordings
with other names (or other prompts) of the same voices. All are on file as they sound in that room.
"""

import time
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import scipy.signal

from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.mix import Heard
from audio_corpus.prompts.rooms import direct, responses
from audio_corpus.prompts.texts import Line, prompts
from benchmarks.ears.rivals import RIVALS, peaks
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import RATE_HZ, Take
from benchmarks.table import Row
from harness.bench.ports.sound import Samples
from harness.ears.band import band
from harness.ears.spotter import spot, template

_ON_FILE = 20
_NEAR_S = 0.1
_ONSET_GOAL_MS, _TIMING_GOAL_MS, _TIMES_GOAL = 3.0, 0.15, 12.0
_REFERENCE = "normalised correlation, overlap-save on scipy.fft"


@dataclass(frozen=True, slots=True)
class _Hit:
    """A prompt that was taken to be somewhere. `right`: it was; `off_s`: from its true place."""

    score: float
    right: bool
    off_s: float


class Spotting(Room):
    """The spotter on the raw recording at 48 kHz, with its own limits; the others at the threshold
    that lets no false alarm through, which is the best that they can do on these very recordings.
    """

    groups = ("found 5", "found -5")

    def __init__(self, quick: bool) -> None:
        super().__init__(quick)
        self._store = Store.default()
        self._took_s: dict[str, float] = defaultdict(float)
        self._sound_s: dict[str, float] = defaultdict(float)
        self._hits: dict[tuple[str, str], list[_Hit]] = defaultdict(list)
        self._said: dict[str, int] = defaultdict(int)
        self.facts["aligner, fingerprints"] = "written here; audalign, audfprint not installed"

    def see(self, group: str, take: Take) -> None:
        """Spot with ours in every recording, with the others in a few (they are slow)."""
        on_file = self._on_file(take)
        self._said[group] += len(take.prompts)
        self._ours(group, take, on_file)
        few = 1 if self.quick else 4
        if group == "found 5" and self._sound_s[f"{_REFERENCE} {group}"] < few * take.seconds - 1:
            self._said["rivals"] += len(take.prompts)
            for name in RIVALS:
                self._rival(name, group, take, on_file)

    def _on_file(self, take: Take) -> dict[str, Samples]:
        """The clips of twenty prompts as they are at the listener, by what is said."""
        said = [one.said.line for one in take.prompts if one.said.line is not None]
        others = [line for line in prompts(take.recording.split) if self._store.has(line)]
        alike = [line for mine in said for line in others if _nearly(mine, line)]
        lines = list(dict.fromkeys((*said, *alike, *others)))[:_ON_FILE]
        path = responses(take.recording.layout, RATE_HZ)[-1, 0]
        late = direct(path)
        return {
            str(line): _in_room(self._store.speech(line, RATE_HZ), path[late:]) for line in lines
        }

    def _ours(self, group: str, take: Take, on_file: dict[str, Samples]) -> None:
        templates = [template(key, sound, RATE_HZ) for key, sound in on_file.items()]
        started_s = time.process_time()
        found = spot(band(take.raw, RATE_HZ), templates)
        self._took_s[group] += time.process_time() - started_s
        self._sound_s[group] += take.seconds
        self._hits["ours", group] += [_hit(take, s.key, s.start_s, s.score) for s in found]

    def _rival(self, name: str, group: str, take: Take, on_file: dict[str, Samples]) -> None:
        scores = RIVALS[name](take.raw, list(on_file.values()), RATE_HZ)
        for key in on_file:
            started_s = time.process_time()
            of_key, hop = next(scores)
            self._took_s[f"{name} {group}"] += time.process_time() - started_s
            best = peaks(of_key, hop, RATE_HZ)
            self._hits[name, group] += [_hit(take, key, at / RATE_HZ, s) for at, s in best]
        self._sound_s[f"{name} {group}"] += take.seconds

    def rows(self) -> list[Row]:
        """Recall, false alarms, timing, speed; the others' beside them."""
        rows: list[Row] = []
        for group in self.groups:
            if self._said[group]:
                rows += self._of_ours(group)
        if self._said["rivals"]:
            rows += self._of_rivals("found 5")
        return rows

    def _of_ours(self, group: str) -> list[Row]:
        hits, where = self._hits["ours", group], f"{group.split()[1]} dB"
        right = [hit for hit in hits if hit.right]
        speed = self._sound_s[group] / self._took_s[group]
        rows = [
            plain(f"prompts on file spotted, {where}", 100 * len(right) / self._said[group], "%"),
            plain(f"spotted where there was none, {where}", len(hits) - len(right), ""),
            plain(f"spotting 20 prompts, {where}, x real time", speed, ""),
        ]
        if group == "found 5" and right:
            off_ms = 1000 * np.abs([hit.off_s for hit in right])
            rows += [
                at_most("onset with prompt on file: median error", float(np.median(off_ms)), "ms",
                        _ONSET_GOAL_MS),
                at_most("the same: 95 % within", float(np.quantile(off_ms, 0.95)), "ms",
                        _TIMING_GOAL_MS),
            ]  # fmt: skip
        return rows

    def _of_rivals(self, group: str) -> list[Row]:
        rows = []
        speeds = {name: self._sound_s[f"{name} {group}"] / self._took_s[f"{name} {group}"]
                  for name in RIVALS}  # fmt: skip
        for name in RIVALS:
            hits = self._hits[name, group]
            wrong = max((hit.score for hit in hits if not hit.right), default=0.0)
            right = sum(hit.right and hit.score > wrong for hit in hits)
            recall = 100 * right / self._said["rivals"]
            rows.append(plain(f"{name}: recall at no false alarm, 5 dB", recall, "%"))
            rows.append(plain(f"{name}: x real time", speeds[name], ""))
        ours = self._sound_s[group] / self._took_s[group]
        rows.append(at_least("spotting, times as fast as overlap-save", ours / speeds[_REFERENCE],
                             "", _TIMES_GOAL))  # fmt: skip
        return rows


def _nearly(mine: Line, line: Line) -> bool:
    return line.voice == mine.voice and line.wording == mine.wording and line != mine


def _in_room(clip: Samples, path: Samples) -> Samples:
    wet: Samples = scipy.signal.oaconvolve(clip, path)[: len(clip)].astype(np.float32)
    return wet


def _hit(take: Take, key: str, start_s: float, score: float) -> _Hit:
    """What was spotted, held against when the device truly said that."""
    at_s = [_begins_s(one) for one in take.prompts if str(one.said.line) == key]
    off_s = min((start_s - at for at in at_s), key=abs, default=float("inf"))
    return _Hit(score, abs(off_s) <= _NEAR_S, off_s)


def _begins_s(one: Heard) -> float:
    return one.begins / RATE_HZ
