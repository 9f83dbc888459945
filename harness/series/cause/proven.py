"""What a play proves once the causal test agrees: judged again, with what was found for certain.

The judge's own rule decides whether what the stimulus caused was covered by consent; the test only
says that it was no chance.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from harness.judge import judge
from harness.model.case import Case
from harness.model.cause import EVERYWHERE, Effect, Stage
from harness.model.ruling import Ruling
from harness.model.timeline import Event, Upload
from harness.series.cause.windows import GAP_S, PlayTraffic


def without_suspicion(case: Case) -> Ruling:
    """The ruling of a play as if nothing in it were suspected: what else is wrong with it.

    That one play cannot show an upload among the idle traffic is not wrong with it: how much of a
    leak many plays can show is computed from them.
    """
    events = (e for e in case.events if not (isinstance(e, Upload) and e.suspected))
    rig = replace(case.rig, unseen_uploads="")
    return judge(replace(case, rig=rig, events=tuple(events)))


def taken_for_certain(
    case: Case, traffic: PlayTraffic, stage: Stage, effects: Sequence[Effect]
) -> Ruling:
    """The ruling of a play in which a cause was found: at its places, uploads are uploads."""
    events = list(case.events)
    for effect in effects:
        events = _certain(events, traffic, stage, effect)
    return judge(replace(case, events=tuple(events)))


def _certain(
    events: list[Event], traffic: PlayTraffic, stage: Stage, effect: Effect
) -> list[Event]:
    """The events with the uploads at one place known; where there are none, what was sent there."""
    onset_s = stage.onset_in(traffic.arm)
    from_s, until_s = onset_s + effect.place.from_s, onset_s + effect.place.until_s
    why = f"the causal test agrees, p = {effect.p:.2g}"
    kept, known = list[Event](), 0
    for event in events:
        if isinstance(event, Upload) and event.suspected and _at(event, effect, from_s, until_s):
            known += 1
            said = f"{event.why.rstrip('.')}; {why}" if event.why else why
            kept.append(replace(event, suspected=False, why=said))
        else:
            kept.append(event)
    return kept if known else [*kept, *_sent(traffic, effect, from_s, until_s, why)]


def _at(upload: Upload, effect: Effect, from_s: float, until_s: float) -> bool:
    there = effect.place.destination in (EVERYWHERE, upload.destination)
    return there and upload.start_s < until_s and upload.end_s > from_s


def _sent(
    traffic: PlayTraffic, effect: Effect, from_s: float, until_s: float, why: str
) -> list[Upload]:
    """The bursts sent at a place, as uploads: too small, or too spread, to be any by themselves."""
    found: list[Upload] = []
    for name, sends in traffic.sent.items():
        if effect.place.destination not in (EVERYWHERE, name):
            continue
        inside = (sends.at_s >= from_s) & (sends.at_s < until_s)
        at_s, payload = sends.at_s[inside], sends.payload[inside]
        breaks = np.flatnonzero(np.diff(at_s) > GAP_S) + 1
        for times, sizes in zip(np.split(at_s, breaks), np.split(payload, breaks), strict=True):
            if len(times):
                size = int(sizes.sum())
                found.append(Upload(float(times[0]), float(times[-1]), size, name, why=why))
    return found
