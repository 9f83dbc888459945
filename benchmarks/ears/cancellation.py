"""How much of what was played is taken out, by the truth."""

from collections import defaultdict

import numpy as np

from benchmarks.ears.room import Room, at_least, plain
from benchmarks.ears.takes import Take
from benchmarks.ears_rooms import Truth, cancellations_db, speech_loss_db
from benchmarks.table import Row
from harness.ears.cancel.stretches import STRETCH

_GOALS_DB = {"found 5": 25.0, "drift 5": 20.0}
_NAMES = {
    "found 5": "two talkers, T60 0.5 s",
    "drift 5": "the same, 100 ppm drift, 1 % distortion",
    "spread": "anything",
}


class Cancellation(Room):
    """True cancellation in stretches of a second, while a device speaks now and then."""

    groups = ("found 5", "drift 5", "spread")

    def __init__(self, quick: bool) -> None:
        super().__init__(quick)
        self._db: dict[str, list[float]] = defaultdict(list)
        self._loss_db: list[float] = []

    def see(self, group: str, take: Take) -> None:
        """Every stretch but the first five, in which paths are learnt."""
        truth = Truth(take.raw, {}, take.stimulus, take.device, take.noise)
        self._db[group] += cancellations_db(truth, take.residual, STRETCH)[5:]
        if group != "spread":  # what was cut off cannot be told apart from what was cancelled
            self._loss_db.append(speech_loss_db(truth, take.residual))

    def rows(self) -> list[Row]:
        """Median, and worst tenth, of each group."""
        rows = []
        for group, name in _NAMES.items():
            found_db = self._db[group]
            if not found_db:
                continue
            median_db, figure = float(np.median(found_db)), f"cancellation, {name}: median"
            goal_db = _GOALS_DB.get(group)
            rows.append(
                plain(figure, median_db, "dB")
                if goal_db is None
                else at_least(figure, median_db, "dB", goal_db)
            )
            tenth_db = float(np.quantile(found_db, 0.1))
            rows.append(plain(f"cancellation, {name}: worst tenth", tenth_db, "dB"))
        if self._loss_db:
            rows.append(plain("device speech lost to it, at most", max(self._loss_db), "dB"))
        return rows
