"""The hours themselves: blocks as a night's plays, a record of each, and what they came to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.clock import Clock
from harness.series.background.block import BlockPlayer, clear_recordings, scene_of
from harness.series.background.plan import Plan
from harness.series.background.records import Keeper, Reads, read_aloud
from harness.series.background.totals import Totals, totals_of
from harness.series.background.woken import BlockRecord
from harness.series.soak.journal import HeadLine, Journal, PlayLine
from harness.series.soak.night import Ended, Night, Player, run_night


@dataclass(frozen=True, slots=True)
class Hours:
    """What to play, and on what terms.

    `out`: the run's folder. `wake`: the rig's wake word. `speech_db`: its speech level. `budget`:
    activations in 24 h. `until_s`, `blocks`, `disk_bytes`: as for a night. `told`: called with each
    block that is over. `reads`: writes down what is said in a sound.
    """

    out: Path
    plan: Plan
    wake: str
    speech_db: float
    budget: float
    until_s: float
    blocks: int | None = None
    disk_bytes: int | None = None
    told: Callable[[BlockRecord], None] = field(default=lambda _: None)
    reads: Reads = read_aloud


def play_hours(hours: Hours, head: HeadLine, player: Player, clock: Clock) -> tuple[Totals, Ended]:
    """Go on with a run from where its journal stands; what it has come to, and why it ended."""
    out, plan = hours.out, hours.plan
    keeper = Keeper(out, plan, hours.wake, hours.reads)

    def kept(line: PlayLine) -> None:
        hours.told(keeper.keep(line))

    journal = Journal(out, head)
    try:
        clear_recordings(out)
        # Records that were still to be made when the harness died: before anything is thinned.
        for line in journal.plays:
            keeper.keep(line)
        night = Night(
            out,
            lambda number: scene_of(out, plan, number),
            hours.until_s,
            hours.blocks,
            hours.disk_bytes,
            kept,
        )
        blocks = BlockPlayer(player, plan, hours.speech_db)
        ended, why = run_night(night, journal, blocks, clock)
        records = [keeper.keep(line) for line in journal.plays]
    finally:
        journal.close()
    return totals_of(records, plan.audio_s / 3600, hours.budget, ended, why), ended
