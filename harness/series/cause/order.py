"""Which play is which: drawn before anything is played, so that no device decides it."""

from collections.abc import Sequence

import numpy as np

from harness.errors import UserError
from harness.model.cause import Arm, CausePlan
from harness.series.cause.permutation import orders


def draw_order(plan: CausePlan) -> tuple[Arm, ...]:
    """The arms of all plays, as equally many of each as can be, in an order drawn from the seed.

    Raises `UserError` where so few plays could never come to the p-value asked for.
    """
    arms = [plan.arms[n % len(plan.arms)] for n in range(plan.plays)]
    least = 1 / orders(arms)
    if least > plan.alpha:
        raise UserError(
            f"{plan.plays} plays can come to p = {least:.2g} at best, and {plan.alpha:g} is asked "
            f"for: ask for {_enough(plan)} plays or more"
        )
    drawn = order_rng(plan).permutation(len(arms))
    return tuple(arms[n] for n in drawn.tolist())


def draw_pauses(plan: CausePlan) -> tuple[float, ...]:
    """How long (s) is waited before each play. Otherwise what was said in one play, which may make
    it longer, would decide at which time of the next one a device does what it does by the clock.
    """
    drawn = np.random.default_rng([plan.seed, 2]).uniform(0.0, plan.pause_s, plan.plays)
    return tuple(drawn.tolist())


def order_rng(plan: CausePlan) -> np.random.Generator:
    """What the order is drawn from."""
    return np.random.default_rng([plan.seed, 0])


def resampling_rng(plan: CausePlan) -> np.random.Generator:
    """What the test resamples by: the same seed gives the same ruling."""
    return np.random.default_rng([plan.seed, 1])


def _enough(plan: CausePlan) -> int:
    """The fewest plays that can come to the p-value asked for."""
    arms: Sequence[Arm] = plan.arms
    plays = plan.plays
    while 1 / orders([arms[n % len(arms)] for n in range(plays)]) > plan.alpha:
        plays += 1
    return plays
