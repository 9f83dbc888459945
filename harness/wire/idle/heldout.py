"""False alarms counted where nobody listened: thresholds from some hours, alarms in the others."""

from collections.abc import Callable, Sequence

from harness.wire.idle.profile import Destination, Peak, Profile, Tail

_PARTS = 4
_SAME_ALARM_S = 60.0
Span = tuple[float, float]
Relearn = Callable[[Sequence[Destination], float], list[Destination]]


def held_out_alarms(profile: Profile, relearn: Relearn) -> int:
    """Alarms in each quarter of the time, with thresholds made from the other three.

    What goes beyond several thresholds within a minute is one alarm. A destination that only this
    quarter knows is a stranger in it. `relearn`: destinations with thresholds, from their tails and
    the time (s) that these stand for.
    """
    times = [p.at_s for each in profile.destinations for t in each.tails for p in t.largest]
    edge_s = (max(times, default=0.0) + 1.0) / _PARTS
    alarms = 0
    for part in range(_PARTS):
        span = part * edge_s, (part + 1) * edge_s
        rest = [_part(each, span, inside=False) for each in profile.destinations]
        learnt = relearn(rest, profile.captured_s * (1 - 1 / _PARTS))
        for known, limits in zip(profile.destinations, learnt, strict=True):
            alarms += _alarms(_part(known, span, inside=True), limits, profile.stranger_bytes)
    return alarms


def _alarms(known: Destination, learnt: Destination, stranger_bytes: int) -> int:
    """Of what one quarter holds of a destination, against what the others have taught."""
    strange = not any(tail.largest for tail in learnt.tails)
    at_s: set[float] = set()
    for limit in learnt.thresholds:
        tail = known.tail(limit.window_s, limit.clip_bytes)
        if tail is None or (strange and limit.clip_bytes is not None):
            continue
        most = stranger_bytes if strange else limit.bytes
        at_s |= {peak.at_s for peak in tail.largest if peak.bytes > most}
    count, last_s = 0, -_SAME_ALARM_S
    for when_s in sorted(at_s):
        if when_s - last_s >= _SAME_ALARM_S:
            count, last_s = count + 1, when_s
    return count


def _part(known: Destination, span: Span, *, inside: bool) -> Destination:
    """The same with the peaks of a span of time only, or without them."""
    tails = tuple(_tail(tail, span, inside) for tail in known.tails)
    return known.model_copy(update={"tails": tails})


def _tail(tail: Tail, span: Span, inside: bool) -> Tail:
    def wanted(peak: Peak) -> bool:
        return (span[0] <= peak.at_s < span[1]) is inside

    return tail.model_copy(update={"largest": tuple(filter(wanted, tail.largest))})
