"""What the plays sent, counted: bytes and bursts to each destination in windows after the stimulus.

Windows begin at every delay and have every width from 2 s up, by doubling: a leak that comes at one
delay fills a narrow one, a leak that comes when it likes, or in small pieces, a wide one. With a
stimulus that is said once, the mean in the narrow windows is its cross-correlation with the
traffic over the lag.

Each play is counted twice where there is a shifted arm: by the time at which the stimulus comes in
the said arm, and by the one at which it comes in the shifted arm. So plays are compared at the same
time of the play, and what always comes at that time (a sync after power-on) falls out.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from harness.model.cause import EVERYWHERE, Arm, Measure, Place, Stage

Floats = NDArray[np.float64]

NARROWEST_S = 2.0
GAP_S = 1.0
"""A silence this long to a destination ends a burst."""


@dataclass(frozen=True, slots=True)
class Sends:
    """Packets to one destination, in order of time: `at_s` in the play, `payload` in bytes."""

    at_s: Floats
    payload: Floats

    @property
    def bursts_s(self) -> Floats:
        """When its bursts begin (s)."""
        if not len(self.at_s):
            return self.at_s
        begins: Floats = self.at_s[np.append(True, np.diff(self.at_s) > GAP_S)]
        return begins


@dataclass(frozen=True, slots=True)
class PlayTraffic:
    """What the device sent in one play, by destination."""

    arm: Arm
    sent: Mapping[str, Sends]


@dataclass(frozen=True, slots=True)
class Table:
    """Everything counted: `values[alignment, play, place]`.

    Alignment 0 counts from the stimulus of the said arm, 1 from that of the shifted arm, where
    there is one. `arms`: of each play.
    """

    stage: Stage
    arms: tuple[Arm, ...]
    places: tuple[Place, ...]
    values: Floats

    @property
    def stimulated(self) -> tuple[Arm, ...]:
        """The arms in which something is said, in the order of the alignments."""
        return (Arm.SAID, Arm.SHIFTED)[: len(self.values)]


def spans(reach_s: float) -> tuple[tuple[float, float], ...]:
    """Beginning and end (s) of every window up to `reach_s` after the stimulus."""
    found: list[tuple[float, float]] = []
    width_s = NARROWEST_S
    while width_s < reach_s:
        starts = np.arange(0.0, reach_s - width_s / 2, width_s / 2)
        found += [(float(at_s), float(min(at_s + width_s, reach_s))) for at_s in starts]
        width_s *= 2
    return (*found, (0.0, reach_s))


def table(stage: Stage, plays: Sequence[PlayTraffic]) -> Table:
    """Count what `plays` sent. Places at which all sent the same are left out."""
    names = sorted({name for play in plays for name in play.sent})
    windows = np.array(spans(stage.reach_s))
    shifted = any(play.arm is Arm.SHIFTED for play in plays)
    onsets = [stage.onset_s, stage.onset_s + stage.shift_s][: 1 + shifted]
    blocks, places = [], list[Place]()
    for name, measure, counted in _counted(names, plays):
        block = np.stack([np.stack([_inside(c, o + windows) for c in counted]) for o in onsets])
        differs = (block != block[:, :1]).any(axis=(0, 1))
        blocks.append(block[:, :, differs])
        places += [Place(name, measure, float(a), float(b)) for a, b in windows[differs]]
    empty = np.zeros((len(onsets), len(plays), 0))
    values = np.concatenate([empty, *blocks], axis=2)
    return Table(stage, tuple(play.arm for play in plays), tuple(places), values)


Counted = tuple[Floats, Floats]


def _counted(
    names: Sequence[str], plays: Sequence[PlayTraffic]
) -> Iterator[tuple[str, Measure, list[Counted]]]:
    """For each destination and measure, when and how much every play adds to it."""
    none = Sends(np.zeros(0), np.zeros(0))
    by_name = [(name, [play.sent.get(name, none) for play in plays]) for name in names]
    for name, sends in by_name:
        yield name, Measure.BYTES, [(s.at_s, s.payload) for s in sends]
        yield name, Measure.BURSTS, [_ones(s.bursts_s) for s in sends]
    if len(names) > 1:
        every = [[sends[n] for _, sends in by_name] for n in range(len(plays))]
        yield EVERYWHERE, Measure.BYTES, [_merged([(s.at_s, s.payload) for s in e]) for e in every]
        yield EVERYWHERE, Measure.BURSTS, [_merged([_ones(s.bursts_s) for s in e]) for e in every]


def _ones(at_s: Floats) -> Counted:
    return at_s, np.ones(len(at_s))


def _merged(parts: Sequence[Counted]) -> Counted:
    at_s, amount = (np.concatenate([part[n] for part in parts]) for n in (0, 1))
    order = np.argsort(at_s, kind="stable")
    return at_s[order], amount[order]


def _inside(counted: Counted, windows: Floats) -> Floats:
    """How much lies in each window (beginning, end), the end excluded."""
    at_s, amount = counted
    total = np.append(0.0, np.cumsum(amount))
    edges = np.searchsorted(at_s, windows, side="left")
    inside: Floats = total[edges[:, 1]] - total[edges[:, 0]]
    return inside
