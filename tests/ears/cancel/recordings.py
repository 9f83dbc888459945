"""Recordings of a room to take what was played out of, and what came of it."""

from collections.abc import Mapping
from itertools import pairwise

import numpy as np

from benchmarks.ears_rooms import (
    Room,
    Truth,
    cancellations_db,
    now_and_then,
    talk,
)
from harness.bench.ports.sound import Samples
from harness.ears.cancel import (
    RATE_HZ,
    Cancelled,
    Canceller,
    Doubt,
)
from harness.ears.cancel.stretches import STRETCH

SECONDS = 14.0
TABLE = {"table": talk("af_heart", SECONDS)}
BOTH = {**TABLE, "counter": talk("am_michael", SECONDS)}
DEVICE = now_and_then(np.roll(talk("af_bella", SECONDS), 30_000), RATE_HZ)
ROOM = Room(t60_s=0.3)


def in_pieces(
    made: Canceller, recording: Samples, references: Mapping[str, Samples], cuts: list[int]
) -> Cancelled:
    """The result of handing over pieces, put together again."""
    bounds = [0, *sorted(cuts), len(recording)]
    out = [
        made.push(recording[a:b], {name: samples[a:b] for name, samples in references.items()})
        for a, b in pairwise(bounds)
    ]
    out.append(made.finish())
    at = 0
    for one in out:
        assert one.start == at and len(one.residual) == len(one.stimulus)
        at += len(one.residual)
    return Cancelled(
        0,
        np.concatenate([one.residual for one in out]),
        np.concatenate([one.stimulus for one in out]),
        tuple(stretch for one in out for stretch in one.stretches),
    )


def doubts(found: Cancelled, from_s: float = 0.0, to_s: float = 1e9) -> set[Doubt]:
    return {d for s in found.stretches if from_s <= s.start_s < to_s for d in s.doubts}


def late(truth: Truth, found: Cancelled, from_s: float = 5.0) -> list[float]:
    """The true cancellation of each stretch from a time on."""
    skipped = round(from_s * RATE_HZ / STRETCH)
    return cancellations_db(truth, found.residual, STRETCH)[skipped:]
