"""A night on a rig: scenes drawn by weight, a journal that outlives a power cut, a summary."""

from harness.series.soak.journal import Journal, PlayLine
from harness.series.soak.night import Ended, Night, Player, examine_rig, run_night
from harness.series.soak.plan import SoakPlan, load_soak_plan
from harness.series.soak.summary import Summary, summary_of

__all__ = [
    "Ended",
    "Journal",
    "Night",
    "PlayLine",
    "Player",
    "SoakPlan",
    "Summary",
    "examine_rig",
    "load_soak_plan",
    "run_night",
    "summary_of",
]
