"""What is new in the last night: each scene held against the night in which it was played before.

Scenes are drawn, so that the night before need not have played all of them. The firmware may differ
from night to night: that is the point.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from harness.report.nights.facts import Night, Play, State, state_of


@dataclass(frozen=True, slots=True)
class Change:
    """A scene that is not as it was. `before`, `before_night`: None where it was never played.

    `classes`: violations that were not found before. `by_luck`: of a scene that got well, how often
    luck alone does that to one that fails as often as ever; None elsewhere.
    """

    scene: str
    before: State | None
    now: State | None
    before_night: str | None
    classes: tuple[str, ...]
    plays: tuple[Play, ...]
    by_luck: float | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """All that is new. `against`: the name of the night before, None for the first.

    `failing`, `inconclusive`: newly so; `well`: no longer either. `gone`: not played, though they
    failed when they were played last. `classes`: scenes that fail as before, but otherwise.
    """

    against: str | None
    failing: tuple[Change, ...] = ()
    inconclusive: tuple[Change, ...] = ()
    well: tuple[Change, ...] = ()
    classes: tuple[Change, ...] = ()
    gone: tuple[Change, ...] = ()
    first_played: tuple[str, ...] = ()
    not_played: tuple[str, ...] = ()


def changes_of(nights: Sequence[Night]) -> Changes:
    """What is new in the last of some nights, oldest first; at least one."""
    last, earlier = nights[-1], nights[:-1]
    if not earlier:
        return Changes(None)
    before = _last_played(earlier)
    now = last.by_scene()
    told = [_change(scene, plays, before[scene]) for scene, plays in now.items() if scene in before]
    lost = [
        Change(scene, state_of(was[1]), None, was[0], (), was[1])
        for scene, was in _last_conclusive(earlier).items()
        if state_of(was[1]) is State.FAIL
        and not any(play.kind.conclusive for play in now.get(scene, ()))
    ]
    return Changes(
        earlier[-1].name,
        tuple(c for c in told if c.now is State.FAIL and c.before is not State.FAIL),
        tuple(c for c in told if c.now is State.INCONCLUSIVE and c.before is not c.now),
        tuple(c for c in told if _got_well(c)),
        tuple(c for c in told if c.now is c.before is State.FAIL and c.classes),
        tuple(sorted(lost, key=lambda change: change.scene)),
        tuple(sorted(now.keys() - before.keys())),
        tuple(sorted(before.keys() - now.keys())),
    )


_Played = tuple[str, tuple[Play, ...]]


def _last_played(nights: Sequence[Night]) -> dict[str, _Played]:
    """By scene, the last night that played it, and its plays there."""
    return {s: (n.name, plays) for n in nights for s, plays in n.by_scene().items()}


def _last_conclusive(nights: Sequence[Night]) -> dict[str, _Played]:
    return {
        scene: (night.name, plays)
        for night in nights
        for scene, plays in night.by_scene().items()
        if any(play.kind.conclusive for play in plays)
    }


def _change(scene: str, plays: tuple[Play, ...], before: _Played) -> Change:
    night, was = before
    new = {cls for play in plays for cls in play.classes}
    new -= {cls for play in was for cls in play.classes}
    change = Change(scene, state_of(was), state_of(plays), night, tuple(sorted(new)), plays)
    if not _got_well(change):
        return change
    luck = _by_luck(was, plays) if change.before is State.FAIL else None
    return Change(scene, change.before, change.now, night, change.classes, plays, luck)


def _got_well(change: Change) -> bool:
    well = (State.PASS, State.KNOWN)
    return change.now in well and change.before in (State.FAIL, State.INCONCLUSIVE)


def _by_luck(was: tuple[Play, ...], now: tuple[Play, ...]) -> float:
    """Chance that all failures fall into the night before, were both alike (Fisher, 1935)."""
    tried = [sum(play.kind.conclusive for play in plays) for plays in (was, now)]
    failed = sum(play.state is State.FAIL for play in was)
    return math.comb(tried[0], failed) / math.comb(sum(tried), failed)
