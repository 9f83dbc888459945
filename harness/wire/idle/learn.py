"""Idle traffic -> profile: tails, thresholds beyond them, and which uploads they let be seen."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np

from harness.errors import RigError
from harness.wire.idle.gather import SLOT_S, IdleTraffic
from harness.wire.idle.heldout import held_out_alarms
from harness.wire.idle.kinds import kinds_of
from harness.wire.idle.lanes import FarEnd
from harness.wire.idle.patterns import bursts_of, pattern_of
from harness.wire.idle.power import power_of
from harness.wire.idle.profile import (
    Destination,
    Pattern,
    Profile,
    Proof,
)
from harness.wire.idle.slots import Slots
from harness.wire.idle.tails import most_often, pooled, tail_of, threshold_of
from harness.wire.idle.told import why_unobservable
from harness.wire.idle.wishes import Wishes

_PAUSE_S = 1.0
_CLIP_BYTES = 256
_JUDGED = ((1.0, None), (2.0, None), (5.0, None), (10.0, None),
           (1.0, _CLIP_BYTES), (2.0, _CLIP_BYTES), (5.0, _CLIP_BYTES))  # fmt: skip
_BUDGETS_S = (30.0, 60.0, 120.0, 300.0, 600.0)
_LEAST_BYTES, _STRANGER_BYTES = 900, 1500
_MOST_DESTINATIONS = 2000
_APART = 3
"""Of the windows, so many alarm independently of each other: most of them together."""
_LEAST_S = 60.0
_WANTED = 0.99
_DAY_S = 86_400.0


@dataclass(slots=True)
class _Place:
    """One destination while it is put together."""

    far: FarEnd
    also: set[str] = field(default_factory=set)
    out: list[int] = field(default_factory=list)
    back: list[int] = field(default_factory=list)


def learn(
    traffic: IdleTraffic, device: str, firmware: str, on: date, wishes: Wishes | None = None
) -> Profile:
    """The profile of what a device sent while idle; `RigError` where that is too little to learn.

    `on`: the day on which it was captured.
    """
    wishes = wishes or Wishes()
    spans = traffic.spans()
    captured_s = sum(last - first for first, last in spans) * SLOT_S
    if captured_s < _LEAST_S:
        raise RigError(
            f"idle profile: {captured_s:.0f} s of traffic is too little to learn from; capture an "
            "hour at least, better a night"
        )
    places = _places(traffic)
    if len(places) > _MOST_DESTINATIONS:
        raise RigError(
            f"idle profile: the device talked to {len(places)} destinations, more than the "
            f"{_MOST_DESTINATIONS} that a profile holds; is it really idle, and one device?"
        )
    per_day = wishes.false_per_day / max(1, len(places) * _APART)
    drawn = np.random.default_rng(wishes.seed)
    bare = [_destination(place, traffic, spans, captured_s) for place in places]
    usual = _usual([known for known, _ in bare], captured_s, per_day)
    found = [(_judged(known, captured_s, per_day, usual), slots) for known, slots in bare]
    known = tuple(
        each.model_copy(update={"power": tuple(
            power_of(template, slots, spans, each.thresholds, SLOT_S, drawn)
            for template in wishes.looked_at()
        )})
        for each, slots in found
    )  # fmt: skip
    profile = Profile(
        idle_profile=1,
        device=device,
        firmware=firmware,
        learnt_on=on,
        captured_s=round(captured_s, 3),
        slot_s=SLOT_S,
        pause_s=_PAUSE_S,
        least_bytes=_LEAST_BYTES,
        stranger_bytes=_STRANGER_BYTES,
        wanted=_WANTED,
        destinations=known,
        kinds=kinds_of(traffic, spans[0][0], (1.0, 10.0, *_BUDGETS_S)),
    )
    return profile.model_copy(update={"proof": _proof(profile, wishes, per_day)})


def _places(traffic: IdleTraffic) -> list[_Place]:
    """Destinations with their lanes; an address without names joins the one host it stands for."""
    named: dict[tuple[str, int, int], _Place] = {}
    bare: list[tuple[int, FarEnd]] = []
    for number, lane in traffic.lanes.items():
        if lane.inward:
            continue
        if not lane.far.names:
            bare.append((number, lane.far))
            continue
        place = _place(named, lane.far)
        place.out.append(number)
        place.also |= {*lane.far.names, lane.far.address}
    by_address: dict[tuple[str, int, int], list[_Place]] = {}
    for place in named.values():
        for other in place.also:
            key = other, place.far.port, place.far.protocol
            by_address.setdefault(key, []).append(place)
    for number, far in bare:
        same = by_address.get((far.address, far.port, far.protocol), [])
        place = same[0] if len(same) == 1 else _place(named, far)
        place.out.append(number)
    for place in named.values():
        place.back = [n ^ 1 for n in place.out if n ^ 1 in traffic.lanes]
        place.back = [n for n in place.back if traffic.lanes[n].inward]
    return sorted(named.values(), key=lambda p: (p.far.host, p.far.port, p.far.protocol))


def _place(places: dict[tuple[str, int, int], _Place], far: FarEnd) -> _Place:
    return places.setdefault((far.host, far.port, far.protocol), _Place(far))


def _destination(
    place: _Place,
    traffic: IdleTraffic,
    spans: Sequence[tuple[int, int]],
    captured_s: float,
) -> tuple[Destination, Slots]:
    out, packets = traffic.of_lanes(place.out)
    back, _ = traffic.of_lanes(place.back)
    from_slot = spans[0][0]
    judged = [tail_of(out, window_s, clip, SLOT_S, from_slot) for window_s, clip in _JUDGED]
    budgets = [tail_of(out, window_s, None, SLOT_S, from_slot) for window_s in _BUDGETS_S]
    first = int(out.at[0]) if len(out.at) else from_slot
    pause = round(_PAUSE_S / SLOT_S)
    sent, received = bursts_of(out, pause, SLOT_S), bursts_of(back, pause, SLOT_S)
    return Destination(
        host=place.far.host,
        also=tuple(sorted(place.also - {place.far.host})),
        port=place.far.port,
        protocol=place.far.protocol,
        pattern=pattern_of(sent, received, len(out.at) * SLOT_S / captured_s),
        first_s=round((first - from_slot) * SLOT_S, 3),
        packets_out=packets,
        bytes_out=int(out.bytes.sum()),
        bytes_in=int(back.bytes.sum()),
        bursts=sent,
        received=received,
        tails=(*judged, *budgets),
    ), out


Usual = dict[tuple[float, int | None], int]


def _usual(known: Sequence[Destination], captured_s: float, per_day: float) -> Usual:
    """What traffic of this device does not go beyond, wherever it goes, by window."""
    usual = {}
    for window_s, clip in _JUDGED:
        calm = [d.tail(window_s, clip) for d in known if d.pattern is not Pattern.PADDED]
        tails = [tail for tail in calm if tail is not None]
        if tails:
            all_of_it = threshold_of(pooled(tails), captured_s, per_day, _LEAST_BYTES)
            usual[window_s, clip] = all_of_it.bytes
    return usual


def _judged(known: Destination, captured_s: float, per_day: float, usual: Usual) -> Destination:
    """With thresholds."""
    limits = [
        threshold_of(tail, captured_s, per_day, _LEAST_BYTES, usual.get((window_s, clip)))
        for window_s, clip in _JUDGED
        if (tail := known.tail(window_s, clip)) is not None
    ]
    return known.model_copy(update={"thresholds": tuple(limits)})


def _proof(profile: Profile, wishes: Wishes, per_day: float) -> Proof:
    def relearn(known: Sequence[Destination], captured_s: float) -> list[Destination]:
        usual = _usual(known, captured_s, per_day)
        return [_judged(each, captured_s, per_day, usual) for each in known]

    alarms = held_out_alarms(profile, relearn)
    promised = wishes.promised()
    surely = [
        power.surely
        for known in profile.destinations
        for power in known.power
        if power.template in promised
    ]
    unobservable = why_unobservable(profile, promised)
    expected = sum(
        _APART / len(_JUDGED) * sum(t.false_per_day for t in each.thresholds)
        for each in profile.destinations
    )
    return Proof(
        goal_per_day=wishes.false_per_day,
        false_per_day=float(f"{expected:.3g}"),
        held_out_alarms=alarms,
        false_per_day_bound=round(most_often(alarms, profile.captured_s / _DAY_S), 3),
        promised=promised,
        surely=min(surely, default=0.0 if unobservable else 1.0),
        unobservable=unobservable,
    )
