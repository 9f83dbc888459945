"""Goes on with a causal test that was cut short: what was played counts, the rest is played.

The order was drawn from the seed before the first play, so nothing that has been seen since decides
which play comes next. A play that an interrupt cut short is made again in the same arm, and named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

from harness.bench.rig import Rig
from harness.errors import UserError
from harness.evidence.folder import with_clips_by_name
from harness.evidence.read import read_case
from harness.model.case import Case, RigFacts
from harness.model.cause import Arm, CausePlan
from harness.model.record import rounded
from harness.model.script import Script
from harness.model.series import StopReason
from harness.series.cause.ledger import folder_of, judged_again, read_cause, setup_of
from harness.series.cause.order import draw_order
from harness.series.cause.verdict import CUT_SHORT, Played, Setup
from harness.series.play import facts_of

_NAMES = tuple(each.name for each in fields(Setup))


@dataclass(frozen=True, slots=True)
class Begun:
    """A test that was cut short: what was known before it began, the folder that its record is
    named after, the plays that stand, and the folders of those that are made again.
    """

    setup: Setup
    named: Path
    played: tuple[Played, ...] = ()
    made_again: tuple[str, ...] = ()

    @property
    def plan(self) -> CausePlan:
        """As it was planned."""
        return self.setup.plan


def take_up(path: Path) -> Begun:
    """What there is of the test in the file `path`; every play of it is judged again.

    Raises `UserError` where nothing is left to be played, `RigError` where a play is missing or not
    the one that was counted.
    """
    recorded = read_cause(path)
    if recorded.stop is StopReason.PLAYED:
        raise UserError(f"{path}: this test came to its end; --again makes it again from its plays")
    if recorded.order != draw_order(recorded.plan):
        raise UserError(f"{path}: its order is not what its seed draws; begin a test anew")
    plays, again = recorded.plays, recorded.made_again
    interrupted = recorded.stop is StopReason.INTERRUPTED
    if interrupted and plays and plays[-1].left_out == CUT_SHORT:
        plays, again = plays[:-1], (*again, plays[-1].evidence)
    played = tuple(judged_again(path.parent, play) for play in plays)
    return Begun(setup_of(recorded), folder_of(path), played, again)


def check_the_same(begun: Begun, setup: Setup, scripts: Mapping[Arm, Script], rig: Rig) -> None:
    """Raise `UserError` where scene or rig are not those that a test was begun with."""
    if other := [name for name in _NAMES if _differs(name, setup, begun.setup)]:
        raise UserError(
            f"{begun.named}: this test was begun with another {' and another '.join(other)}; go on "
            "with the same scene and rig, or begin a test anew"
        )
    for play in begun.played:
        script = scripts[play.arm]
        if not is_of(read_case(play.folder, torn_end=True), script, facts_of(rig, script)):
            raise UserError(
                f"{play.folder}: scene or rig have changed since this play: put them back as they "
                "were, or begin a test anew"
            )


def is_of(case: Case, script: Script, facts: RigFacts) -> bool:
    """Was the case, as it was read from its folder, played with this script on this rig?"""
    # How old a profile is, is told there; that alone may change.
    kept, now = replace(case.rig, idle=""), replace(facts, idle="")
    return (case.script, kept) == (rounded(with_clips_by_name(script)), rounded(now))


def _differs(name: str, setup: Setup, before: Setup) -> bool:
    return bool(rounded(getattr(setup, name)) != rounded(getattr(before, name)))
