"""How near a play's audibility of a prompt comes to that by the truth."""

import importlib.util
import time
from collections import defaultdict

import numpy as np

from audio_corpus.prompts.clips import Store
from audio_corpus.prompts.mix import Heard
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import RATE_HZ, Take
from benchmarks.table import Row
from harness.bench.ports.sound import Samples
from harness.ears.apart import Apart
from harness.ears.audibility import Audibility, measure
from harness.ears.audibility.estoi import estoi
from harness.ears.cancel import RATE_HZ as LOW_HZ
from harness.ears.hearing import Asked, hear
from harness.ears.hearing import Hearing as Told

_AROUND = 3 * LOW_HZ // 10
_SHARE = 0.95
_LEVEL_DB, _ESTOI, _TIMES = 1.0, 0.03, 5.0
_PYSTOI = importlib.util.find_spec("pystoi") is not None


class Hearing(Room):
    """Level difference and ESTOI of each prompt, as a play measures them of a prompt on file that
    was found where it is, against what they truly were.
    """

    groups = ("found -5", "found 0", "found 5", "found 10", "found 20", "spread")

    def __init__(self, quick: bool, store: Store | None = None) -> None:
        super().__init__(quick)
        self._store = store or Store.default()
        self._level_off: dict[str, list[float]] = defaultdict(list)
        self._estoi_off: dict[str, list[float]] = defaultdict(list)
        self._asked: dict[str, int] = defaultdict(int)
        self._worst: list[tuple[float, float, str]] = []
        self._took_s = self._sound_s = self._ours_s = self._theirs_s = 0.0
        if not _PYSTOI:
            self.facts["pystoi"] = "not installed"

    def see(self, group: str, take: Take) -> None:
        """Measure every prompt twice."""
        piece = Apart(0, take.residual, take.taken, take.stretches, last=True)
        for one in take.prompts:
            assert one.said.line is not None
            prompt = self._store.speech(one.said.line, LOW_HZ)
            start = round(one.begins * LOW_HZ / RATE_HZ)
            span = slice(max(0, start - _AROUND), start + len(prompt) + _AROUND)
            started_s = time.process_time()
            told = hear(piece, Asked(prompt), start)
            self._took_s += time.process_time() - started_s
            self._sound_s += (len(prompt) + 2 * _AROUND) / LOW_HZ
            self._compare(group, one, told, _truth(take, span))
            if _PYSTOI and group == "found 5":
                others = take.stimulus[span] + take.noise[span]
                self._against_pystoi(take.device[span], take.device[span] + others)

    def _compare(self, group: str, one: Heard, told: Told, true: Audibility) -> None:
        self._asked[group] += 1
        if told.over_others_db is not None and true.over_others_db is not None:
            self._level_off[group].append(told.over_others_db - true.over_others_db)
        if told.estoi is not None and true.estoi is not None:
            off = told.estoi - true.estoi
            self._estoi_off[group].append(off)
            self._worst = sorted([*self._worst, (abs(off), off, f"{group}: {one.said.line}")])[-5:]

    def _against_pystoi(self, device: Samples, mixed: Samples) -> None:
        """The same figure by a package that a user would pick."""
        from pystoi import stoi

        if estoi(device, mixed, LOW_HZ) is None:
            return
        started_s = time.process_time()
        estoi(device, mixed, LOW_HZ)
        between_s = time.process_time()
        stoi(device.astype(np.float64), mixed.astype(np.float64), LOW_HZ, extended=True)
        self._ours_s += between_s - started_s
        self._theirs_s += time.process_time() - between_s

    def rows(self) -> list[Row]:
        """Off by at most so much in 95 % of prompts, of each group."""
        rows = []
        for group in self.groups:
            if not self._level_off[group]:
                continue
            where = "anything" if group == "spread" else f"{group.split()[1]} dB"
            level_db = float(np.quantile(np.abs(self._level_off[group]), _SHARE))
            likeness = float(np.quantile(np.abs(self._estoi_off[group]), _SHARE))
            measured = 100 * len(self._level_off[group]) / self._asked[group]
            rows += [
                plain(f"prompts measured, {where} (of {self._asked[group]})", measured, "%"),
                at_most(f"level difference off in 95 %, {where}", level_db, "dB", _LEVEL_DB),
                at_most(f"ESTOI off in 95 %, {where}", likeness, "", _ESTOI),
                plain(
                    f"level difference off, {where}: median", _median(self._level_off[group]), "dB"
                ),
                plain(f"ESTOI off, {where}: median", _median(self._estoi_off[group]), ""),
                plain(f"ESTOI too high by, {where}: at most", max(self._estoi_off[group]), ""),
            ]
        self.facts["ESTOI most off"] = "; ".join(
            f"{off:+.3f} {what}" for _, off, what in self._worst
        )
        if self._took_s:
            speed = self._sound_s / self._took_s
            rows.append(plain("audibility of prompts, 16 kHz, x real time", speed, ""))
        if self._ours_s:
            times = self._theirs_s / self._ours_s
            rows.append(at_least("ESTOI, times as fast as pystoi", times, "", _TIMES))
        return rows


def _truth(take: Take, span: slice) -> Audibility:
    return measure(take.device[span], take.stimulus[span] + take.noise[span], LOW_HZ)


def _median(values: list[float]) -> float:
    return float(np.median(values))
