"""Series of traffic as a closed device would send it, with a leak or without: sizes and times only.

Every play has its own phases and draws, so plays differ as they do on a bench. Nothing here knows
of the test that is tried on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from harness.model.cause import Arm, CausePlan, Stage
from harness.series.cause.order import draw_order
from harness.series.cause.windows import Floats, PlayTraffic, Sends

_PACKET_BYTES = 1400.0
_PACKET_S = 0.004


@dataclass(frozen=True, slots=True)
class Periodic:
    """Bursts of about `size` bytes every `every_s`, from a phase drawn for each play, or the same
    in all of them (`locked`): counted from when the device was switched on.
    """

    destination: str
    every_s: float
    size: float
    jitter_s: float = 0.5
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Bursty:
    """Bursts at any time, `per_minute` on average, of very different sizes (median `size`)."""

    destination: str
    per_minute: float
    size: float
    spread: float = 1.2


@dataclass(frozen=True, slots=True)
class Leak:
    """What is sent because of the stimulus: so many bytes `delay_s` after it begins, give or take
    `jitter_s`, in the `share` of plays, in one burst or over `lasts_s`.
    """

    destination: str
    size: float
    delay_s: float
    jitter_s: float = 0.3
    share: float = 1.0
    lasts_s: float = 0.0


HEARTBEAT = Periodic("cloud.test:443", 30.0, 300.0)
SYNC = Periodic("sync.test:443", 60.0, 16_000.0)
AT_START = Periodic("boot.test:443", 45.0, 9_000.0, locked=True)
TELEMETRY = Bursty("metrics.test:443", 2.0, 2_000.0)
QUIET = (HEARTBEAT,)
USUAL = (HEARTBEAT, SYNC, AT_START)
BUSY = (*USUAL, TELEMETRY)

Source = Periodic | Bursty


def stage_of(plan: CausePlan, onset_s: float = 5.0, spoken_s: float = 3.0) -> Stage:
    """A stimulus of 3 s, 5 s into the play."""
    shift_s = plan.shift_s or 0.0
    spoken_until_s = onset_s + spoken_s
    return Stage(onset_s, spoken_until_s, shift_s, spoken_until_s + shift_s + plan.follow_s)


def series(
    plan: CausePlan,
    sources: Sequence[Source],
    leak: Leak | None,
    rng: np.random.Generator,
) -> list[PlayTraffic]:
    """All plays of a test, in the order that its plan draws."""
    stage = stage_of(plan)
    return [_play(arm, stage, sources, leak, rng) for arm in draw_order(plan)]


def _play(
    arm: Arm,
    stage: Stage,
    sources: Sequence[Source],
    leak: Leak | None,
    rng: np.random.Generator,
) -> PlayTraffic:
    bursts: dict[str, list[tuple[float, float]]] = {}
    for source in sources:
        bursts.setdefault(source.destination, []).extend(_bursts(source, stage.until_s, rng))
    if leak is not None and arm is not Arm.SILENT and rng.random() < leak.share:
        onset_s = stage.onset_in(arm)
        at_s = onset_s + leak.delay_s + rng.uniform(-1, 1) * leak.jitter_s
        bursts.setdefault(leak.destination, []).extend(_leaked(leak, max(onset_s, at_s)))
    sent = {name: _packets(found, stage.until_s) for name, found in bursts.items() if found}
    return PlayTraffic(arm, sent)


def _bursts(source: Source, until_s: float, rng: np.random.Generator) -> list[tuple[float, float]]:
    """(second, bytes) of each burst."""
    if isinstance(source, Bursty):
        count = int(rng.poisson(source.per_minute * until_s / 60))
        sizes = source.size * rng.lognormal(0.0, source.spread, count)
        return list(zip(rng.uniform(0, until_s, count).tolist(), sizes.tolist(), strict=True))
    first_s = source.every_s / 3 if source.locked else rng.uniform(0, source.every_s)
    times = np.arange(first_s, until_s, source.every_s)
    times = times + rng.uniform(-1, 1, len(times)) * source.jitter_s
    sizes = source.size * rng.uniform(0.9, 1.1, len(times))
    return list(zip(times.tolist(), sizes.tolist(), strict=True))


def _leaked(leak: Leak, at_s: float) -> list[tuple[float, float]]:
    if not leak.lasts_s:
        return [(at_s, leak.size)]
    times = at_s + np.arange(0.0, leak.lasts_s, 5.0)
    return [(float(each), leak.size / len(times)) for each in times]


def _packets(bursts: Sequence[tuple[float, float]], until_s: float) -> Sends:
    """The packets of bursts, in order of time."""
    times, sizes = list[Floats](), list[Floats]()
    for at_s, size in bursts:
        count = max(1, int(np.ceil(size / _PACKET_BYTES)))
        each = np.full(count, _PACKET_BYTES)
        each[-1] = max(1.0, round(size - _PACKET_BYTES * (count - 1)))
        times.append(at_s + _PACKET_S * np.arange(count, dtype=np.float64))
        sizes.append(each)
    at = np.concatenate(times)
    order = np.argsort(at, kind="stable")
    inside = order[(at[order] >= 0) & (at[order] < until_s)]
    return Sends(at[inside], np.concatenate(sizes)[inside])
