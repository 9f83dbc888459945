"""The three answers of the first page, from facts alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from harness.model.ruling import Verdict
from harness.report.nights.changes import Change, Changes, changes_of
from harness.report.nights.facts import Examination, Night, State, state_of
from harness.report.phrases import count, listing
from harness.report.series_words import percent, rate_words


class Ship(StrEnum):
    """Whether what was tested may go out, as far as this shows."""

    YES = "nothing against it"
    KNOWN = "only with what is known"
    NOT_PROVEN = "not proven"
    NO = "no"


class Rig(StrEnum):
    """Whether the rig can be trusted."""

    WELL = "well"
    NOT_EXAMINED = "not examined"
    UNWELL = "not well"


@dataclass(frozen=True, slots=True)
class Answers:
    """What one looks for over coffee: each answer in a word and in sentences."""

    ship: Ship
    ship_why: tuple[str, ...]
    changes: Changes
    new: tuple[str, ...]
    rig: Rig
    rig_why: tuple[str, ...]

    @property
    def exit_code(self) -> int:
        """0 where nothing speaks against it but what is known, 1 a failure, 2 not proven."""
        return {Ship.NO: 1, Ship.NOT_PROVEN: 2}.get(self.ship, 0)


def answer(nights: Sequence[Night]) -> Answers:
    """Of nights, oldest first, at least one: the answers for the last of them."""
    last, changes = nights[-1], changes_of(nights)
    rig, rig_why = _rig(nights)
    ship, ship_why = _ship(last, changes, rig)
    return Answers(ship, ship_why, changes, _new(changes), rig, rig_why)


def _ship(night: Night, changes: Changes, rig: Rig) -> tuple[Ship, tuple[str, ...]]:
    failed = [scene for scene, plays in night.by_scene().items() if state_of(plays) is State.FAIL]
    if night.verdict is Verdict.FAIL or failed:
        return Ship.NO, (f"Failed {rate_words(night.failures)}: {listing(failed)}.",)
    why = [] if night.verdict is Verdict.PASS else [_capital(night.reason)]
    if changes.gone:
        named = listing([f"{change.scene} ({change.before_night})" for change in changes.gone])
        why.append(f"Failed when it was last played, and not played to an end since: {named}.")
    if rig is Rig.UNWELL:
        why.append("The rig is not well.")
    if why:
        return Ship.NOT_PROVEN, tuple(why)
    bound = f"Failed {rate_words(night.failures)}; {_coverage(night)}."
    known = [play for play in night.plays if play.state is State.KNOWN]
    if not known:
        return Ship.YES, (bound,)
    classes = listing(sorted({cls for play in known for cls in play.classes}))
    return Ship.KNOWN, (f"The device still does what its rig file lists: {classes}.", bound)


def _coverage(night: Night) -> str:
    state = night.state
    if not state.of:
        return "how many classes of violation the rig can see is not known"
    return f"the rig can see {len(state.seen)} of {state.of} classes of violation"


def _new(changes: Changes) -> tuple[str, ...]:
    if changes.against is None:
        return ("There is no night before.",)
    told = [
        _named("Newly failing", changes.failing),
        _named("Fails otherwise than before", changes.classes),
        _named("Newly inconclusive", changes.inconclusive),
        _named("Got well", changes.well),
    ]
    if changes.first_played:
        told.append(f"Played for the first time: {listing(changes.first_played)}.")
    if changes.not_played:
        told.append(f"Not played this time: {listing(changes.not_played)}.")
    return tuple(text for text in told if text) or ("Nothing.",)


def _named(what: str, changes: Sequence[Change]) -> str:
    return f"{what}: {'; '.join(map(change_words, changes))}." if changes else ""


def change_words(change: Change) -> str:
    """`portland/kitchen (in 2 of 14 plays, new: V04)`."""
    told = []
    if change.now is State.FAIL:
        told.append(_failures(change))
    if change.classes:
        told.append(f"new: {' '.join(change.classes)}")
    if change.by_luck is not None:
        plays = count(sum(play.kind.conclusive for play in change.plays), "play")
        told.append(f"no failure in {plays}; by luck alone {percent(change.by_luck)} % of the time")
    return f"{change.scene} ({', '.join(told)})" if told else change.scene


def _failures(change: Change) -> str:
    failed = sum(play.state is State.FAIL for play in change.plays)
    return f"in {failed} of {count(len(change.plays), 'play')}"


def _rig(nights: Sequence[Night]) -> tuple[Rig, tuple[str, ...]]:
    night = nights[-1]
    found = [_found(each, len(night.plays)) for each in night.examinations]
    told = [*found, f"{_capital(_coverage(night))}.", *_lost(nights), *_broken(night)]
    calibration = night.state.calibration
    told.append(f"Calibration: {calibration or 'the rig names none'}.")
    last = night.examinations[-1].trouble if night.examinations else None
    if last is not None or "taken out of service" in night.reason:
        return Rig.UNWELL, tuple(told)
    if not night.examinations:
        return Rig.NOT_EXAMINED, ("No examination is on record beside the plays' own.", *told)
    return Rig.WELL, tuple(told)


def _found(examination: Examination, plays: int) -> str:
    after = examination.after
    when = "Before the night" if after == 0 else f"After play {after}"
    when = "After the night" if after == plays and after else when
    return f"{when}: {examination.trouble or 'every control held'}."


def _lost(nights: Sequence[Night]) -> list[str]:
    """Classes that the rig could see the night before, and cannot now."""
    earlier = [night for night in nights[:-1] if night.state.of]
    if not earlier or not nights[-1].state.of:
        return []
    seen = nights[-1].state.seen
    lost = [cls for cls in earlier[-1].state.seen if cls not in seen]
    return [f"Could be seen before and cannot now: {listing(lost)}."] if lost else []


def _broken(night: Night) -> list[str]:
    """The controls that broke in plays, most often first."""
    counted = Counter(name for play in night.plays for name in play.broken)
    if not counted:
        return []
    told = listing([f"{name} in {number}" for name, number in counted.most_common()])
    return [f"Controls that broke in plays: {told}."]


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
