"""Device speech in any wording: how much is found, how exactly when, and false alarms."""

import time
from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np

from audio_corpus.prompts.mix import Heard
from benchmarks.ears.room import Room, at_least, at_most, plain
from benchmarks.ears.takes import RATE_HZ, Take
from benchmarks.table import Row
from harness.ears.cancel import RATE_HZ as LOW_HZ
from harness.ears.cancel import Cancelled
from harness.ears.speech import Speech, find

_GOALS = {"found -5": 90.0, "found 0": 97.0, "found 5": 99.0}
_FALSE_GOAL, _ONSET_GOAL_MS = 0.1, 15.0
_CURVE = (0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95)
_CURVED = ("without", "found 5", "found 0", "found -5")
_HALF = 0.5
_TOLD = 8


@dataclass(frozen=True, slots=True)
class _Prompt:
    """A prompt as it was found: how sure, how late, and whether anything of it is doubted."""

    sure: float
    late_s: float
    doubted: bool


@dataclass
class _Seen:
    """What was found in the recordings of a group. `false`: how sure, and whether doubted."""

    prompts: list[_Prompt] = field(default_factory=list)
    missed: list[str] = field(default_factory=list)
    false: list[tuple[float, bool]] = field(default_factory=list)
    hours: float = 0.0

    def add(self, take: Take, found: tuple[Speech, ...]) -> None:
        self.hours += take.seconds / 3600
        for one in take.prompts:
            self.prompts.append(found_in(take, one, found))
            if not self.prompts[-1].sure:
                self.missed.append(str(one.said.line))
        self.false += [(s.sure, bool(s.doubts)) for s in found if not is_device(take, s)]

    def recall(self) -> float:
        """How many percent of the prompts are found."""
        found = sum(one.sure > 0.0 for one in self.prompts)
        return 100 * found / len(self.prompts) if self.prompts else float("nan")

    def false_an_hour(self) -> float:
        """False alarms that nothing doubts."""
        return sum(not doubted for _, doubted in self.false) / self.hours


class Finding(Room):
    """The finder, on what subtraction left. A prompt is found where speech covers half of it; what
    covers nothing that the device said or sounded is a false alarm.
    """

    def __init__(self, quick: bool) -> None:
        super().__init__(quick)
        hours = "without 0.5" if quick else "without 10"
        self.groups = ("found -5", "found 0", "found 5", "found 10", "found 20", "spread", hours)
        self._seen: dict[str, _Seen] = defaultdict(_Seen)
        self._by_least: dict[float, dict[str, _Seen]] = {c: defaultdict(_Seen) for c in _CURVE}
        self._took_s = 0.0

    def see(self, group: str, take: Take) -> None:
        """Find as the product does, and once more for each mark of the curve: what counts as speech
        is no clatter, so one search cannot tell what another would have found.
        """
        left = Cancelled(0, take.residual, take.taken, take.stretches)
        kind = group.split()[0] if group.startswith("without") else group
        started_s = time.process_time()
        found = find(left).speech
        self._took_s += time.process_time() - started_s
        self._seen[kind].add(take, found)
        for least in _CURVE if kind in _CURVED else ():
            self._by_least[least][kind].add(take, find(left, least_sure=least).speech)

    def rows(self) -> list[Row]:
        """Recall of each group, false alarms, onsets, speed; the curve is a fact."""
        rows = [row for group in self._seen for row in self._recalled(group)]
        silent = self._seen["without"]
        if hours := silent.hours:
            doubted = sum(unsure for _, unsure in silent.false) / hours
            rows += [
                at_most(
                    "false alarms an hour, device silent", silent.false_an_hour(), "", _FALSE_GOAL
                ),
                plain("doubted speech an hour, device silent", doubted, ""),
                plain("hours without any", hours, "h"),
            ]
            self.facts["recall in % at 5 / 0 / -5 dB by false alarms an hour"] = self._curve()
        rows += self._onsets()
        self.facts["missed at 5 dB, some"] = "; ".join(self._seen["found 5"].missed[:_TOLD])
        whole_s = 3600 * sum(seen.hours for seen in self._seen.values())
        rows.append(plain("finding, x real time", whole_s / max(self._took_s, 1e-9), ""))
        return rows

    def _recalled(self, group: str) -> list[Row]:
        seen = self._seen[group]
        if not seen.prompts:
            return []
        where = "anything" if group == "spread" else f"{group.split()[1]} dB"
        doubted = 100 * sum(one.doubted for one in seen.prompts) / len(seen.prompts)
        figure = f"device speech found, {where} ({len(seen.prompts)} prompts)"
        goal, recall = _GOALS.get(group), seen.recall()
        return [
            plain(figure, recall, "%") if goal is None else at_least(figure, recall, "%", goal),
            plain(f"found but doubted, {where}", doubted, "%"),
            plain(f"false alarms an hour beside them, {where}", seen.false_an_hour(), ""),
        ]

    def _onsets(self) -> list[Row]:
        late_ms = [1000 * one.late_s for one in self._seen["found 5"].prompts if one.sure]
        if not late_ms:
            return []
        off_ms = np.abs(late_ms)
        figure = "onset without prompt on file, 5 dB: median error"
        return [
            at_most(figure, float(np.median(off_ms)), "ms", _ONSET_GOAL_MS),
            plain("the same: 95 % within", float(np.quantile(off_ms, 0.95)), "ms"),
            plain("the same: median late", float(np.median(late_ms)), "ms"),
        ]

    def _curve(self) -> str:
        points = []
        for least, seen in self._by_least.items():
            false = seen["without"].false_an_hour()
            recalls = [f"{seen[group].recall():.1f}" for group in _CURVED[1:]]
            points.append(f"{least:g}: {false:.2f}, {' / '.join(recalls)}")
        return "; ".join(points)


def found_in(take: Take, one: Heard, found: tuple[Speech, ...]) -> _Prompt:
    """The speech that covers half of a prompt or more; sure 0 where there is none."""
    span = take.span(one)
    for speech in sorted(found, key=lambda speech: -speech.sure):
        shared = min(speech.end, span.stop) - max(speech.start, span.start)
        if shared >= _HALF * (span.stop - span.start):
            late_s = speech.start / LOW_HZ - one.onset / RATE_HZ
            return _Prompt(speech.sure, late_s, bool(speech.doubts))
    return _Prompt(0.0, float("nan"), False)


def is_device(take: Take, speech: Speech) -> bool:
    """Whether the device said or sounded anything meanwhile, or it still rings on."""
    spans = [take.span(one, 0.1, 0.5) for one in take.heard]
    return any(span.start < speech.end and speech.start < span.stop for span in spans)
