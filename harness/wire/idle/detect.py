"""Packets of a play against the profile: what is more than idle, from when to when, and why.

Each destination is held against its own thresholds, by all its bytes and by its sustained ones.
What goes beyond any is narrowed to the packets that make it so: the stretch that carries most bytes
over half the rate found (a change point, as in CUSUM). It is taken out, and the rest looked at
again.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from harness.model.timeline import Upload
from harness.wire.idle.lanes import FarEnd
from harness.wire.idle.profile import Destination, Profile, Threshold
from harness.wire.idle.slots import Numbers, Slots
from harness.wire.idle.told import size_told, time_told

_STRANGER_S = 10.0
_DRIFT = 0.5
_SHORTEST_S = 0.05
_WITHOUT_PAUSE = 2.0
"""Windows of so many pauses tell a burst; what only longer ones tell may have pauses."""
_SELDOM_PER_DAY = 1e-3
Weights = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Sent:
    """What went to one far end: Unix times (ns, ascending) and payload bytes of packets.

    `where`: what an upload to it calls its destination.
    """

    far: FarEnd
    where: str
    ns: Numbers
    payload: Numbers


@dataclass(frozen=True, slots=True)
class _Beyond:
    """A window that goes beyond its threshold."""

    from_slot: int
    until_slot: int
    threshold: Threshold
    bytes: int


def uploads_beyond(profile: Profile, sent: Sequence[Sent]) -> list[Upload]:
    """Uploads, suspected ones, in the order of their beginnings; times are Unix times (s)."""
    found: list[Upload] = []
    for number, lanes in _by_destination(profile, sent).items():
        known = profile.destinations[number] if isinstance(number, int) else None
        found += list(_of_destination(profile, known, lanes))
    return sorted(found, key=lambda upload: (upload.start_s, upload.end_s, upload.destination))


def _by_destination(
    profile: Profile, sent: Sequence[Sent]
) -> dict[int | tuple[str, int, int], list[Sent]]:
    """Those to one destination together: by its number, a stranger by what it is called."""
    groups: dict[int | tuple[str, int, int], list[Sent]] = {}
    for each in sent:
        far = each.far
        number = profile.meant(far.names, far.address, far.port, far.protocol)
        key = (far.host, far.port, far.protocol) if number is None else number
        groups.setdefault(key, []).append(each)
    return groups


def _of_destination(
    profile: Profile, known: Destination | None, lanes: Sequence[Sent]
) -> Iterator[Upload]:
    ns = np.concatenate([lane.ns for lane in lanes])
    order = np.argsort(ns, kind="stable")
    ns, payload = ns[order], np.concatenate([lane.payload for lane in lanes])[order]
    opened = np.concatenate([np.full(len(lane.ns), lane.ns[0]) for lane in lanes])[order]
    limits = known.thresholds if known is not None else (_stranger(profile),)
    where = lanes[0].where
    for region in _regions(ns, payload, limits, profile):
        left = region
        while (beyond := _shortest(ns[left], payload[left], limits, profile)) is not None:
            chosen = _narrowed(ns, payload, left, beyond, profile)
            chosen = _from_opening(ns, opened, left, chosen, profile)
            yield _upload(profile, known, where, ns[chosen], payload[chosen], beyond)
            left = np.setdiff1d(left, chosen, assume_unique=True)


def _stranger(profile: Profile) -> Threshold:
    return Threshold(window_s=_STRANGER_S, bytes=profile.stranger_bytes, false_per_day=0.0)


def _slots(ns: Numbers, payload: Numbers, profile: Profile) -> Slots:
    return Slots.of(ns // round(profile.slot_s * 1e9), payload)


def _regions(
    ns: Numbers, payload: Numbers, limits: Sequence[Threshold], profile: Profile
) -> list[Numbers]:
    """Lines of the packets in and around windows beyond a threshold, those that touch together."""
    slots, pause = _slots(ns, payload, profile), round(profile.pause_s / profile.slot_s)
    spans = []
    for limit in limits:
        width = round(limit.window_s / profile.slot_s)
        over = slots.clipped(limit.clip_bytes).sums(width) > limit.bytes
        spans += [(at - pause, at + width + pause) for at in slots.at[over].tolist()]
    slot_of = ns // round(profile.slot_s * 1e9)
    regions, merged = [], list[tuple[int, int]]()
    for low, high in sorted(spans):
        if merged and low <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(high, merged[-1][1])
        else:
            merged.append((low, high))
    for low, high in merged:
        regions.append(np.arange(*np.searchsorted(slot_of, [low, high])))
    return regions


def _shortest(
    ns: Numbers, payload: Numbers, limits: Sequence[Threshold], profile: Profile
) -> _Beyond | None:
    """The shortest window beyond its threshold, which tells best when: of several the fullest."""
    slots = _slots(ns, payload, profile)
    found = []
    for limit in limits:
        width = round(limit.window_s / profile.slot_s)
        sums = slots.clipped(limit.clip_bytes).sums(width)
        if len(sums) and (most := int(sums.max())) > limit.bytes:
            at = int(slots.at[int(np.argmax(sums))])
            found.append(_Beyond(at, at + width, limit, most))
    return min(
        found,
        key=lambda each: (each.threshold.window_s, -each.bytes / max(1, each.threshold.bytes)),
        default=None,
    )


def _narrowed(
    ns: Numbers, payload: Numbers, left: Numbers, beyond: _Beyond, profile: Profile
) -> Numbers:
    """Lines of `left` that make up the upload in that window, and of what goes on around it."""
    slot_of = ns[left] // round(profile.slot_s * 1e9)
    counted = _counted(slot_of, payload[left], beyond.threshold.clip_bytes)
    inside = (slot_of >= beyond.from_slot) & (slot_of < beyond.until_slot)
    if beyond.threshold.window_s <= _WITHOUT_PAUSE * profile.pause_s:
        pauses = np.diff(ns[left], prepend=ns[left[0]]) > round(profile.pause_s * 1e9)
        burst = np.cumsum(pauses)
        fullest = np.argmax(np.bincount(burst, weights=counted * inside))
        left, counted, inside = (each[burst == fullest] for each in (left, counted, inside))
    times_s = (ns[left] - ns[left[0]]).astype(np.float64) / 1e9
    span_s = max(_SHORTEST_S, float(np.ptp(times_s[inside])))
    first, last = densest(times_s, counted, _DRIFT * float(counted[inside].sum()) / span_s)
    return left[first : last + 1]


def _counted(slot_of: Numbers, payload: Numbers, clip: int | None) -> Weights:
    """Bytes of packets as a threshold counts them: those of a full slot by their share of it."""
    if clip is None:
        return payload.astype(np.float64)
    _, which = np.unique(slot_of, return_inverse=True)
    share = np.minimum(1.0, clip / np.bincount(which, weights=payload))
    counted: Weights = payload.astype(np.float64) * share[which]
    return counted


def _from_opening(
    ns: Numbers, opened: Numbers, left: Numbers, chosen: Numbers, profile: Profile
) -> Numbers:
    """With what opened a connection, where that was opened for this upload."""
    began = ns[chosen[0]]
    for_it = opened[chosen]
    for_it = for_it[(for_it <= began) & (for_it > began - round(profile.pause_s * 1e9))]
    if len(for_it) == 0:
        return chosen
    first = int(for_it.min())
    of_it = (opened[left] >= first) | (left >= chosen[0])
    wanted: Numbers = left[of_it & (ns[left] >= first) & (left <= chosen[-1])]
    return wanted


def densest(times_s: Weights, counts: Weights, rate: float) -> tuple[int, int]:
    """First and last line of the stretch with most bytes over `rate` (bytes/s) of its duration."""
    best, begin, total, found = -1.0, 0, 0.0, (0, 0)
    for line, count in enumerate(counts.tolist()):
        if line:
            total -= rate * float(times_s[line] - times_s[line - 1])
        if total <= 0.0:
            begin, total = line, 0.0
        total += count
        if total > best:
            best, found = total, (begin, line)
    return found


def _upload(
    profile: Profile,
    known: Destination | None,
    where: str,
    ns: Numbers,
    payload: Numbers,
    beyond: _Beyond,
) -> Upload:
    start_s, end_s, count = int(ns[0]) / 10**9, int(ns[-1]) / 10**9, int(payload.sum())
    what = f"{size_told(count)} in {time_told(round(end_s - start_s, 2))} to {where}"
    if end_s - start_s >= 1.0:
        what = (
            f"{size_told(count / (end_s - start_s))}/s for {time_told(round(end_s - start_s, 1))} "
            f"to {where}"
        )
    return Upload(
        start_s, end_s, count, where, why=f"{what}; {_idle(profile, known, beyond)}",
        suspected=True,
    )  # fmt: skip


def _idle(profile: Profile, known: Destination | None, beyond: _Beyond) -> str:
    """What it is held against."""
    hours = time_told(profile.captured_s)
    if known is None:
        return f"in {hours} idle it never talked to that place"
    limit = beyond.threshold
    tail = known.tail(limit.window_s, limit.clip_bytes)
    most = 0 if tail is None else tail.most
    clip = limit.clip_bytes
    how = "" if clip is None else f" ({clip} B at most counted in each {profile.slot_s:g} s)"
    return (
        f"in {hours} idle it never sent more than {size_told(most)} in {limit.window_s:g} s{how}, "
        f"here {size_told(beyond.bytes)}; more than {size_told(limit.bytes)} is expected of idle "
        f"traffic {_how_often(limit.false_per_day)}"
    )


def _how_often(per_day: float) -> str:
    if per_day < _SELDOM_PER_DAY:
        return "less than once in 1000 days"
    return f"once in {1 / per_day:.0f} days" if per_day < 0.5 else f"{per_day:.2g} times a day"
